"""What breaks a schedule: something that must always hold does not."""


class Broken(AssertionError):
    """Something that must always hold does not."""


def must(holds: bool, what: str) -> None:  # noqa: FBT001  # reads as a sentence
    if not holds:
        raise Broken(what)
