"""A page in headless Chromium, driven through the DevTools protocol over a pipe: no library, no port.

Where no browser is installed tests are skipped, unless the environment says LANDER_UQ_BROWSER=required.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # the page is ours, and test machines run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-extensions",
    "--remote-debugging-pipe",
)
PATIENCE = 60.0
"""Seconds until a browser that does not answer is given up; no test measures them."""


def installed() -> str | None:
    """The program: LANDER_UQ_CHROMIUM, one on the path, or playwright's."""
    own = os.environ.get("LANDER_UQ_CHROMIUM")
    if own:
        return own
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    programs = [
        p
        for pattern in ("chrome", "headless_shell", "chrome-headless-shell")
        for p in cache.glob(f"chromium*/*/{pattern}")
    ]
    return str(sorted(programs)[-1]) if programs else None


def required() -> str:
    """The program; skips the test where there is none, or fails it if LANDER_UQ_BROWSER=required."""
    program = installed()
    if program is not None:
        return program
    if os.environ.get("LANDER_UQ_BROWSER") == "required":
        pytest.fail(
            "LANDER_UQ_BROWSER=required, but there is no Chromium; install it: apt-get install chromium"
        )
    pytest.skip("no Chromium on this machine: pages are not looked at (apt-get install chromium)")


class Browser:
    """One headless Chromium."""

    def __init__(self, program: str, profile: Path) -> None:
        read_ours, write_theirs = os.pipe()
        read_theirs, write_ours = os.pipe()
        low = [os.dup(end) for end in (read_theirs, write_theirs)]

        def place() -> None:
            high = [os.dup(os.dup(end)) for end in low]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.errors = (profile / "stderr").open("w")
        self.process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place,
            pass_fds=(3, 4),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            start_new_session=True,
        )
        for end in (read_theirs, write_theirs, *low):
            os.close(end)
        self.read, self.write = read_ours, write_ours
        self.numbers = itertools.count(1)
        self.rest = b""
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The result of one command.  Raises RuntimeError with the browser's words."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            found = self._message()
            if found.get("id") != number:
                self.events.append(found)
            elif "error" in found:
                raise RuntimeError(f"{method}: {found['error']}")
            else:
                return dict(found["result"])

    def _message(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.read], [], [], max(0.0, end - time.monotonic()))
            chunk = os.read(self.read, 1 << 20) if ready else b""
            if not chunk:
                raise RuntimeError(f"the browser does not answer; it said: {self.said()}")
            self.rest += chunk
        first, _, self.rest = self.rest.partition(b"\0")
        return dict(json.loads(first))

    def said(self) -> str:
        """The end of what the browser wrote to its standard error."""
        return Path(self.errors.name).read_text()[-2000:]

    def close(self) -> None:
        """End this browser and what it started."""
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for end in (self.read, self.write):
            os.close(end)
        self.errors.close()


class Page:
    """One tab."""

    def __init__(self, browser: Browser, width: int, height: int, dark: bool) -> None:
        self.browser = browser
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        phone = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command to this tab."""
        return self.browser.call(method, self.session, **parameters)

    def open(self, address: str) -> None:
        """Go there and wait for nothing."""
        self.call("Page.navigate", url=address)

    def run(self, script: str) -> Any:
        """The value of an expression (awaited) in the page.  Raises RuntimeError for what it throws."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"]))
        return found["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true.  Raises RuntimeError if it never is."""
        end = time.monotonic() + PATIENCE
        while not self.run(script):
            if time.monotonic() > end:
                raise RuntimeError(f"{script} never came true; complaints: {self.complaints()}")
            time.sleep(0.01)

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, violations of the content security policy among them."""
        self.run("0")
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(event["params"]["exceptionDetails"]))
            if event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] != "info":
                found.append(event["params"]["entry"]["text"])
            if event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] in (
                "error",
                "warning",
            ):
                found.append(json.dumps(event["params"]["args"]))
        return found

    def requests(self) -> list[str]:
        """Every address that the page asked for."""
        self.run("0")
        return [
            event["params"]["request"]["url"]
            for event in self.browser.events
            if event.get("sessionId") == self.session and event["method"] == "Network.requestWillBeSent"
        ]

    def key(self, name: str, code: int) -> None:
        """Press and release a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """A screenshot as PNG."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(found["data"]))

    def close(self) -> None:
        """Close the tab."""
        self.browser.call("Target.closeTarget", targetId=self.target)


@contextmanager
def started(profile: Path) -> Iterator[Browser]:
    """A browser for some tests."""
    browser = Browser(required(), profile)
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def opened(
    browser: Browser, address: str, *, width: int = 1400, height: int = 900, dark: bool = False
) -> Iterator[Page]:
    """A page in a tab of its own."""
    page = Page(browser, width, height, dark)
    try:
        page.open(address)
        yield page
    finally:
        page.close()
