"""A player's core on a fake device, with time that moves only when told."""

import random
from pathlib import Path

from audio.errors import DeviceError
from audio.package import Package, hold, read
from audio.player.config import PlayerConfig
from audio.player.core import PlayerCore
from audio.player.examining import CardLook
from audio.player.fake import FakeClock, FakeFetch, FakeJack, FakePreparation, FakeSink, FakeSource
from audio.player.level import Levelled
from audio.player.mouth import Mouth
from audio.player.preparing import NotOpened, Opened
from audio.player.protocol import Answer, Collect, Command, PlayerStatus, Prepare, Refused, Say, Start
from audio.player.sink import Granted
from tests.support.paced.package import make_package

RATE_HZ, CHANNELS = 48_000, 2
FRAME_BYTES = 8
SESSION = "s1"


def device_missing() -> DeviceError:
    """As ALSA's door has it."""
    return DeviceError(
        "device-missing", "The sound device cannot be opened", value="own", allowed="", remedy="Plug it in."
    )


class Bedside:
    """`samples` is what the package holds; `sink.written` what came out."""

    def __init__(self, folder: Path, seconds: float = 3.0, sample_bytes: int = 4) -> None:
        self.package: Package = read(make_package(folder / "package", seconds))
        frames = self.package.manifest.frames
        self.samples = random.Random(2).randbytes(frames * FRAME_BYTES)  # noqa: S311
        self.clock = FakeClock()
        self.sink = FakeSink(self.clock, Granted("fake", RATE_HZ, CHANNELS, sample_bytes, 24_000, 6_000))
        self.source = FakeSource(self.samples, 9_600 * FRAME_BYTES)
        self.jack = FakeJack()
        self.opened = Opened(self.package, self.sink, self.source, self.jack, hold(self.package.path))
        self.preparation = FakePreparation()
        self.config = PlayerConfig(device="fake")
        self.orders: list[Prepare] = []
        self.own_sink = FakeSink(self.clock, Granted("own", RATE_HZ, CHANNELS, sample_bytes, 24_000, 6_000))
        self.own_opened, self.own_missing = 0, False
        self.fetches: list[FakeFetch] = []
        self.mouth = Mouth("fake", lambda *_: self.own_sink, self._fetch_of, self.clock)
        self.card = Levelled(self._open_own, lambda *_: "PCM", None, ("PCM",), 90)
        look = CardLook("sysdefault:CARD=own", self.card)
        self.core = PlayerCore(self.config, self._preparation_of, self.mouth, look, self.clock)
        self.core.clients(attending=1)

    def _open_own(self, *_: object) -> FakeSink:
        self.own_opened += 1
        if self.own_missing:
            raise device_missing()
        return self.own_sink

    def _preparation_of(self, order: Prepare) -> FakePreparation:
        self.orders.append(order)
        return self.preparation

    def _fetch_of(self, order: Say) -> FakeFetch:
        self.fetches.append(FakeFetch())
        return self.fetches[-1]

    def ask(self, command: Command) -> PlayerStatus:
        answer = self.core.handle(command)
        assert isinstance(answer, PlayerStatus), answer
        return answer

    def refused(self, command: Command) -> str:
        answer: Answer = self.core.handle(command)
        assert isinstance(answer, Refused), answer
        return answer.reason

    def prepare(self) -> PlayerStatus:
        self.ask(Prepare(session=SESSION, package=str(self.package.path)))
        self.preparation.end = self.opened
        self.core.tick()
        return self.core.status()

    def not_prepared(self, result: NotOpened) -> PlayerStatus:
        self.ask(Prepare(session=SESSION, package=str(self.package.path)))
        self.preparation.end = result
        self.core.tick()
        return self.core.status()

    def start(self) -> PlayerStatus:
        self.prepare()
        return self.ask(Start(SESSION))

    def let_pass(self, ms: float, step_ms: float = 50) -> PlayerStatus:
        """Let time pass, the loop turning every `step_ms`."""
        for _ in range(round(ms / step_ms)):
            self.clock.advance_ms(step_ms)
            self.core.tick()
        return self.core.status()

    def collect(self) -> PlayerStatus:
        return self.ask(Collect(SESSION))
