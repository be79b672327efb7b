"""What is known of each item of the electric pump's lander before it is built: its heritage, and why.

Categories as in ECSS-E-ST-10-02C: A off the shelf and qualified, B off the shelf and to be qualified, C modified, D
new.  Each follows from what has flown or is sold (`tests/reference/hardware`); of what nothing is known it is D.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heritage:
    """Of one item."""

    category: str
    """A to D."""
    reason: str
    """What it follows from, without a full stop."""

    @property
    def words(self) -> str:
        """As the growth allowances of ESA name it."""
        return {"A": "off the shelf", "B": "off the shelf", "C": "modified", "D": "new"}[self.category]


ITEMS = {
    "engines": Heritage(
        "C", "storable engines of this thrust fly; chamber pressure and injector are this lander's"
    ),
    "tanks": Heritage(
        "C", "titanium tanks of this volume fly at higher pressure; the gauge is this lander's"
    ),
    "bottles": Heritage("B", "helium bottles of this volume are in catalogues"),
    "pressurant hardware": Heritage("B", "regulators and valves of this flow fly"),
    "thruster feed": Heritage("C", "valves and lines fly; their layout is this lander's"),
    "structure share": Heritage("D", "legs and thrust frame are this lander's"),
    "pump plumbing": Heritage(
        "C", "valves of this flow fly; manifold and surge suppression are this lander's"
    ),
    "pumps": Heritage(
        "D",
        "no pump of this flow and head for storable propellants has been published with a measured figure; the "
        "electric pumps that fly serve other liquids at ten times the power",
    ),
    "motors": Heritage(
        "C",
        "brushless pump motors fly (launcher, 37 kW at 40,000 1/min); winding, housing and seal are changed to this "
        "power, vacuum and propellant vapour",
    ),
    "inverters": Heritage(
        "C",
        "inverters of this power are in catalogues and fly with launcher pumps; filters, radiation tolerance and "
        "cooling by conduction are added",
    ),
    "battery": Heritage(
        "C",
        "packs of small lithium-ion cells fly (75 to 100 Wh/kg); number of cells and discharge rate are changed",
    ),
    "harness": Heritage("D", "routing and connectors are this lander's"),
    "drive thermal control": Heritage("C", "cold plates and heaters fly; their size is this lander's"),
}
"""By item of the budget (judgement on what is published)."""
CANNED = Heritage(
    "D", "no motor with its rotor in a storable propellant has been published with a measured figure"
)
"""Of a motor whose rotor runs in the propellant."""


def heritage(item: str, *, canned: bool) -> Heritage | None:
    """What is known of an item.

    Parameters
    ----------
    item : str
        Of the budget, such as "pumps"; or of a requirement, such as "oxidiser pump" or "pump drives", of which the
        newest part counts.
    canned : bool
        Whether the rotors run in the propellant.

    Returns
    -------
    Heritage or None
        None for what is no item of hardware.

    Examples
    --------
    >>> [heritage("fuel motor", canned=canned).category for canned in (False, True)]
    ['C', 'D']
    >>> heritage("pump drives", canned=False) == heritage("pumps", canned=False)
    True
    """
    name = "pumps" if item == "pump drives" else item
    if name not in ITEMS:
        last = name.rsplit(" ", 1)[-1]
        name = last if last in ITEMS else f"{last}s"
    return CANNED if name == "motors" and canned else ITEMS.get(name)
