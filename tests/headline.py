"""``python -m tests.headline [--samples N] [--workers N]``: today's answer in the README and its figures, renewed.

The default lander's brief is that of ``lander-uq run pump-requirements``; the row of every other lander is what that
command says of it in its first line: each architecture at its best concept, the same landers sized.  What stands
between the two comments of the README, and the figures `FIGURES` of its folder docs, come from nowhere else: change the
physics or a sentence, and run this (ten minutes of two cores).
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
from collections.abc import Sequence
from pathlib import Path

from studies import pump_requirements
from studies.analysis.concepts.choice import best_of_each, with_concepts
from studies.analysis.drivers import sized
from studies.case import Case, load
from studies.cli import DEFAULT_CASE
from studies.presentation.brief import Answer
from uq.core.table import Cell, Column, Table
from uq.propagation.propagate import propagate
from uq.report.document import Report
from uq.report.markdown import brief_markdown
from uq.report.tables import to_markdown

ROOT = Path(__file__).parent.parent
LANDERS = ("small", "medium", "series3", "large", "check")
BLOCK = re.compile(r"(<!-- headline -->\n).*(<!-- /headline -->)", re.DOTALL)
SAMPLES = int(inspect.signature(pump_requirements.run).parameters["samples"].default)
FIGURES = {"gain": "payload-gain.svg", "power-front": "power-front.svg"}


def row(case: Case, answer: Answer) -> tuple[Cell, ...]:
    """A lander with the verdict on it."""
    return (
        case.title,
        f"{case.lander.engines:.0f}",
        f"{case.lander.pump_sets:.0f}",
        f"**{answer.verdict}**",
        f"{answer.gain_words} kg",
        answer.chance_words,
    )


def block(report: Report, rows: Sequence[tuple[Cell, ...]], samples: int) -> str:
    """What stands between the two comments."""
    table = Table(
        "landers",
        "",
        tuple(
            map(
                Column,
                (
                    "lander",
                    "engines with pumps",
                    "pump sets",
                    "does a pump pay?",
                    "payload gain, mean",
                    "landers that gain",
                ),
            )
        ),
        tuple(rows),
    )
    of = report.provenance["case"].partition(": ")[2]
    return "\n\n".join(
        (
            to_markdown(table),
            f"{of}, in full:",
            brief_markdown(report.brief, title=""),
            f"![{report.brief.figures[0].alt}](docs/{FIGURES['gain']})",
            f"All by `lander-uq run pump-requirements --case NAME`, {samples} landers each, seed 1. Each lander "
            "has its own mission and platform; none is another one scaled.",
        )
    )


def main() -> None:
    """Renew README and figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.headline", description=__doc__)
    parser.add_argument(
        "--samples", type=int, default=SAMPLES, help="landers of each case [default: the study's]"
    )
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    arguments = parser.parse_args()
    rows = []
    for name in LANDERS:
        whole = load(name)
        case = with_concepts(whole, best_of_each(whole, chosen=None, workers=arguments.workers))
        data = sized(case, arguments.samples, workers=arguments.workers)
        summary = propagate(data, outputs=["payload_gain"], above={"payload_gain": [0.0]})["payload_gain"]
        rows.append(row(case, Answer.of(summary, case.wanted_probability)))
        print(*rows[-1], sep="; ", flush=True)
    report = pump_requirements.run(load(DEFAULT_CASE), samples=arguments.samples, workers=arguments.workers)
    readme = ROOT / "README.md"
    text = block(report, rows, arguments.samples)
    renewed = BLOCK.sub(lambda m: f"{m[1]}{text}\n{m[2]}", readme.read_text(encoding="utf-8"))
    readme.write_text(renewed, encoding="utf-8")
    for figure in report.brief.figures:
        (ROOT / "docs" / FIGURES[figure.name]).write_text(figure.svg, encoding="utf-8")


if __name__ == "__main__":
    main()
