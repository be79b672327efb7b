"""One pump with its motor and inverter, as requirements and specification sheet speak of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.components import envelope
from models.fixed_design.duty import BurnDuty
from models.fixed_design.operating_point import PumpPoint
from models.quantity import FloatArray, first_value
from studies.analysis.accounts.steps import EFFICIENCY_STEP, SUPPLIED, Step
from studies.analysis.specified_design import SpecifiedDesign
from studies.presentation.specification.step_words import NO_DESIGN, short, signed
from studies.presentation.specification.system import WORKS
from studies.presentation.specification.verification import attributes
from uq.requirements import Entry
from uq.requirements.specification.entries import as_written
from uq.requirements.types import Side

FIXED = "fixed design at its required values"
ESTIMATE = "fixed design at today's best estimates"
CASE = "case"
NOT_FROM_HERE = "not from this analysis"
PROOF, BURST = 1.5, 2.5
"""Proof and burst over maximum expected operating pressure, of pressure components (judgement; to be agreed against
ECSS-E-ST-32-02C)."""
PART = 0.9
"""Share of the rated flow below which a burn is part load (judgement: above, a pump's efficiency hardly moves)."""
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
    def part_loads(self) -> dict[str, BurnDuty]:
        """Burns at part load by what their requirements are called; of burns at one point the last."""
        low = [b for b in self.duty if b.flow < PART * self.point.flow]
        return {
            b.burn.upper(): b for b in {(written(1e3 * b.flow), written(b.rise)): b for b in low}.values()
        }

    @property
    def energy(self) -> float:
        """J at the inverter's input over all burns."""
        return sum(b.energy for b in self.duty)

    @property
    def pieces(self) -> float:
        """Of this drive on the lander, spares counted."""
        built = self.specified.design.drives
        assert built is not None
        return built.sets * (1.0 + built.spares_per_set)

    @property
    def efficiency_step(self) -> Step | None:
        """A step of this pump's efficiency."""
        return self.specified.steps.get(SUPPLIED[self.k])

    def power_step(self, what: str) -> str:
        """What one per cent more power of this drive costs: as much less efficiency of its pump."""
        step = self.efficiency_step
        if step is None or np.isnan(step.payload):
            return NO_DESIGN
        kg = step.payload * 0.01 * self.point.efficiency / EFFICIENCY_STEP
        return (
            f"A step, {what}, draws one per cent more power: {signed(kg)} kg of payload at most, as one per cent of "
            f"PUMP-EFF-{short(self.point)} costs where the lander is sized for it."
        )

    def mass_step(self, what: str, mass: float, item: str) -> str:
        """What one per cent of the mass of an item costs, its growth included."""
        kg = -0.01 * mass * self.pieces * (1.0 + self.specified.growth(item))
        return f"A step, {what}: {signed(kg)} kg of payload, the mass of all pieces and its growth."

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
        return self.specified.canned

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
        return self.specified.pack[0] * first_value(self.specified.lander.battery.cell_cutoff_voltage)

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
        step: str = "",
        within: tuple[float, float] | None = None,
        origin: str = "",
        parent: str = "",
        owner: str = "",
        whose: str = "",
    ) -> Entry:
        """An entry on the pump, motor or inverter; ``{value}`` in its text is the value with its unit, `within` the
        shares that its tolerance permits below and above, `step` what a step of it costs, `whose` the item that it
        binds where that is not the part."""
        template = np.isnan(value) and origin == NOT_FROM_HERE
        if parent and not parent.startswith("SET-"):
            parent = f"{parent}-{short(self.point)}"
        tolerance, band = {"at least": "not below", "at most": "not above", None: ""}[side], (np.nan, np.nan)
        if within is not None:
            tolerance = " ".join(f"{sign}{100 * share:g} %" for sign, share in zip("-+", within, strict=True))
            band = (as_written(value * (1.0 - within[0])), as_written(value * (1.0 + within[1])))
        return Entry(
            identifier=f"{name}-{short(self.point)}",
            text=text.format(
                item=f"{self.point.liquid} {part}", value=f"{written(value)} {unit}".removesuffix(" -")
            ),
            value=float(written(value)),
            unit=unit,
            side=side,
            rationale=f"{rationale} {step}".strip(),
            attributes=attributes(
                whose or f"{self.point.liquid} {part}",
                kind,
                value,
                parent=parent or (self.parent if kind in ("efficiency", "mass") else WORKS),
                origin=origin or self.origin,
                status="TBD" if template else "TBC",
                tolerance=tolerance,
                band=band,
                owner=owner,
                canned=self.canned,
            ),
        )


def _allocated(size: FloatArray) -> float:
    """mm of an estimate in m."""
    return STEP * float(np.ceil(ALLOCATED * 1e3 * np.ravel(size)[0] / STEP))
