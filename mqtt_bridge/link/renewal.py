"""The box renews its own certificate: when a third of its life is left, by a time that may be believed.

A program beside the link makes a new key and asks the registrar, under the certificate that is in force. The new pair
is one file, `next.pem`, used in turns with the old one; it takes the old one's place when the broker has accepted it.
"""

import logging
import random
import sys
from collections.abc import Callable
from pathlib import Path

from mqtt_bridge.clock import Clock
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment, Place
from mqtt_bridge.link.child import Child
from mqtt_bridge.link.renewing import NOT_DUE, Job
from mqtt_bridge.mqtt.port import Address
from mqtt_bridge.wiping import destroy, sync_folder

DUE_MS = 12 * 60 * 60_000
"""Between two looks at a certificate that is good for long enough."""
AGAIN_MS = 6 * 60 * 60_000
"""After a renewal that failed. A third of 398 days is a lot of those."""
ALONE_MS = 60 * 60_000
"""A box that knows no time, and that no broker has taken for so long, tries: its certificate may have ended."""
CHILD_MS_MAX = 120_000
TRIES_MAX = 5
log = logging.getLogger(__name__)


class Credentials:
    """With which pair to connect: in turns, while there is one that was not proved yet."""

    def __init__(self, enrolled: Enrolment) -> None:
        self._enrolled = enrolled
        self._tried = False

    def __call__(self) -> Address:
        self._tried = not self._tried and self._enrolled.next.exists()
        return self._enrolled.address(tried=self._tried)


class Renewal:
    """Its `turn` is called by the link's loop."""

    def __init__(self, enrolled: Enrolment, clock: Clock, place: Callable[[], Place] | None = None) -> None:
        """place: where the registrar is now, which an order may tell; without it as at the enrolment."""
        self._enrolled, self._clock = enrolled, clock
        self._place = place or (lambda: enrolled.place)
        self._began_ms = clock().monotonic_ms
        self._look_ms = 0
        self._child: Child | None = None
        self._seen = False
        """Whether a broker has taken us since we began."""
        self._refused = 0
        """How often the broker has taken the old pair since there is a new one."""
        self._jitter = random.Random()  # noqa: S311  # it spreads boxes over time, it hides nothing

    def filenos(self) -> list[int]:
        """What the loop waits for besides: the program's end."""
        return [self._child.fileno()] if self._child is not None else []

    def turn(self) -> bool:
        """Look, begin or finish a renewal. True: there is a new pair, connect anew."""
        now = self._clock()
        if self._child is not None:
            return self._listen(self._child, now)
        if now.monotonic_ms < self._look_ms or not self._place().has_registrar:
            return False
        known_ms = self._known_ms(now)
        if known_ms is not None and not self._enrolled.next.exists():
            self._begin(now, known_ms)
        return False

    def accepted(self, certificate: Path | None) -> None:
        """The broker has accepted us by this certificate."""
        self._seen = True
        if certificate == self._enrolled.renewed:
            self._forget_former()  # a kill may have come between the two
        if not self._enrolled.next.exists():
            return
        if certificate == self._enrolled.next:
            self._take(self._enrolled.next)
            return
        self._refused += 1
        if self._refused >= TRIES_MAX:
            log.error("the broker does not take the renewed certificate: it is given up, another one is asked for")
            self._enrolled.next.unlink()
            self._refused = 0
            self._look_ms = self._clock().monotonic_ms + AGAIN_MS

    def stop(self) -> None:
        """What runs is cut off; the next start begins again."""
        if self._child is not None:
            self._child.end()

    def _known_ms(self, now: Stamp) -> int | None:
        """The time by which to judge; 0: unknown, and we are shut out; None: unknown, and all may be well.

        It is the clinic's own once that has answered in this boot (`HonestClock`).
        """
        if now.trusted:
            return now.wall_ms
        return 0 if not self._seen and now.monotonic_ms - self._began_ms >= ALONE_MS else None

    def _begin(self, now: Stamp, known_ms: int) -> None:
        place, (certificate, key) = self._place(), self._enrolled.pair()
        job = Job(
            host=place.registrar_host,
            port=place.registrar_port,
            box=place.box,
            at_ms=known_ms,
            ca=str(self._enrolled.folder / "ca.pem"),
            certificate=str(certificate),
            key=str(key),
            into=str(self._enrolled.next),
        )
        command = [sys.executable, "-m", "mqtt_bridge.link.renewing", encode(job).decode()]
        try:
            self._child = Child(command, now.monotonic_ms)
        except OSError:
            log.exception("the program that renews our certificate does not start")
            self._later(now)

    def _listen(self, child: Child, now: Stamp) -> bool:
        code = child.listen(now.monotonic_ms)
        if code is None:
            if now.monotonic_ms - child.began_ms > CHILD_MS_MAX:
                child.end()
                self._child = None
                self._later(now)
            return False
        self._child = None
        if code == NOT_DUE:
            self._look_ms = now.monotonic_ms + DUE_MS
            return False
        if code == 0:
            self._look_ms = now.monotonic_ms + DUE_MS  # a clock that runs ahead would ask for one after the other
            log.info("our certificate is renewed; it is proved by the next connection")
            return True
        log.warning(
            "our certificate could not be renewed: %s", b" ".join(child.lines())[-400:].decode(errors="replace")
        )
        self._later(now)
        return False

    def _later(self, now: Stamp) -> None:
        self._look_ms = now.monotonic_ms + round(AGAIN_MS * self._jitter.uniform(0.5, 1.0))

    def _take(self, new: Path) -> None:
        """The proved pair takes the place of the former one, at once or not at all."""
        new.replace(self._enrolled.renewed)
        sync_folder(self._enrolled.folder)
        self._forget_former()
        self._refused = 0
        log.info("the renewed certificate is in force")

    def _forget_former(self) -> None:
        destroy([self._enrolled.folder / "box.crt", self._enrolled.folder / "box.key"])
