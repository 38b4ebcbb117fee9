"""A clinic and its boxes before anything has happened, made once for all houses of a campaign."""

import subprocess
import sys
from pathlib import Path
from typing import Literal

from tests.campaign import database
from tests.campaign.database import StoreKind

TOP = Path(__file__).parents[2]
INGEST = "ingest"
BrokerKind = Literal["mosquitto", "rabbitmq"]


class Furniture:
    """A clinic and its boxes before anything has happened. Made once, laid out again for each house."""

    def __init__(
        self,
        folder: Path,
        host: str,
        boxes: tuple[str, ...],
        broker: BrokerKind = "mosquitto",
        store: StoreKind = "sqlite",
        ingests: int = 1,
    ) -> None:
        self.folder, self.boxes, self.broker, self.store = folder, boxes, broker, store
        self.ingests = (INGEST, *(f"{INGEST}-{number}" for number in range(2, ingests + 1)))
        if folder.exists():
            return
        folder.mkdir(parents=True)
        if store == "postgresql":
            with database.making(self.database) as words:
                self._furnish(host, words)
        else:
            self._furnish(host, [])

    @property
    def database(self) -> Path:
        return self.folder / "postgresql"

    def _furnish(self, host: str, init: list[str]) -> None:
        protocol = "4" if self.broker == "rabbitmq" else "5"  # Debian's RabbitMQ speaks MQTT 3.1.1 alone
        command = [sys.executable, "-m", "tests.campaign.furnish", str(self.folder), host, protocol]
        command += [*self.boxes, "--", *init]
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"the clinic could not be furnished:\n{done.stdout}{done.stderr}")

    @property
    def plan(self) -> Path:
        return self.folder / "plan.toml"
