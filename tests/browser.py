"""A page in headless Chromium, driven by playwright with the browser of this machine.

Where no browser is installed tests are skipped, unless the environment says LANDER_UQ_BROWSER=required.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Browser
from playwright.sync_api import ConsoleMessage, sync_playwright
from playwright.sync_api import Page as _Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
"""The page is ours, and test machines run as root."""
PATIENCE = 60.0
"""Seconds until a browser that does not answer is given up; no test measures them."""


def installed() -> str | None:
    """The program: LANDER_UQ_CHROMIUM, one on the path, or playwright's own."""
    own = os.environ.get("LANDER_UQ_CHROMIUM")
    if own:
        return own
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found:
        return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    programs = [p for name in NAMES for p in cache.glob(f"chromium*/*/{name}")]
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


class Page:
    """One tab, what it complained of, and what it asked for."""

    def __init__(self, tab: _Page) -> None:
        self.tab = tab
        self.session = tab.context.new_cdp_session(tab)
        self._complaints: list[str] = []
        self._requests: list[str] = []
        tab.on("console", self._hear)
        tab.on("pageerror", lambda error: self._complaints.append(str(error)))
        tab.on("request", lambda request: self._requests.append(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complaints.append(message.text)

    def run(self, script: str) -> Any:
        """The value of an expression (awaited) in the page, whose policy forbids the eval of playwright's own way.

        Raises RuntimeError for what it throws.
        """
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true.  Raises RuntimeError if it never is."""
        end = time.monotonic() + PATIENCE
        while not self.run(script):
            if time.monotonic() > end:
                raise RuntimeError(f"{script} never came true; complaints: {self.complaints()}")
            self.tab.wait_for_timeout(10)

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, violations of the content security policy among them."""
        self.tab.wait_for_timeout(1)  # what was said is heard
        return self._complaints

    def requests(self) -> list[str]:
        """Every address that the page asked for."""
        self.tab.wait_for_timeout(1)
        return self._requests

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the DevTools protocol."""
        return dict(self.session.send(method, parameters))

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """A screenshot as PNG."""
        self.tab.screenshot(path=path, full_page=whole)


@contextmanager
def started(profile: Path) -> Iterator[Browser]:
    """A browser for some tests; what it leaves on disk goes to `profile`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=required(), args=list(FLAGS), downloads_path=profile
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, address: str, *, width: int = 1400, height: int = 900, dark: bool = False
) -> Iterator[Page]:
    """A page in a tab of its own."""
    phone = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=phone,
        has_touch=phone,
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(1000.0 * PATIENCE)
    try:
        page = Page(context.new_page())
        page.tab.goto(address)
        yield page
    finally:
        context.close()
