"""A control that must lose: the same cuts on a card that keeps nothing of what it flushes."""

from tests.appliance import cuts, joining
from tests.appliance.qmp import EmulatorError
from tests.appliance.table import Row

COUNT = 4


def control(say: joining.Say) -> list[Row]:
    """The same session on a card that calls a flush done and does nothing. Raises EmulatorError: nothing was lost."""
    lost = sum(row.lost for row in cuts.read_cuts(say, COUNT, lies=True))
    if not lost:
        raise EmulatorError("a card that keeps nothing lost nothing: the test of the cuts sees nothing")
    return [Row("control: a card that lies about its flushes", f"{lost} reports lost in {COUNT} cuts, as it must", 0)]
