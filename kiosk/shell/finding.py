"""One line of a self-test, as staff read it."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    fine: bool
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def as_line(self) -> str:
        mark = "ok  " if self.fine else "FAIL"
        return f"{mark} {self.name}: {self.detail}" + (f" -> {self.remedy}" if not self.fine and self.remedy else "")
