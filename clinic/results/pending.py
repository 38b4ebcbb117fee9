"""What a box still keeps that the ledger has not, by its last hello."""

from clinic.fleet.models import Device, Hello
from clinic.results.models import LedgerRow


def pending(device: Device) -> int | None:
    """Reports said to be kept and not here; None when the box has never said hello."""
    try:
        hello: Hello = device.hello
    except Hello.DoesNotExist:
        return None
    return sum(_missing(device, keep["stream"], keep["epoch"], keep["last"]) for keep in hello.keeps)


def _missing(device: Device, stream: str, epoch: str, last: int) -> int:
    here = LedgerRow.objects.filter(device=device, stream=stream, epoch=epoch, seq__range=(1, last)).count()
    return max(0, last - here)
