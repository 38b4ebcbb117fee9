"""The one thing that the shelf gives: an archive, by its hash, in ranges, to a box that was offered it."""

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise
from whitenoise.responders import MissingFileError

from clinic.shelf.worker import name_of

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
MayFetch = Callable[[str, str], bool]
"""(box, archive): whether this box may have this archive now."""

_PATH = re.compile(r"/packages/([0-9a-f]{64})\.chevet")


class Archives:
    """A WSGI application. Whoever asks for anything else learns nothing: neither a list nor whether a file is there."""

    def __init__(self, folder: Path, may_fetch: MayFetch) -> None:
        self._folder, self._may_fetch = folder, may_fetch
        self._files = WhiteNoise(
            _not_found, max_age=None, allow_all_origins=False, add_headers_function=_name_by_hash, mimetypes=_TYPES
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if _has_body(environ):
            return _too_large(start_response)
        path = environ.get("PATH_INFO", "")
        asked = _PATH.fullmatch(path)
        box = name_of(environ["gunicorn.socket"])
        if asked is None or not box or not self._may_fetch(box, asked[1]):
            return _not_found(environ, start_response)
        if environ.get("HTTP_IF_RANGE") not in (None, f'"{asked[1]}"'):
            environ.pop("HTTP_RANGE", None)  # whitenoise does not know If-Range: another file was begun
        try:
            file = self._files.get_static_file(str(self._folder / f"{asked[1]}.chevet"), path)
        except MissingFileError:
            return _not_found(environ, start_response)
        served: Iterable[bytes] = WhiteNoise.serve(file, environ, start_response)
        return served


_TYPES = {".chevet": "application/octet-stream"}


def _name_by_hash(headers: Headers, path: str, _url: str) -> None:
    headers["ETag"] = f'"{Path(path).stem}"'


def _has_body(environ: Environ) -> bool:
    return environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


def _too_large(start_response: StartResponse) -> Iterable[bytes]:
    status, words = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"Nothing is sent to the shelf: a request here has no body.\n"
    head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(words)))]
    start_response(f"{status} {status.phrase}", head)
    return [words]


def _not_found(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    status = HTTPStatus.NOT_FOUND
    start_response(f"{status} {status.phrase}", [("Content-Length", "0")])
    return []
