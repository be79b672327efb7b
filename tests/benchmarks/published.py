"""Surrogates on the published functions of `uqtestfuns`, beside scikit-learn's and GPy's processes and OpenTURNS'
chaos: ``python -m tests.benchmarks.published`` measures what is missing, then makes the page.

20 runs for each input, at most 200 (Latin hypercubes); ours on three plans, peers on the first.  Cells are kept in
``cells.jsonl`` (see `tests.benchmarks.surrogates`); ``--seconds 0`` makes the page of what is there, ``--again METHOD``
forgets this table's cells of a method first.
"""

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENTURNS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import argparse
import json
import math
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.benchmarks import cells, gaussian_process, polynomial_chaos, published_functions
from tests.benchmarks.cells import Cell, Key

PLANS = 3
OURS = {polynomial_chaos.OURS: PLANS, gaussian_process.OURS: PLANS, gaussian_process.CHOSEN: PLANS}
PEERS = {"scikit-learn": 1, "GPy": 1, "OpenTURNS chaos": 1}
FITS = polynomial_chaos.FITS | gaussian_process.FITS
PAGE = Path(__file__).with_suffix(".md")


def varying(name: str) -> bool:
    """Whether a function has anything to fit."""
    y = cells.fresh(name)[1]
    return bool(np.ptp(y) > 0.0)


def wanted() -> list[Key]:
    names = [name for name in published_functions.names() if varying(name)]
    sizes = {n: published_functions.runs(published_functions.function(n).problem.dimension) for n in names}
    return [
        Key(name, sizes[name], seed, who)
        for who, plans in (OURS | PEERS).items()
        for seed in range(plans)
        for name in names
    ]


def _root(cell: Cell) -> float:
    """Root mean square error in standard deviations of the output."""
    return math.sqrt(max(cell.error, 1e-18))


def claims(known: dict[Key, Cell]) -> list[str]:
    """True over claimed root mean square error, and coverage of 90 % intervals where 1 - Q2 exceeds 1e-6."""
    lines = [
        "| | cells | true at most 1.5 claimed | above 4 | largest | coverage 80 to 97 % | below | above | mean |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for who in (*OURS, *PEERS):
        found = {k: c for k, c in known.items() if k.who == who}
        said = {
            k: _root(c) / max(math.sqrt(c.claimed), 1e-9) for k, c in found.items() if c.claimed is not None
        }
        held = [c.covered for c in found.values() if c.covered is not None and c.error > cells.FLOOR]
        if not held and not said:
            continue
        q, v = np.array(list(said.values())), np.array(held)
        worst = (
            max(said, key=lambda k: said[k]).function.removeprefix(published_functions.PREFIX) if said else ""
        )
        first = f"{np.mean(q <= 1.5):.1%} | {np.sum(q > 4.0)} | {q.max():.1f} ({worst})" if said else " | | "
        lines.append(
            f"| {who} | {len(found)} | {first} | {np.mean((v >= 0.8) & (v <= 0.97)):.0%} | {np.mean(v < 0.8):.0%} | "
            f"{np.mean(v > 0.97):.0%} | {v.mean():.3f} |"
        )
    return lines


def ratios(known: dict[Key, Cell]) -> list[str]:
    """Our errors over those of each peer on the same plan, root mean squares below 1e-3 counted as that."""
    lines = [
        "| ours | peer | functions | geometric mean | at most 1.1 | largest |",
        "|---|---|---|---|---|---|",
    ]
    pairs = [(own, peer) for own in OURS for peer in PEERS]
    pairs.append((gaussian_process.CHOSEN, gaussian_process.OURS))
    pairs.append((gaussian_process.CHOSEN, polynomial_chaos.OURS))
    for own, peer in pairs:
        found = {
            key.function: max(_root(known[key]), 1e-3) / max(_root(known[other]), 1e-3)
            for key in known
            if key.who == own and (other := key._replace(who=peer)) in known and key.seed == 0
        }
        if found:
            lines.append(_ratio_row(own, peer, found))
    better = {}
    for key, cell in known.items():
        if key.who == gaussian_process.CHOSEN:
            rivals = [known.get(key._replace(who=w)) for w in (polynomial_chaos.OURS, gaussian_process.OURS)]
            best = min(max(_root(c), 1e-3) for c in rivals if c is not None)
            better[f"{key.function} {key.seed}"] = max(_root(cell), 1e-3) / best
    if better:
        lines.append(_ratio_row(gaussian_process.CHOSEN, "the better of our two (3 plans)", better))
    return lines


def _ratio_row(own: str, peer: str, found: dict[str, float]) -> str:
    worst = max(found, key=lambda name: found[name])
    return (
        f"| {own} | {peer} | {len(found)} | {cells.geometric(list(found.values())):.2f} | "
        f"{np.mean(np.array(list(found.values())) <= 1.1):.0%} | {found[worst]:.1f} "
        f"({worst.removeprefix(published_functions.PREFIX)}) |"
    )


def accuracy(known: dict[Key, Cell]) -> list[str]:
    """1 - Q2 and coverage of 90 % intervals on 5,000 fresh points, the median of our plans beside the peers' one."""
    whos = (*OURS, *PEERS)
    lines = ["| function | d | n | " + " | ".join(whos) + " |", "|---|---|---|" + "---|" * len(whos)]
    for name in dict.fromkeys(key.function for key in known):
        d = published_functions.function(name).problem.dimension
        row = []
        for who in whos:
            found = [c for k, c in known.items() if k.function == name and k.who == who]
            held = [c.covered for c in found if c.covered is not None]
            text = f"{np.median([c.error for c in found]):.1e}" if found else "-"
            row.append(text + (f" ({np.mean(held):.2f})" if held else ""))
        short = name.removeprefix(published_functions.PREFIX)
        lines.append(f"| {short} | {d} | {published_functions.runs(d)} | {' | '.join(row)} |")
    return lines


SECTIONS: tuple[Callable[[dict[Key, Cell]], list[str]], ...] = (claims, ratios, accuracy)


def write() -> None:
    known = {k: c for k, c in cells.load().items() if k.function.startswith(published_functions.PREFIX)}
    words = cells.words(known, list(PEERS))
    head = (
        "# Surrogates on published functions measured\n\n"
        "`python -m tests.benchmarks.published` makes this page anew, of the cells in `cells.jsonl`.  "
        f"Functions: {cells.version('uqtestfuns')}; peers: {words}; {platform.machine()}, "
        f"Python {platform.python_version()}, one thread.\n"
    )
    body = []
    for section in SECTIONS:
        words_of = " ".join(str(section.__doc__).split())
        body.append(f"\n## {section.__name__}\n\n{words_of}\n\n" + "\n".join(section(known)) + "\n")
    PAGE.write_text(head + "".join(body))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--who", nargs="+", default=list(OURS | PEERS), metavar="METHOD")
    parser.add_argument("--again", nargs="+", default=[], metavar="METHOD")
    asked = parser.parse_args()
    if asked.again:
        kept = [line for line in cells.STORE.read_text().splitlines() if not _of(line, asked.again)]
        cells.STORE.write_text("".join(f"{line}\n" for line in kept))
    cells.fill([key for key in wanted() if key.who in asked.who], FITS, asked.seconds)
    write()


def _of(line: str, methods: list[str]) -> bool:
    name, _, _, who = json.loads(line)["key"]
    return str(name).startswith(published_functions.PREFIX) and who in methods


if __name__ == "__main__":
    main()
