"""What a specification says of a requirement besides its value: whose it is, why, and how it is verified."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from uq.requirements.types import Side

Status = Literal["confirmed", "TBC", "TBD"]
"""Shown by fresh runs or given; to be confirmed; to be determined: a template without a value."""

METHODS = {"T": "test", "A": "analysis", "R": "review of design", "I": "inspection"}
"""Of verification (ECSS-E-ST-10-02C)."""
CATEGORIES = {
    "A": "off the shelf, qualified for this use",
    "B": "off the shelf, to be qualified for this use",
    "C": "modified from an existing design",
    "D": "new design",
}
"""Of heritage (ECSS-E-ST-10-02C)."""
BINDING = re.compile(r"\b(shall|should)\b")
"""Shall: required.  Should: recommended (ECSS-S-ST-00-01C)."""


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """Of one requirement.

    Parameters
    ----------
    item
        The one thing that it is required of.
    parent
        Identifier of the requirement that it serves; empty at the top.
    origin
        Where its value comes from, in words.
    status
        See `Status`.
    category
        Of the item's heritage, a key of `CATEGORIES`; empty where no hardware is meant.
    heritage
        Why it has that category.
    methods
        Of verification, keys of `METHODS`.
    level, stage
        At which it is verified: equipment, subsystem, system; qualification, acceptance.
    tolerance
        In words: one-sided, or what may be added and taken.
    band
        Least and greatest value that a tolerance to two sides permits, in the unit of the value; NaN without one.
    accuracy
        Expanded uncertainty (factor 2) of the verifying test in the unit of the value; zero for a count and a review,
        which read without error; NaN where nothing is verified by a number.
    predicted
        Today's estimate in the unit of the value; NaN where there is none.
    probability
        With which it must hold; NaN where in every case.
    owner, due
        Who closes an open point, and by which review; empty where it is closed.
    """

    item: str
    parent: str = ""
    origin: str = ""
    status: Status = "TBC"
    category: str = ""
    heritage: str = ""
    methods: tuple[str, ...] = ()
    level: str = ""
    stage: str = ""
    tolerance: str = ""
    band: tuple[float, float] = (np.nan, np.nan)
    accuracy: float = np.nan
    predicted: float = np.nan
    probability: float = np.nan
    owner: str = ""
    due: str = ""

    def __post_init__(self) -> None:
        if self.status not in ("confirmed", "TBC", "TBD"):
            raise ValueError(f"status {self.status!r} is none of confirmed, TBC, TBD")
        if self.category and self.category not in CATEGORIES:
            raise ValueError(f"category {self.category!r} is none of {', '.join(CATEGORIES)}")
        if unknown := [m for m in self.methods if m not in METHODS]:
            raise ValueError(f"verification by {', '.join(unknown)} is none of {', '.join(METHODS)}")
        if self.accuracy < 0.0:
            raise ValueError(
                f"accuracy {self.accuracy:g} of a test must not be below zero; give NaN without a test"
            )
        if self.band[0] >= self.band[1]:
            raise ValueError(
                f"the band {self.band[0]:g} to {self.band[1]:g} permits nothing; give its lower end first"
            )


def as_written(value: float) -> float:
    """A value as its sentence writes it, and so every table and file: to four digits.

    Parameters
    ----------
    value : float
        In the unit of the requirement; NaN where there is none.

    Returns
    -------
    float

    Examples
    --------
    >>> as_written(0.669720718), as_written(27749.7)
    (0.6697, 27750.0)
    """
    return float(f"{value:.4g}")


def permitted(
    value: float, side: Side | None, band: tuple[float, float] = (np.nan, np.nan)
) -> tuple[float, float]:
    """The least and the greatest value that a requirement permits; NaN where it sets no end.

    Parameters
    ----------
    value : float
        What is required.
    side : {"at least", "at most"} or None
        None for a value that is to be met within a band.
    band : tuple of float
        Of a value that is to be met within one.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> permitted(0.72, "at least"), permitted(1.0, None, (0.98, 1.02))
    ((0.72, nan), (0.98, 1.02))
    """
    if side is None:
        return band
    return (value, np.nan) if side == "at least" else (np.nan, value)


def acceptance(
    value: float,
    side: Side | None,
    *,
    accuracy: float,
    band: tuple[float, float] = (np.nan, np.nan),
) -> tuple[float, float]:
    """The least and the greatest reading at which a requirement is accepted: what it permits, with the test's
    uncertainty as guard band at each end.

        at least: v + U,    at most: v - U,    within a band: l + U to h - U

    so that what is accepted complies with a risk of the order of one in forty at most.  NaN at an end that is not set,
    and without a test.

    References
    ----------
    JCGM 106:2012, Evaluation of measurement data: the role of measurement uncertainty in conformity assessment, 8.3.2.

    Parameters
    ----------
    value : float
        What is required.
    side : {"at least", "at most"} or None
        None for a requirement without a value, or to be met within a band.
    accuracy : float
        Expanded uncertainty U of the test, in the unit of the value.
    band : tuple of float
        Of a value that is to be met within one.

    Returns
    -------
    tuple of float
        NaN where there is none.

    Examples
    --------
    >>> [round(v, 3) for v in acceptance(0.72, "at least", accuracy=0.01)]
    [0.73, nan]
    >>> [round(v, 3) for v in acceptance(1.0, None, accuracy=0.01, band=(0.98, 1.02))]
    [0.99, 1.01]
    """
    low, high = permitted(value, side, band)
    return low + accuracy, high - accuracy


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A requirement behind which no sample stands: a value of the design, of the case, or a template to be filled in.

    `side` is None for a value that is to be met within a tolerance, and for what has no value (NaN).
    """

    identifier: str
    """By which it is traced."""
    text: str
    """The whole sentence."""
    value: float = np.nan
    """In `unit`; NaN where it holds no number."""
    unit: str = ""
    """Of the value."""
    side: Side | None = None
    rationale: str = ""
    """Why it is required."""
    attributes: Attributes
    """What a requirements tool keeps of it."""

    def __post_init__(self) -> None:
        if not BINDING.search(self.text):
            raise ValueError(
                f"requirement {self.identifier!r} has neither 'shall' nor 'should' in its text: {self.text!r}"
            )
        if np.isnan(self.value) and self.side is not None:
            raise ValueError(f"requirement {self.identifier!r} has a side and no value")
