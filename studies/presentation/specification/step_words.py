"""What a step of a requirement costs, in words."""

from __future__ import annotations

from models.fixed_design.operating_point import PumpPoint
from studies.analysis.accounts.steps import Step
from studies.presentation.compliance import limit_words

NO_DESIGN = "A step leaves the lander without a design."


def short(p: PumpPoint) -> str:
    """OX or FU, as identifiers end.

    Parameters
    ----------
    p : PumpPoint
        Operating point of one pump.

    Returns
    -------
    str
        Two letters.
    """
    return p.liquid[:2].upper()


def signed(value: float) -> str:
    """A difference to two digits, with its sign.

    Parameters
    ----------
    value : float
        Any.

    Returns
    -------
    str

    Examples
    --------
    >>> signed(-0.2081), signed(12.34), signed(1e-9)
    ('-0.21', '+12', '0')
    """
    return "0" if abs(value) < 5e-4 else f"{value:+.2g}"


def step_words(step: Step | None, what: str) -> str:
    """The cost of a step, as the end of a rationale.

    Parameters
    ----------
    step : Step or None
        None where it was not simulated.
    what : str
        The step, such as "0.01 less".

    Returns
    -------
    str
        One sentence; empty without a step.
    """
    if step is None:
        return ""
    if step.payload != step.payload:
        return NO_DESIGN
    sized = f"A step, {what}, is worth {signed(step.payload)} kg of payload to a lander that is sized for it"
    c = step.compliance
    if c.low == c.high == 0.0:
        return f"{sized}; in the design as fixed no realised lander complies more or less often by it."
    if step.limit is None or c.low <= 0.0 <= c.high:
        most = 100.0 * max(abs(c.low), abs(c.high))
        return f"{sized}; in the design as fixed it moves compliance by {most:.1f} points at most."
    return (
        f"{sized}; in the design as fixed it moves compliance by {signed(100.0 * c.value)} points "
        f"({signed(100.0 * c.low)} to {signed(100.0 * c.high)}), first by {limit_words(step.limit)}."
    )
