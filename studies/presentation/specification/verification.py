"""How each kind of quantity is verified, and how well a test knows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studies.analysis.accounts.heritage import heritage
from uq.requirements import Attributes


@dataclass(frozen=True)
class Verification:
    """Of one kind of quantity: methods, and the expanded uncertainty of its test, as a share or absolute."""

    methods: tuple[str, ...]
    share: float = 0.0
    """Of the value."""
    absolute: float = 0.0
    """In the unit of the value."""
    exact: bool = False
    """A count, a review or an analysis, which read without error."""
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
    "available": Verification(("A",), share=0.03, level="subsystem", stage="qualification"),
    "temperature": Verification(("T", "A"), absolute=2.0, stage="qualification"),
    "pressure": Verification(("T",), share=0.005),
    "strength": Verification(("A", "T"), share=0.005, stage="qualification"),
    "life": Verification(("T",), absolute=1.0, stage="qualification"),
    "starts": Verification(("T",), exact=True, stage="qualification"),
    "duration": Verification(("T",), absolute=0.05, stage="qualification"),
    "voltage": Verification(("T",), share=0.005),
    "specific energy": Verification(("T",), share=0.01),
    "stored energy": Verification(("T",), share=0.01),
    "battery power": Verification(("T", "A"), share=0.02, level="subsystem", stage="qualification"),
    "specific power": Verification(("T",), share=0.02),
    "set power": Verification(("T", "A"), share=0.01, level="subsystem"),
    "set energy": Verification(("A", "T"), share=0.01, level="subsystem"),
    "design": Verification(("R",), exact=True),
    "design and test": Verification(("R", "T")),
    "inspection": Verification(("I", "R")),
    "envelope": Verification(("I",), share=0.002),
    "test": Verification(("T",), stage="qualification"),
    "system": Verification(("A",), exact=True, level="system", stage="qualification"),
}
"""Accuracies are judgement: a torque meter, a flow meter and pressure transducers of one test bench, calibrated for it;
a clock of 1 s over a life, and pressure records of 50 ms at a start.  An acceptance test of industry is wider (ISO 9906
grade 1: 2.9 % of a pump's efficiency)."""

PRIME, SUPPLIER = "lander prime", "supplier"
"""Who closes an open point: what follows from lander, mission and launcher; what follows from the offered drive."""
DUE = {
    ("TBC", PRIME): "preliminary design review",
    ("TBC", SUPPLIER): "bid",
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
    band: tuple[float, float] = (np.nan, np.nan),
    predicted: float = np.nan,
    probability: float = np.nan,
    owner: str = "",
    canned: bool = False,
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
    band : tuple of float
        Least and greatest value that a tolerance to two sides permits.
    predicted : float, default np.nan
        What the model predicts, in the unit of the requirement.
    probability : float, default np.nan
        With which it must hold; NaN where always.
    owner : str, default ''
        Who closes it where it is open; by default the lander's prime.
    canned : bool, default False
        Whether the motors' rotors run in the propellant.

    Returns
    -------
    Attributes
    """
    how = VERIFICATIONS[kind]
    accuracy = 0.0 if how.exact else float(f"{how.absolute or how.share * abs(value):.2g}")
    what = heritage(item, canned=canned)
    known = Attributes(
        item=item,
        parent=parent,
        origin=origin,
        category="" if what is None else what.category,
        heritage="" if what is None else what.reason,
        methods=how.methods,
        level=how.level,
        stage=how.stage,
        tolerance=tolerance,
        band=band,
        accuracy=accuracy if (accuracy > 0.0 or how.exact) and np.isfinite(value) else np.nan,
        predicted=predicted,
        probability=probability,
    )
    closes = "" if status == "confirmed" else owner or PRIME
    return replace(known, status=status, owner=closes, due=DUE.get((status, closes), ""))  # type: ignore[arg-type]
