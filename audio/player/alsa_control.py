"""The only door to ALSA's control interface (libasound's snd_ctl, by ctypes: pyalsaaudio knows no jacks)."""

import contextlib
import ctypes
import errno
import functools
import logging
import os
from collections.abc import Iterator

from audio.errors import DeviceError
from audio.player.headphones import JackWatch, NoJack, control_of, is_headphone_jack, summed_up
from audio.player.protocol import Headphones

LIBRARY = "libasound.so.2"
NONBLOCK, READONLY = 1, 4
BOOLEAN = 1
CONTROLS_MAX, DESCRIPTORS_MAX, EVENTS_A_LOOK_MAX = 2048, 8, 64

log = logging.getLogger("chevet.player")


def open_jack(device: str, control: str | None) -> JackWatch:
    """Watch the headphone sockets of the card that `control` names; None: of the card that the PCM `device` names.

    NoJack when there is no such card, or no such socket on it: that is told as `unknown`.
    """
    name = control_of(device) if control is None else control
    if not name:
        return NoJack()
    try:
        return AlsaJack(name)
    except DeviceError as error:
        log.info("%s", error)
        return NoJack()


class _PollFd(ctypes.Structure):
    """struct pollfd of poll(2)."""

    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short))


class AlsaJack:
    """The headphone sockets of one card: its boolean controls "… Headphone Jack"."""

    def __init__(self, name: str) -> None:
        """Raises DeviceError (jack-missing)."""
        self._name = name
        self._ctl: ctypes.c_void_p | None = None
        ctl = ctypes.c_void_p()
        if got := _alsa().snd_ctl_open(ctypes.byref(ctl), name.encode(), NONBLOCK | READONLY):
            raise _missing(name, _told(got))
        self._ctl = ctl
        self._sockets = [
            numid for numid, control in _controls(ctl) if is_headphone_jack(control) and _boolean(ctl, numid)
        ]
        got = _alsa().snd_ctl_subscribe_events(ctl, 1)
        self._plugs = self._read()
        if got < 0 or not self._plugs:
            self.close()
            raise _missing(name, _told(got) if got < 0 else "no headphone socket that can tell")
        self._fds = _descriptors(ctl)

    def look(self) -> Headphones:
        if self._ctl is not None and self._something_happened(self._ctl):
            self._plugs = self._read()
        return summed_up(self._plugs)

    def poll_fds(self) -> list[tuple[int, int]]:
        return [] if self._ctl is None else self._fds

    def close(self) -> None:
        ctl, self._ctl = self._ctl, None
        if ctl is not None:
            _alsa().snd_ctl_close(ctl)

    def _something_happened(self, ctl: ctypes.c_void_p) -> bool:
        """Take in the events. The descriptor of a card that went away fires for ever: the watch is closed then."""
        with _owned("event") as event:
            for count in range(EVENTS_A_LOOK_MAX):
                got = _alsa().snd_ctl_read(ctl, event)
                if got in (0, -errno.EAGAIN):
                    return count > 0
                if got < 0:
                    log.info("%s", _missing(self._name, _told(got)))
                    self.close()
                    return True
        return True

    def _read(self) -> list[bool]:
        """Return whether a plug is in, for each socket that answers."""
        if self._ctl is None:
            return []
        plugs = [_value(self._ctl, numid) for numid in self._sockets]
        return [plug for plug in plugs if plug is not None]


def _descriptors(ctl: ctypes.c_void_p) -> list[tuple[int, int]]:
    fds = (_PollFd * DESCRIPTORS_MAX)()
    count = _alsa().snd_ctl_poll_descriptors(ctl, fds, DESCRIPTORS_MAX)
    return [(fd.fd, fd.events) for fd in fds[: max(0, count)]]


def _controls(ctl: ctypes.c_void_p) -> list[tuple[int, str]]:
    """Return number and name of each control of the card."""
    alsa = _alsa()
    with _owned("elem_list") as found:
        if alsa.snd_ctl_elem_list_alloc_space(found, CONTROLS_MAX) or alsa.snd_ctl_elem_list(ctl, found):
            return []
        count = alsa.snd_ctl_elem_list_get_used(found)
        names = [alsa.snd_ctl_elem_list_get_name(found, at).decode(errors="replace") for at in range(count)]
        numids = [alsa.snd_ctl_elem_list_get_numid(found, at) for at in range(count)]
        alsa.snd_ctl_elem_list_free_space(found)
    return list(zip(numids, names, strict=True))


def _boolean(ctl: ctypes.c_void_p, numid: int) -> bool:
    with _owned("elem_info") as info:
        _alsa().snd_ctl_elem_info_set_numid(info, numid)
        known = _alsa().snd_ctl_elem_info(ctl, info) == 0
        return known and bool(_alsa().snd_ctl_elem_info_get_type(info) == BOOLEAN)


def _value(ctl: ctypes.c_void_p, numid: int) -> bool | None:
    with _owned("elem_value") as value:
        _alsa().snd_ctl_elem_value_set_numid(value, numid)
        if _alsa().snd_ctl_elem_read(ctl, value):
            return None
        return bool(_alsa().snd_ctl_elem_value_get_boolean(value, 0))


@contextlib.contextmanager
def _owned(kind: str) -> Iterator[ctypes.c_void_p]:
    """One of libasound's opaque structures, for as long as the context lasts."""
    pointer = ctypes.c_void_p()
    getattr(_alsa(), f"snd_ctl_{kind}_malloc")(ctypes.byref(pointer))
    try:
        yield pointer
    finally:
        getattr(_alsa(), f"snd_ctl_{kind}_free")(pointer)


def _missing(name: str, why: str) -> DeviceError:
    return DeviceError(
        "jack-missing",
        "Whether headphones are plugged in cannot be told",
        value=f"{name}: {why}",
        allowed="the control of a card that has a “… Headphone Jack”: amixer -D NAME controls",
        remedy="Name another headphones_control, or leave it empty; the sound plays all the same.",
    )


def _told(error: int) -> str:
    return os.strerror(-error)


@functools.cache
def _alsa() -> ctypes.CDLL:
    alsa = ctypes.CDLL(LIBRARY)
    alsa.snd_ctl_elem_list_get_name.restype = ctypes.c_char_p
    return alsa
