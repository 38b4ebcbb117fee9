"""Who is believed at the other end of a connection, and by what."""

import datetime as dt
import ssl
from pathlib import Path

import pytest

from mqtt_bridge import authority
from mqtt_bridge.tls import client_context

NOW = dt.datetime.now(dt.UTC)


def shake_hands(folder: Path, ca: Path, host: str = "127.0.0.1") -> None:
    """A handshake in memory between a box and the server of `folder`. Raises ssl.SSLError."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "server.crt", folder / "server.key")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = serving.wrap_bio(up, down, server_side=True)
    client = client_context(ca, folder / "box.crt", folder / "box.key").wrap_bio(down, up, server_hostname=host)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    client.do_handshake()


def furnish(folder: Path, now: dt.datetime) -> Path:
    authority.make_authority(folder, "maison")
    authority.issue(folder, "box-1", folder / "box")
    authority.issue(folder, "127.0.0.1", folder / "server", server_host="127.0.0.1", now=now)
    return folder


@pytest.mark.parametrize("days", [0, 4000, -4000])
def test_a_box_whose_clock_is_years_off_reaches_its_clinic(tmp_path: Path, days: int) -> None:
    """Seen from the box, the server's certificate begins in years, or ended years ago."""
    furnish(tmp_path, NOW + dt.timedelta(days=days))
    shake_hands(tmp_path, tmp_path / "ca.pem")


def test_all_else_is_checked(tmp_path: Path) -> None:
    furnish(tmp_path / "ours", NOW)
    furnish(tmp_path / "other", NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
        shake_hands(tmp_path / "ours", tmp_path / "other" / "ca.pem")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'elsewhere'|mismatch"):
        shake_hands(tmp_path / "ours", tmp_path / "ours" / "ca.pem", "elsewhere")


def test_a_boxs_certificate_does_not_answer_for_the_broker(tmp_path: Path) -> None:
    """A stolen box's is of our authority too, and its name may be anything; it names no host."""
    authority.make_authority(tmp_path, "maison")
    authority.issue(tmp_path, "box-1", tmp_path / "box")
    authority.issue(tmp_path, "127.0.0.1", tmp_path / "server")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tmp_path, tmp_path / "ca.pem")
