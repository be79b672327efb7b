"""Golden reports: what each study prints at a small number of landers, approved by whoever reads the diff.

The files beside this one hold every report as Markdown, its figures to three digits, hashes and versions left out.  A
change of the physics or of a sentence shows in them; renew them with

    python -m tests.golden --renew            (all, forty seconds of one core)
    python -m tests.golden --renew break-even

read the diff, and commit it together with the change that caused it.  A diff that the change does not explain is a
fault.  The test compares words exactly and numbers within one unit of their third digit or of their last decimal,
so that another processor's rounding is no difference.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path

from studies.analysis.requirements import Requirements
from studies.case import Case, load
from studies.presentation import several_landers
from uq.report.document import Report
from uq.report.markdown import report_markdown

FOLDER = Path(__file__).parent
SEED = 1
LEFT_OUT = re.compile(
    r"^- (\w+: )?(case file \(SHA-256\)|model, laws and libraries|python|numpy|scipy|processor|lander-uq)"
)
"""Lines of the provenance that differ between machines or with any change of the code."""
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.]*\w)")
DIGITS = 3


SAMPLES: Mapping[str, int] = {
    "break-even": 8,
    "mass-drivers": 32,
    "pump-requirements": 64,
    "resource-optimization": 40,
    "surrogate-accuracy": 64,
    "validation": 2,
    "what-if-we-test": 64,
}
"""Landers of each study: as few as give every section something to say."""

DECIDED: Mapping[str, tuple[str, ...]] = {
    "engines": ("two", "three"),
    "chamber": ("radiation_cooled", "off_the_shelf"),
    "motors": ("canned", "dry"),
    "pump_sets": ("shared", "each"),
}
"""Decisions and their options: four concepts without pumps and sixteen with them, of thousands."""

HOSTILE = "</script><script>window.hurt = 1</script>"


def case() -> Case:
    """The Series 3 lander with two of its scenarios, a few decisions, and a title that wants to be a script."""
    whole = load("series3")
    decisions = {
        name: dataclasses.replace(known, options={k: known.options[k] for k in DECIDED[name]})
        for name, known in whole.decisions.decisions.items()
        if name in DECIDED
    }
    return dataclasses.replace(
        whole,
        title=f"{whole.title} {HOSTILE}",
        scenarios=dict(list(whole.scenarios.items())[:2]),
        decisions=dataclasses.replace(whole.decisions, decisions=decisions),
    )


def reported(output: Path | None = None) -> tuple[Report, Requirements]:
    """The main study's report, and what it says of the fixed design as data."""
    from studies import pump_requirements

    return pump_requirements.reported(case(), samples=SAMPLES["pump-requirements"], seed=SEED, output=output)


def run(study: str, *, workers: int = 1, output: Path | None = None) -> Report:
    """The report of a study of `SAMPLES`."""
    module = importlib.import_module(f"studies.{study.replace('-', '_')}")
    report: Report = module.run(case(), samples=SAMPLES[study], seed=SEED, workers=workers, output=output)
    return report


def all_landers(report: Report, requirements: Requirements) -> Report:
    """The page of several landers, of one."""
    return several_landers.together({"series3": (report, requirements)})


REPORTS: Mapping[str, Callable[[], Report]] = {
    **{study: partial(run, study) for study in SAMPLES},
    "pump-requirements-all": lambda: all_landers(*reported()),
}
"""By name of the file."""


def path(name: str) -> Path:
    """The approved report."""
    return FOLDER / f"{name}.md"


def text(report: Report) -> str:
    """A report as the file holds it."""
    return normalised(report_markdown(report))


def unapproved(name: str, report: Report) -> str:
    """How a report differs from the approved one of this name; empty where it does not."""
    lines = differences(path(name).read_text(encoding="utf-8"), text(report))
    return "\n".join(["renew: python -m tests.golden --renew", *lines[:60]]) if lines else ""


def normalised(report: str) -> str:
    """A report without what differs between machines, numbers to three digits.

    >>> normalised("gains 10.514 kg at 1234 s, 90 % of PUMP-2.25\\n- numpy: 2.0")
    'gains 10.5 kg at 1230 s, 90 % of PUMP-2.25'
    """
    lines = [line.rstrip() for line in report.splitlines() if not LEFT_OUT.match(line)]
    return "\n".join(NUMBER.sub(lambda m: _rounded(m[0]), line) for line in lines)


def _rounded(number: str) -> str:
    value = Decimal(number)
    if not value or len(value.as_tuple().digits) <= DIGITS:
        return number
    rounded = value.quantize(Decimal(1).scaleb(value.adjusted() + 1 - DIGITS))
    return f"{rounded:f}" if abs(value.adjusted()) < 6 else str(rounded)


def differences(approved: str, now: str) -> list[str]:
    """The lines in which two normalised reports differ, as a diff; numbers may by one unit of a digit."""
    old, new = approved.splitlines(), now.splitlines()
    if len(old) == len(new):
        # where no line came or went, those that agree are taken from the old one: the diff holds the others alone
        new = [a if _agree(a, b) else b for a, b in zip(old, new, strict=True)]
    return list(difflib.unified_diff(old, new, "approved", "now", lineterm="", n=0))


def _agree(a: str, b: str) -> bool:
    numbers = NUMBER.findall(a), NUMBER.findall(b)
    if NUMBER.sub("#", a) != NUMBER.sub("#", b):
        return False
    return all(map(_near, *numbers))


def _near(a: str, b: str) -> bool:
    """Whether two numbers differ by no more than one unit of the third digit, or of the last decimal that is printed.

    >>> _near("10.5", "10.6"), _near("10.5", "10.7"), _near("90", "91"), _near("0.00", "0.01")
    (True, False, False, True)
    """
    x, y = Decimal(a), Decimal(b)
    third = max(abs(x), abs(y)).adjusted() + 1 - DIGITS
    printed = max((int(v.as_tuple().exponent) for v in (x, y) if "." in f"{v}"), default=third)
    return x == y or abs(x - y) <= Decimal(1).scaleb(max(third, printed))
