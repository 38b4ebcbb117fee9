"""The way between the boxes, ingest and the broker, which can be cut: real network namespaces, or a proxy of our own.

Every party has a way of its own. `cut`: the wire is pulled. `silence`: nothing is carried any more and nobody is told,
so that each end believes in a connection that the other may have forgotten (half-open).
"""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Protocol

from tests.campaign.proxy import Proxy

NAMESPACE_S_MAX = 10.0
BROKER = "broker"


class Network(Protocol):
    """`kind`: its name, for the report; `host`: where the broker listens, and is known by its certificate."""

    kind: str
    host: str

    def inside(self, party: str) -> list[str]:
        """What stands before a party's command, so that it runs at its own place."""

    def listen_port(self) -> int:
        """Where the broker itself listens."""

    def port_of(self, party: str) -> int:
        """Where a party finds the broker."""

    def cut(self, party: str) -> None: ...
    def silence(self, party: str) -> None: ...
    def mend(self, party: str) -> None: ...
    def close(self) -> None: ...


class Namespaces:
    """A network namespace for each party, joined to the broker's by a pair of virtual cables (veth).

    A namespace lives as long as a process in it: here one that ends when we do, in whatever way.
    """

    kind, host, port = "network namespaces", "10.203.0.1", 18883

    def __init__(self, parties: tuple[str, ...]) -> None:
        self._holders: dict[str, subprocess.Popen[bytes]] = {}
        self._cable = {party: f"to{number}" for number, party in enumerate(parties, 1)}
        try:
            self._lay(parties)
        except BaseException:
            self.close()
            raise

    def _lay(self, parties: tuple[str, ...]) -> None:
        for party in (BROKER, *parties):
            self._holders[party] = _namespace()
            self._ip(party, "link set lo up")
        self._ip(BROKER, f"addr add {self.host}/32 dev lo")
        for number, party in enumerate(parties, 1):
            cable, ours, theirs = self._cable[party], f"10.203.{number}.1", f"10.203.{number}.2"
            self._ip(BROKER, f"link add {cable} type veth peer name eth0 netns {self._holders[party].pid}")
            self._ip(BROKER, f"addr add {ours}/30 dev {cable}")
            self._ip(BROKER, f"link set {cable} up")
            self._ip(party, f"addr add {theirs}/30 dev eth0")
            self._ip(party, "link set eth0 up")
            self._ip(party, f"route add default via {ours}")

    def inside(self, party: str) -> list[str]:
        return ["nsenter", "--target", str(self._holders[party].pid), "--net", "--"]

    def listen_port(self) -> int:
        return self.port

    def port_of(self, party: str) -> int:
        return self.port

    def cut(self, party: str) -> None:
        """At the broker's end: the party's own interface stays, and what it sends is gone without a word."""
        self._ip(BROKER, f"link set {self._cable[party]} down")

    silence = cut

    def mend(self, party: str) -> None:
        self._ip(BROKER, f"link set {self._cable[party]} up")

    def close(self) -> None:
        for holder in self._holders.values():
            holder.communicate()

    def _ip(self, party: str, words: str) -> None:
        done = subprocess.run([*self.inside(party), "ip", *words.split()], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"ip {words}: {done.stderr.strip()}")


def _namespace() -> "subprocess.Popen[bytes]":
    """A process in a new network namespace; it ends at the end of its input. Raises OSError."""
    holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    ours, place = Path("/proc/self/ns/net").readlink(), Path(f"/proc/{holder.pid}/ns/net")
    until_s = time.monotonic() + NAMESPACE_S_MAX
    while holder.poll() is None and time.monotonic() < until_s:
        if place.readlink() != ours:
            return holder
        time.sleep(0.005)  # the kernel tells nobody
    told = holder.communicate()[1].decode().strip()
    raise OSError(f"no network namespace: {told or 'it did not come'}")


class Proxies:
    """A proxy before the broker for each party, where no namespaces can be had."""

    kind, host = "proxies", "127.0.0.1"

    def __init__(self, parties: tuple[str, ...], broker_port: int) -> None:
        self._broker_port = broker_port
        self._proxies = {party: Proxy((self.host, broker_port)) for party in parties}

    def inside(self, party: str) -> list[str]:
        return []

    def listen_port(self) -> int:
        return self._broker_port

    def port_of(self, party: str) -> int:
        return self._proxies[party].port

    def cut(self, party: str) -> None:
        self._proxies[party].cut()

    def silence(self, party: str) -> None:
        self._proxies[party].silence()

    def mend(self, party: str) -> None:
        self._proxies[party].mend()

    def close(self) -> None:
        for proxy in self._proxies.values():
            proxy.close()


def namespaces_problem() -> str:
    """Why no namespaces can be had here; empty when they can."""
    if os.geteuid() != 0:
        return "not root"
    missing = [name for name in ("ip", "unshare", "nsenter") if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)}"
    try:
        Namespaces(("probe",)).close()
    except OSError as error:
        return str(error)
    return ""
