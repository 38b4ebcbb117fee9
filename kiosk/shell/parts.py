"""Everything that the shell stands on, each behind its port."""

from dataclasses import dataclass, field
from pathlib import Path

from kiosk.button.gpio import Rehearsal
from kiosk.button.port import Button
from kiosk.screen.port import Window
from kiosk.shell.departing import Departing
from kiosk.shell.ears import Listener
from kiosk.shell.mirror import Mirror
from kiosk.shell.panels import Panels
from kiosk.shell.people import CodeDesk
from kiosk.shell.presence import Presence
from kiosk.shell.service import ServiceDesk, Standing
from kiosk.shell.sound import SoundDesk
from kiosk.shell.speech import SpeechDesk
from kiosk.shell.store import BedsideStore
from kiosk.shell.time_kept import KnownTime
from kiosk.words import Words
from mqtt_bridge.bell import Bell
from mqtt_bridge.clock import Clock
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.reading import LinkReader


@dataclass(frozen=True)
class Parts:
    """Made once, by `process` or a test."""

    window: Window
    button: Button
    sound: SoundDesk
    store: BedsideStore
    link: LinkReader
    enrolment: Enrolment
    words: Words
    clock: Clock
    listener: Listener
    codes: CodeDesk
    service: ServiceDesk
    standing: Standing
    bell: Bell
    link_bell: Path
    time: KnownTime
    departing: Departing = field(default_factory=Departing)
    speech: SpeechDesk = field(default_factory=lambda: SpeechDesk(None))
    presence: Presence | None = None
    panels: Panels | None = None
    mirror: Mirror | None = None
    rehearsal: Rehearsal | None = None
