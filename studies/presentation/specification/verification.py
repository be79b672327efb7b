"""How each kind of quantity is verified, how well a test knows it, and what heritage its item has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from uq.requirements import Attributes


@dataclass(frozen=True)
class Verification:
    """Of one kind of quantity: methods, and the expanded uncertainty of its test, as a share or absolute."""

    methods: tuple[str, ...]
    share: float = 0.0
    """Of the value."""
    absolute: float = 0.0
    """In the unit of the value."""
    level: str = "equipment"
    stage: str = "qualification and acceptance"


VERIFICATIONS = {
    "efficiency": Verification(("T",), absolute=0.01),
    "flow": Verification(("T",), share=0.01),
    "rise": Verification(("T",), share=0.005),
    "speed": Verification(("T",), share=0.001),
    "power": Verification(("T",), share=0.01),
    "mass": Verification(("T",), share=0.002),
    "suction": Verification(("T",), share=0.03, stage="qualification"),
    "temperature": Verification(("T", "A"), absolute=2.0, stage="qualification"),
    "pressure": Verification(("T",), share=0.005),
    "strength": Verification(("A", "T"), share=0.005, stage="qualification"),
    "life": Verification(("T",), stage="qualification"),
    "voltage": Verification(("T",), share=0.005),
    "specific energy": Verification(("T",), share=0.01),
    "specific power": Verification(("T",), share=0.02),
    "set power": Verification(("T", "A"), share=0.01, level="subsystem"),
    "set energy": Verification(("A", "T"), share=0.01, level="subsystem"),
    "design": Verification(("R",)),
    "design and test": Verification(("R", "T")),
    "inspection": Verification(("I", "R")),
    "envelope": Verification(("I",), share=0.002),
    "test": Verification(("T",), stage="qualification"),
    "system": Verification(("A",), level="system", stage="qualification"),
}
"""Accuracies are judgement: a torque meter, a flow meter and pressure transducers of one test bench, calibrated for it.
An acceptance test of industry is wider (ISO 9906 grade 1: 2.9 % of a pump's efficiency)."""

HERITAGE = {"pump": "D", "motor": "D", "inverter": "D", "drive": "D", "battery": "C"}
"""By the last word of an item (judgement): pumps, motors and inverters of this duty are new designs, packs are built of
cells that are on the market."""


PRIME, SUPPLIER = "lander prime", "supplier"
"""Who closes an open point: what follows from lander, mission and launcher; what follows from the offered drive."""
DUE = {
    ("TBC", PRIME): "preliminary design review",
    ("TBD", PRIME): "system requirements review",
    ("TBD", SUPPLIER): "bid",
}
"""By which an open point is closed, by status and owner (judgement: the usual reviews; dates are the programme's)."""


def attributes(
    item: str,
    kind: str,
    value: float = np.nan,
    *,
    parent: str,
    origin: str,
    status: str = "TBC",
    tolerance: str = "",
    predicted: float = np.nan,
    owner: str = "",
) -> Attributes:
    """The attributes of a requirement of a `kind` of quantity on an `item`.

    Parameters
    ----------
    item : str
        Such as "oxidiser pump".
    kind : str
        A key of `VERIFICATIONS`.
    value : float, default np.nan
        Required, in the unit of the requirement; NaN where there is none.
    parent : str
        Identifier of the requirement above.
    origin : str
        Where the value comes from.
    status : str, default 'TBC'
        "TBC" or "TBD"; empty where it is fixed.
    tolerance : str, default ''
        In words.
    predicted : float, default np.nan
        What the model predicts, in the unit of the requirement.
    owner : str, default ''
        Who closes it where it is open; by default the lander's prime.

    Returns
    -------
    Attributes
    """
    how = VERIFICATIONS[kind]
    accuracy = float(f"{how.absolute or how.share * abs(value):.2g}")
    known = Attributes(
        item=item,
        parent=parent,
        origin=origin,
        category=HERITAGE.get(item.rsplit(" ", 1)[-1].removesuffix("s"), ""),
        methods=how.methods,
        level=how.level,
        stage=how.stage,
        tolerance=tolerance,
        accuracy=accuracy if accuracy > 0.0 and np.isfinite(value) else np.nan,
        predicted=predicted,
    )
    closes = "" if status == "confirmed" else owner or PRIME
    return replace(known, status=status, owner=closes, due=DUE.get((status, closes), ""))  # type: ignore[arg-type]
