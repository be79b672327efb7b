"""The explorer of a study: size of the file, first paint, and how long a move takes until it is answered.

Run:  python tests/benchmarks/explorer.py results/pump-requirements-large/explorer.html   (half a minute)
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
import browser as chromium

MOVES = 60
WARM = 12
"""Moves until the browser has compiled what it runs often."""


def main(path: Path) -> None:
    print(f"| {path.name} | |\n|---|---|\n| size | {path.stat().st_size / 1e6:.2f} MB |")
    program = chromium.installed()
    if program is None:
        raise SystemExit("no Chromium on this machine")
    paints = []
    with tempfile.TemporaryDirectory() as profile, chromium.started(Path(profile)) as found:
        for _ in range(5):
            with chromium.opened(found, path.resolve().as_uri()) as page:
                page.until("document.documentElement?.dataset.state === 'complete'")
                paints.append(page.run("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
                settled = page.run("performance.now()")
        with chromium.opened(found, path.resolve().as_uri()) as page:
            page.until("document.documentElement?.dataset.state === 'complete'")
            times = np.array([_move(page, k) for k in range(WARM + MOVES)])[WARM:]
    print(f"| first paint from disk, five loads | {min(paints):.0f} to {max(paints):.0f} ms |")
    print(f"| first Monte Carlo on the page, last load, at most | {settled:.0f} ms |")
    for name, column in zip(("point", "Monte Carlo"), times.T, strict=True):
        middle, late = np.quantile(column, [0.5, 0.95])
        print(f"| {name} after a move: median, 95 % | {middle:.0f} ms, {late:.0f} ms |")


def _move(page: chromium.Page, k: int) -> tuple[int, int]:
    """Move one of the first seven sliders; both times as the page measures them, from event to changed document."""
    page.run(
        f"""(() => {{
          const sliders = document.querySelectorAll('input[type="range"]');
          const slider = sliders[{k // 4} % Math.min(7, sliders.length)];
          slider.value = {200 + (k * 137) % 600};
          slider.dispatchEvent(new Event("input"));
        }})()"""
    )
    page.until("document.documentElement.dataset.state === 'complete'")
    found = page.run("document.getElementById('speed').textContent")
    point, sample = map(int, re.findall(r"(\d+) ms", found))
    return point, sample


if __name__ == "__main__":
    main(Path(sys.argv[1]))
