"""Whether what a box signed is news: a broker may repeat it for ever, and no repetition is a sign of life.

And whether two machines speak under one name: a boot that is over, and is heard later in itself than ever before.
"""

from typing import Literal

from clinic.fleet.models import BootClock, BootHeard, Device

Kind = Literal["hello_ms", "state_ms"]
APART_MS = 60_000
"""So much may have been under way when the box was switched off and on."""


def is_news(device_id: str, boot: str, kind: Kind, monotonic_ms: int, received_ms: int) -> bool:
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
    last_ms: int | None = getattr(known, kind)
    if last_ms is not None and monotonic_ms <= last_ms:
        return False
    if known.over and (last_ms is None or monotonic_ms < last_ms + APART_MS):
        return False
    BootHeard.objects.filter(pk=known.pk).update(**{kind: monotonic_ms})
    if known.over:
        Device.objects.filter(pk=device_id).update(twin_ms=received_ms)
    return not known.over
