"""Whether the pump pays, in one of five words."""

from __future__ import annotations

from uq.core.estimate import Estimate

PAYS, LIKELY, UNDECIDED, UNLIKELY, PAYS_NOT = (
    "pays",
    "likely, not proven",
    "undecided",
    "unlikely",
    "does not pay",
)


def verdict(gains: Estimate, wanted: float) -> str:
    """The word for the probability that a lander gains payload, where `wanted` is asked for.

    It pays if the whole interval lies at or above the wanted probability, and does not if it lies at or below one less
    that.  Between them it is likely or unlikely if the whole interval lies on one side of one half, else undecided.

    >>> [verdict(Estimate(p, p - 0.02, p + 0.02), 0.9) for p in (0.95, 0.91, 0.51, 0.3, 0.05)]
    ['pays', 'likely, not proven', 'undecided', 'unlikely', 'does not pay']
    """
    if gains.low >= wanted:
        return PAYS
    if gains.high <= 1.0 - wanted:
        return PAYS_NOT
    if gains.low > 0.5:
        return LIKELY
    return UNLIKELY if gains.high < 0.5 else UNDECIDED
