"""Surrogates beside their peers: ``python -m tests.benchmarks.surrogates`` measures what is missing, then
makes the pages.

Cells (one method on one plan of one function) are kept in ``cells.jsonl``, so that runs in pieces add up::

    python -m tests.benchmarks.surrogates --seconds 170                    go on for three minutes, then make the pages
    python -m tests.benchmarks.surrogates --who "our process" --sizes 200 --plans 100
    python -m tests.benchmarks.surrogates --seconds 0                      make the pages of what is there
    python -m tests.benchmarks.surrogates --seconds 0 --timed speed guard  and measure sections that hold times

Figures are of one thread; times are those of the process.
"""

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENTURNS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import argparse
import importlib.util
import math
import platform
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from tests.benchmarks import cells, gaussian_process, polynomial_chaos
from tests.benchmarks.functions import FUNCTIONS

PAGES: dict[str, ModuleType] = {
    "Chaos expansions measured": polynomial_chaos,
    "Gaussian processes measured": gaussian_process,
}
FITS = polynomial_chaos.FITS | gaussian_process.FITS
LIBRARIES = {
    "scikit-learn": "sklearn",
    "GPy": "GPy",
    "SMT": "smt",
    "OpenTURNS process": "openturns",
    "OpenTURNS chaos": "openturns",
    "chaospy": "chaospy",
}


def write(title: str, module: ModuleType, timed: Sequence[str]) -> None:
    """The page of a module: its sections of cells anew, those that hold times if asked for, or else as they were."""
    page = Path(str(module.__file__)).with_suffix(".md")
    sections = (
        dict(part.split("\n", 1) for part in page.read_text().split("\n## ")[1:]) if page.exists() else {}
    )
    known = cells.load()
    for section in (*module.MEASURED, *(s for s in module.TIMED if s.__name__ in timed)):
        words = " ".join(str(section.__doc__).split())
        sections[section.__name__] = "\n".join(["", words, "", *section(known)])
    named = [s.__name__ for s in (*module.MEASURED, *module.TIMED)]
    order = [name for name in named if name in sections]
    head = (
        f"# {title}\n\n`python -m tests.benchmarks.surrogates` makes this page anew; figures of errors and "
        f"coverage are of the cells in `cells.jsonl`.  {platform.machine()}, Python {platform.python_version()}, "
        f"{cells.version('numpy')}, {cells.version('scipy')}.\n"
    )
    page.write_text(head + "".join(f"\n## {s}\n{sections[s].rstrip()}\n" for s in order))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--who", nargs="+", choices=FITS, default=list(FITS), metavar="METHOD")
    parser.add_argument(
        "--functions", nargs="+", choices=FUNCTIONS, default=list(FUNCTIONS), metavar="FUNCTION"
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[50, 100, 200, 500, 1000])
    parser.add_argument("--plans", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--timed", nargs="*", default=[])
    parser.add_argument("--again", metavar="METHOD", help="forget the cells of a method first")
    asked = parser.parse_args()
    if asked.again:
        cells.forget(asked.again)
    there = [w for w in asked.who if w not in LIBRARIES or importlib.util.find_spec(LIBRARIES[w])]
    wanted = (
        cells.Key(function, n, seed, who)
        for seed in range(asked.plans)
        for n in asked.sizes
        for function in asked.functions
        for who in there
    )
    cells.fill(wanted, FITS, asked.seconds)
    for title, module in PAGES.items():
        write(title, module, asked.timed)


if __name__ == "__main__":
    main()
