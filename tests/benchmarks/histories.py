"""Histories of power and charge predicted for all reference landers, at the setting of the study.

    python -m tests.benchmarks.histories [lander ...]

The electric-pump lander of the median design marched with everything uncertain, as `lander-uq run surrogate-accuracy`
does at its default: 2,400 marches, a quarter of the feasible ones learned from, the bands made from half of the rest,
all judged on the other half.  For each history the share of its variance that is explained, of all points and at the
worst instant, and the shares of points and of whole histories inside the two bands of 90 %.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from studies.analysis import histories
from studies.case import load

LANDERS = ("small", "medium", "series3", "large", "check")
HEADS = (
    "lander",
    "history",
    "learned from",
    "judged on",
    "components",
    "explained, all points",
    "explained, worst instant",
    "its standard deviation over the largest",
    "points in the band",
    "whole histories in the joint band",
    "joint band over band of points",
)


def main(*landers: str) -> None:
    print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|")
    for lander in landers or LANDERS:
        found = histories.marches(load(lander), histories.MARCHED[1], seed=1)
        for name in histories.HISTORIES:
            one = histories.learned(found, name)
            judged, field = one.validation, one.field
            spread = found.histories[name][found.data.feasible].std(axis=0)
            worst = int(np.nanargmin(judged.q2))
            print(
                f"| {lander} | {name} | {len(field.scores.x)} | {one.tested} | {len(field.modes)} "
                f"| {judged.pooled:.4f} "
                f"| {judged.q2[worst]:.4f} | {spread[worst] / spread.max():.3f} | {judged.coverage:.3f} "
                f"| {judged.joint_coverage:.3f} | {field.joint_factor() / field.factor():.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
