"""Whether what a box signed is news: a broker may repeat it for ever, and no repetition is a sign of life."""

from typing import Literal

from clinic.fleet.models import BootClock, BootHeard

Kind = Literal["hello_ms", "state_ms"]


def is_news(device_id: str, boot: str, kind: Kind, monotonic_ms: int) -> bool:
    """Whether it is later than all of its kind that was heard of its boot, and no other boot has begun since.

    It counts as heard then. What was never heard is believed to be of now: a broker that holds it back can say so.
    """
    known = BootHeard.objects.filter(device_id=device_id, boot=boot).first()
    if known is None and BootClock.objects.filter(device_id=device_id, boot=boot).exists():
        return False  # the next boot's hello spoke of it
    if known is None:
        BootHeard.objects.filter(device_id=device_id, over=False).update(over=True)
        BootHeard.objects.create(device_id=device_id, boot=boot, **{kind: monotonic_ms})
        return True
    last_ms = getattr(known, kind)
    if known.over or (last_ms is not None and monotonic_ms <= last_ms):
        return False
    BootHeard.objects.filter(pk=known.pk).update(**{kind: monotonic_ms})
    return True
