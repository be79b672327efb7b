"""Chaos expansions on the models of a survey: ``python -m tests.benchmarks.sparse_chaos`` measures what is missing in
``cells.jsonl``, then makes the page; ``--seconds 0`` makes the page of what is there."""

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENTURNS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import argparse
import math
from pathlib import Path

import numpy as np

from tests.benchmarks import cells, polynomial_chaos
from tests.benchmarks.cells import Cell, Key
from tests.benchmarks.published_functions import PREFIX

PLANS = {polynomial_chaos.OURS: 5, "OpenTURNS chaos": 1}
SIZES = {
    f"{PREFIX}Ishigami": (50, 150),
    f"{PREFIX}UndampedOscillator": (60, 120),
    f"{PREFIX}Borehole": (100, 250),
    f"{PREFIX}WingWeight": (100, 250),
    "truss": (100, 250),
    f"{PREFIX}MorrisM": (150, 350),
    "diffusion in a rod": (100, 400),
    "100 inputs": (400, 1200),
}
"""A small and a large plan for each model."""
PAGE = Path(__file__).with_suffix(".md")


def wanted() -> list[Key]:
    return [
        Key(name, sizes[which], seed, who)
        for who, plans in PLANS.items()
        for which in (0, 1)
        for name, sizes in SIZES.items()
        for seed in range(plans)
    ]


def rows(known: dict[Key, Cell]) -> list[str]:
    """Relative mean square errors, and ours over the peer's on the same plan."""
    lines = [
        "| model | inputs | n | ours, median | best | worst | s | OpenTURNS | s | ours over it, same plan |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, sizes in SIZES.items():
        for n in sizes:
            ours = [
                known[k]
                for s in range(PLANS[polynomial_chaos.OURS])
                if (k := Key(name, n, s, polynomial_chaos.OURS)) in known
            ]
            if not ours:
                continue
            errors = [c.error for c in ours]
            row = (
                f"| {name.removeprefix(PREFIX)} | {len(cells.named(name).laws)} | {n} | {np.median(errors):.1e} | "
                f"{min(errors):.1e} | {max(errors):.1e} | {np.median([c.seconds for c in ours]):.1f} | "
            )
            peer = known.get(Key(name, n, 0, "OpenTURNS chaos"))
            first = known.get(Key(name, n, 0, polynomial_chaos.OURS))
            if peer is None or first is None:
                lines.append(row + "not measured | - | - |")
            else:
                least = cells.FLOOR
                ratio = max(first.error, least) / max(peer.error, least)
                lines.append(row + f"{peer.error:.1e} | {peer.seconds:.1f} | {ratio:.2f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=math.inf)
    asked = parser.parse_args()
    cells.fill(wanted(), polynomial_chaos.FITS, asked.seconds)
    head = (
        "# Sparse chaos expansions measured\n\n`python -m tests.benchmarks.sparse_chaos` makes this page anew: models "
        "of the survey by Luethen, Marelli & Sudret (2021), doi:10.1137/20M1315774, on Latin hypercubes of a small and "
        "a large size.  Errors are mean squares over the variance, on 5,000 fresh points.  The survey draws its errors "
        "(box plots of 30 plans by eight solvers) and prints none; so the peer is measured here: OpenTURNS, least "
        "angles with corrected leave-one-out over degrees and three truncations.  "
        f"The last column counts errors below {cells.FLOOR:.0e} as that.\n\n"
    )
    tail = f"\n\n{cells.versions('numpy', 'scipy', 'openturns', 'uqtestfuns')}\n"
    PAGE.write_text(head + "\n".join(rows(cells.load())) + tail)


if __name__ == "__main__":
    main()
