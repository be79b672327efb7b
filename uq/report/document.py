"""What a study has to say, as plain data: the answer, the evidence, and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from uq.core.estimate import Estimate

Cell = str | float | Estimate | None
"""Words, a number, a number with its confidence interval, or nothing."""


@dataclass(frozen=True)
class Column:
    """Heading of a column, the unit of its numbers (empty for words and dimensionless ones), and the decimals of
    those without interval (None: four significant digits)."""

    name: str
    unit: str = ""
    decimals: int | None = None

    @property
    def heading(self) -> str:
        """The name with its unit in brackets."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns; `name` is its file's, `title` says what it shows, `notes` how to read it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.name!r}: a row has {len(row)} cells, the head {len(self.columns)}"
                )

    def _repr_html_(self) -> str:
        from uq.report.page import fragment

        return fragment(self)


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG text, its title, and in `alt` what one sees in it."""

    name: str
    title: str
    alt: str
    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


@dataclass(frozen=True)
class Section:
    """One step of the evidence: paragraphs, then tables and figures."""

    title: str
    text: tuple[str, ...] = ()
    parts: tuple[Table | Figure, ...] = ()


@dataclass(frozen=True)
class Report:
    """The answer first, then the evidence, then what it was made from."""

    study: str
    title: str
    question: str
    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    """Other pages in the same folder: file name -> words of the link."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in the order of the sections."""
        return tuple(p for s in self.sections for p in s.parts if isinstance(p, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in the order of the sections."""
        return tuple(p for s in self.sections for p in s.parts if isinstance(p, Figure))

    def _repr_html_(self) -> str:
        from uq.report.page import framed

        return framed(self)


def words(cell: Cell, decimals: int | None = None) -> str:
    """A cell as text: numbers to four digits, estimates to the digits that their interval leaves.

    >>> words(1234.56), words(0.0123456), words(Estimate(-37.654, -38.21, -37.08)), words(float("nan"))
    ('1235', '0.01235', '-37.65 [-38.21, -37.08]', '-')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Estimate):
        return interval(cell)
    return number(cell, decimals)


def number(value: float, decimals: int | None = None) -> str:
    """A number to four significant digits, or to `decimals`; '-' where there is none."""
    value = float(value)
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if decimals is None:
        if value == 0.0 or (value == int(value) and abs(value) < 1e6):
            return f"{value:.0f}"
        if not 1e-4 <= abs(value) < 1e6:
            return f"{value:.3g}"
        if abs(value) < 100.0 and value == float(f"{value:.2g}"):
            return f"{value:.2g}"
        decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def interval(estimate: Estimate) -> str:
    """An estimate with its interval, to the second digit of the half width."""
    half = 0.5 * (estimate.high - estimate.low)
    if math.isnan(estimate.value) and math.isnan(half):
        return "-"
    if not math.isfinite(half):
        return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"
    if half <= 0.0:
        return number(estimate.value)
    decimals = min(max(0, 1 - math.floor(math.log10(half))), 6)
    return (
        f"{number(estimate.value, decimals)} "
        f"[{number(estimate.low, decimals)}, {number(estimate.high, decimals)}]"
    )
