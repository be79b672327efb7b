"""One pump with its motor and inverter, as requirements and specification sheet speak of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.components import envelope
from models.fixed_design.duty import BurnDuty
from models.fixed_design.operating_point import PumpPoint
from models.quantity import FloatArray
from studies.analysis.specified_design import SpecifiedDesign
from studies.presentation.specification.requirement_wording import short
from studies.presentation.specification.system import WORKS
from studies.presentation.specification.verification import attributes
from uq.requirements import Entry
from uq.requirements.types import Side

FIXED = "fixed design at its required values"
ESTIMATE = "fixed design at today's best estimates"
CASE = "case"
NOT_FROM_HERE = "not from this analysis"
PROOF, BURST = 1.5, 2.5
"""Proof and burst over maximum expected operating pressure, of pressure components (judgement; to be agreed against
ECSS-E-ST-32-02C)."""
ALLOCATED = 1.3
"""Envelope allocated over that of the estimate (judgement: a new design, drawn by nobody yet)."""
STEP = 5.0
"""mm to which an envelope is rounded up."""
RPM = 30.0 / np.pi


def written(value: float) -> str:
    """Four digits, never as a power of ten.

    Parameters
    ----------
    value : float
        In the unit of the requirement.

    Returns
    -------
    str
        Digits only.

    Examples
    --------
    >>> written(31766.3), written(0.76044), written(4.0)
    ('31770', '0.7604', '4')
    """
    rounded = float(f"{value:.4g}")
    return f"{rounded:.0f}" if abs(rounded) >= 1e3 else f"{rounded:.4g}"


@dataclass(frozen=True)
class Drive:
    """One pump with its motor and inverter, as all its entries need it."""

    specified: SpecifiedDesign
    k: int
    parent: str

    @property
    def point(self) -> PumpPoint:
        """Its rated point."""
        return self.specified.pumps[self.k]

    @property
    def duty(self) -> tuple[BurnDuty, ...]:
        """Burn by burn."""
        return self.specified.duties[self.k]

    @property
    def least(self) -> BurnDuty:
        """One engine of the set at its least throttle."""
        return self.specified.least[self.k]

    @property
    def origin(self) -> str:
        """Of its numbers."""
        return FIXED if self.specified.required else ESTIMATE

    @property
    def propellant(self) -> str:
        """Its name."""
        pair = self.specified.lander.propellants
        return (pair.oxidiser, pair.fuel)[self.k].name

    @property
    def canned(self) -> bool:
        """Whether rotor and bearings run in the propellant."""
        return float(np.ravel(self.specified.lander.motor.canned)[0]) > 0.5

    @property
    def built_as(self) -> str:
        """How motor and pump are put together."""
        return "canned motor" if self.canned else "dry motor behind a shaft seal"

    @property
    def envelope_diameter(self) -> float:
        """mm allocated to pump and motor."""
        p, motor = self.point, self.specified.lander.motor
        return _allocated(envelope.diameter(p.diameter, p.shaft_rating, p.speed, motor))

    @property
    def envelope_length(self) -> float:
        """mm allocated to pump and motor."""
        p, motor = self.point, self.specified.lander.motor
        return _allocated(envelope.length(p.diameter, p.shaft_rating, p.speed, motor))

    @property
    def least_voltage(self) -> float:
        """V of the bus, every cell of the pack at its cut-off voltage."""
        lander = self.specified.lander
        cells = float(np.ravel(lander.harness.bus_voltage)[0]) / float(
            np.ravel(lander.battery.cell_voltage)[0]
        )
        return cells * float(np.ravel(lander.battery.cell_cutoff_voltage)[0])

    def entry(
        self,
        name: str,
        part: str,
        kind: str,
        text: str,
        value: float = np.nan,
        unit: str = "",
        side: Side | None = None,
        *,
        rationale: str = "",
        tolerance: str = "",
        origin: str = "",
        parent: str = "",
        owner: str = "",
    ) -> Entry:
        """An entry on the pump, motor or inverter; ``{value}`` in its text is the value with its unit."""
        template = np.isnan(value) and origin == NOT_FROM_HERE
        if parent and not parent.startswith("SET-"):
            parent = f"{parent}-{short(self.point)}"
        limits = {"at least": "not below", "at most": "not above"}
        return Entry(
            identifier=f"{name}-{short(self.point)}",
            text=text.format(item=f"{self.point.liquid} {part}", value=f"{written(value)} {unit}".strip()),
            value=float(written(value)),
            unit=unit,
            side=side,
            rationale=rationale,
            attributes=attributes(
                f"{self.point.liquid} {part}",
                kind,
                value,
                parent=parent or (self.parent if kind in ("efficiency", "mass") else WORKS),
                origin=origin or self.origin,
                status="TBD" if template else "TBC",
                tolerance=tolerance or (limits[side] if side else ""),
                owner=owner,
            ),
        )


def _allocated(size: FloatArray) -> float:
    """mm of an estimate in m."""
    return STEP * float(np.ceil(ALLOCATED * 1e3 * np.ravel(size)[0] / STEP))
