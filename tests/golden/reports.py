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
import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

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


LEAST_GAIN = -50.0
"""kg of payload gain that the golden case asks for: so that about half of the landers comply today, and the report
holds a set of requirements with its sentences.  Change it where the physics moves that far."""


def case() -> Case:
    """The Series 3 lander with two of its scenarios and `LEAST_GAIN`."""
    whole = load("series3")
    scenarios = dict(list(whole.scenarios.items())[:2])
    return dataclasses.replace(whole, scenarios=scenarios, limits={"payload_gain": (LEAST_GAIN, math.inf)})


@cache
def _main() -> tuple[Report, object]:
    from studies import pump_requirements

    # of all concepts some hundred: the search of the others is the same, and takes a minute
    taken = {
        "pump_sets": "shared",
        "pressurant": "regulated",
        "recharge": "between_burns",
        "landing": "main_engines",
    }
    return pump_requirements.reported(case(), samples=32, seed=SEED, confirm=16, concept=taken)


def _study(name: str, samples: int) -> Callable[[], Report]:
    def report() -> Report:
        return importlib.import_module(f"studies.{name}").run(case(), samples=samples, seed=SEED)

    return report


def _resources() -> Report:
    from studies import resource_optimization

    taken = {
        "engines": "two",
        "thrusters": "monopropellant",
        "tanks": "titanium",
        "recharge": "between_burns",
    }
    return resource_optimization.run(case(), samples=40, seed=SEED, concept=taken)


REPORTS: dict[str, Callable[[], Report]] = {
    "break-even": _study("break_even", 8),
    "mass-drivers": _study("mass_drivers", 32),
    "pump-requirements": lambda: _main()[0],
    "pump-requirements-all": lambda: several_landers.together({"series3": _main()}),
    "resource-optimization": _resources,
    "surrogate-accuracy": _study("surrogate_accuracy", 64),
    "validation": _study("validation", 2),
}
"""By name of the file: as few landers as give every section something to say."""


def path(name: str) -> Path:
    """The approved report."""
    return FOLDER / f"{name}.md"


def text(name: str) -> str:
    """The report as it is now."""
    return normalised(report_markdown(REPORTS[name]()))


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
