"""A real browser, headless, on a pipe in the DevTools protocol: what it asked for and what it complained of."""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

ANSWER_S_MAX = 60.0
STOP_S_MAX = 10.0
LAUNCH = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for given, wanted in zip(ours, (3, 4)):
    os.dup2(given, wanted)
    os.close(given)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""The protocol is spoken on the descriptors 3 and 4."""
FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)


class Browser:
    """One tab. `asked`: every address it fetched; `complaints`: console errors, refusals of the policy, failures."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if program is None:
            pytest.skip("no chromium here: apt-get install chromium")
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._numbers = itertools.count(1)
        self._loaded = 0
        self._rest = b""
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        words = [program, *FLAGS, *root, f"--user-data-dir={folder / 'profile'}", "about:blank"]
        launch = [sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), *words]
        with (folder / "browser.log").open("w") as log:
            self._process = subprocess.Popen(launch, pass_fds=(theirs_in, theirs_out), stdout=log, stderr=log)
        os.close(theirs_in)
        os.close(theirs_out)
        self._session = ""
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self) -> None:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def look(self, width: int, height: int, *, dark: bool = False, zoom: float = 1.0) -> None:
        """The window's size, and whether the person prefers dark pages."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=zoom, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, address: str) -> None:
        self._until_loaded(lambda: self._call("Page.navigate", url=address))

    def sign_in(self, address: str, name: str, password: str) -> None:
        """Through the page's own form."""
        self.open(f"{address}connexion")
        self.run(f"document.querySelector('#id_username').value = {json.dumps(name)}")
        self.run(f"document.querySelector('#id_password').value = {json.dumps(password)}")
        self._until_loaded(lambda: self.run("document.querySelector('.door form').requestSubmit()"))

    def run(self, script: str) -> Any:
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """The page as it is seen, down to its end."""
        self.run("document.fonts.ready.then(() => true)")
        shot = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def printed(self, path: Path) -> None:
        """On A4, as a PDF."""
        sheet = self._call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=False)
        path.write_bytes(base64.b64decode(sheet["data"]))

    def _until_loaded(self, act: Any) -> None:
        before, end = self._loaded, time.monotonic() + ANSWER_S_MAX
        act()
        while self._loaded == before:
            assert time.monotonic() < end, "the page did not load"
            self._hear(self._read())

    def _call(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        word = {"id": number, "method": method, "params": parameters}
        if self._session:
            word["sessionId"] = self._session
        os.write(self._to, json.dumps(word).encode() + b"\0")
        while True:
            told = self._read()
            if told.get("id") == number:
                assert "error" not in told, f"{method}: {told['error']}"
                return told["result"]
            self._hear(told)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], ANSWER_S_MAX)
            assert ready, "the browser does not answer"
            piece = os.read(self._from, 1 << 16)
            assert piece, "the browser is gone: see browser.log"
            self._rest += piece
        line, self._rest = self._rest.split(b"\0", 1)
        told: dict[str, Any] = json.loads(line)
        return told

    def _hear(self, told: dict[str, Any]) -> None:
        about = told.get("params", {})
        match told.get("method"):
            case "Page.loadEventFired":
                self._loaded += 1
            case "Network.requestWillBeSent":
                self.asked.append(about["request"]["url"])
            case "Network.loadingFailed":
                self.complaints.append(f"not loaded: {about['errorText']}")
            case "Runtime.exceptionThrown":
                self.complaints.append(str(about["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if about["type"] in {"error", "warning", "assert"}:
                self.complaints.append(str(about["args"]))
            case "Log.entryAdded" if about["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")
