"""Whether calls for help have their own channel at the broker: by the rights that it goes by, not those in a file.

An update brings rights that a broker reads at its next start, or when it is told to; until then ingest says to no box
that it reads `urgent`, and calls stand in the queue of all reports. The same rights let ingest's certificate write and
read a topic of its own there (docs/wire.md, « Urgent »): a word that does not come back shows that they are not in
force.
"""

import contextlib
import re
import secrets
import select
import socket
import time
from collections.abc import Iterator

from clinic.doctor.finding import Finding, fine, warning
from clinic.home import Configuration, Home
from clinic.ingest.main import address_of
from mqtt_bridge.contract.wire import probe_topic
from mqtt_bridge.mqtt.paho import PahoClient, take_over
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Event, Mailbox, NotConnected, Sent

ABOUT = "calls for help"
BACK_S_MAX = 20.0
REMEDY = "chevet-clinic broker --reload, or start the broker again; ingest needs no more than that"


def calls(home: Home, configuration: Configuration) -> Iterator[Finding]:
    """To be asked of a broker that answers."""
    own = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
    address = address_of(home, configuration, f"chevet-{configuration.clinic}-ingest-{own}-doctor")
    why_not = ask(address, probe_topic(configuration.clinic, address.client_id))
    with contextlib.suppress(OSError):  # then its session goes by itself, within a day
        take_over(address)
    if why_not:
        told = f"wait their turn among all reports: the broker's rights seem to be of before their channel ({why_not})"
        yield warning(ABOUT, told, REMEDY)
    else:
        yield fine(ABOUT, "may go by a channel of their own; ingest's log says when it reads it")


def ask(address: Address, topic: str, back_s_max: float = BACK_S_MAX) -> str:
    """Send ourselves a word by this topic. Empty: it came back; else what happened."""
    mailbox = Mailbox()
    client = PahoClient(address, mailbox)
    client.start((topic,), None)
    try:
        return _Asking(client, topic).until(mailbox, back_s_max)
    finally:
        client.stop()
        mailbox.close()


class _Asking:
    def __init__(self, client: PahoClient, topic: str) -> None:
        self._client, self._topic, self._word = client, topic, secrets.token_hex(8).encode()

    def until(self, mailbox: Mailbox, back_s_max: float) -> str:
        end_s = time.monotonic() + back_s_max
        while (left_s := end_s - time.monotonic()) > 0:
            select.select([mailbox], [], [], left_s)
            for event in mailbox.take():
                found = self._found(event)
                if found is not None:
                    return found
        return f"a word to ourselves has not come back within {back_s_max:.0f} s"

    def _found(self, event: Event) -> str | None:
        """None: nothing is known yet."""
        match event:
            case Connected():
                with contextlib.suppress(NotConnected):  # it says so itself
                    self._client.publish(self._topic, self._word)
            case Delivered(topic, payload, _, token):
                self._client.settle(token)
                return "" if (topic, payload) == (self._topic, self._word) else None
            case Sent(accepted=False, reason=reason) | Disconnected(reason):
                return reason
        return None
