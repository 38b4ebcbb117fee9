"""What the kiosk does once the box has left its clinic's service: its records go, and the screen says so."""

import select
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kiosk.journey.views import NoticeView
from kiosk.screen.port import Window
from kiosk.shell.config import Folders
from kiosk.shell.departing import notice_of, under_way
from kiosk.shell.mirror import Mirror
from kiosk.words.notice import Notice
from mqtt_bridge.bell import POLL_S, Bell, ring
from mqtt_bridge.departure import IN_SERVICE, Departure
from mqtt_bridge.stopping import Stopping
from mqtt_bridge.systemd import Systemd
from mqtt_bridge.wiping import wipe_bedside


@dataclass(frozen=True)
class Farewell:
    """One calm screen, and nothing that can be touched."""

    folders: Folders
    window: Window
    notices: Mapping[str, Notice]
    mirror: Mirror | None
    stopping: Stopping
    ready: Callable[[], None]

    def is_due(self) -> bool:
        """Whether service is over. Where nothing is destroyed the shell goes first: what was begun is kept."""
        found = self._under_way()
        return found is not None and found.phase not in IN_SERVICE

    def say(self) -> None:
        """Until told to stop, or until the box is enrolled anew: the unit starts the kiosk again.

        Returns at once where nothing was ordered.
        """
        found = self._under_way()
        if found is None or self.stopping.asked():
            return
        run_folder, unit = Path(self.folders.run), Systemd()
        with closing(Bell(run_folder / "kiosk.bell")) as bell:
            self.ready()
            unit.ready()
            while found is not None and not self.stopping.asked():
                if found.phase == "wiping":
                    wipe_bedside(Path(self.folders.data))
                self._show(found)
                ring(run_folder / "link.bell")
                unit.alive()
                self._wait(bell, min(POLL_S, unit.turn_s_max))
                found = self._under_way()

    def _under_way(self) -> Departure | None:
        return under_way(Path(self.folders.data), Path(self.folders.enrolment))

    def _show(self, found: Departure) -> None:
        notice = self.notices[notice_of(found)]
        view = NoticeView(notice.title, notice.lines, "")
        self.window.show(view, 0)
        if self.mirror is not None:
            self.mirror.show(view, self.window.targets())

    def _wait(self, bell: Bell, seconds: float) -> None:
        watched: list[Bell | Stopping | Mirror] = [bell, self.stopping, *([self.mirror] if self.mirror else [])]
        select.select(watched, [], [], seconds)
        bell.silence()
        if self.mirror is not None:
            self.mirror.welcome()
