"""The distribution of a case file, in SI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uq.core.distributions import Distribution, from_dict
from uq.core.problem import nearest

LAWS = (
    "Uniform",
    "Triangular",
    "PERT",
    "Beta",
    "Normal",
    "TruncatedNormal",
    "LogNormal",
    "Weibull",
    "Gumbel",
    "TruncatedGumbel",
    "Discrete",
    "Empirical",
)
"""The laws of `uq.core.distributions` that numbers alone describe, so that a case file can hold them."""


def distribution(record: Mapping[str, Any], slope: float, offset: float, where: str) -> Distribution:
    """The law of a case file in SI: locations scale with slope and offset, widths with slope alone.

    Parameters
    ----------
    record : Mapping[str, Any]
        Law and parameters of an entry.
    slope, offset : float
        Of the unit: SI value = slope value + offset.
    where : str
        Path of the key, for the message.

    Returns
    -------
    Distribution
        In SI.

    Raises
    ------
    ValueError
        For an unknown law or a wrong parameter, with the key.
    """
    law = record.get("law")
    if law not in LAWS:
        meant = next((name for name in LAWS if name.lower() == str(law).lower()), str(law))
        raise ValueError(
            f"{where}: distribution: law must be one of {', '.join(LAWS)}; not {law!r:.60}{nearest(meant, LAWS)}"
        )
    location = {"low", "high", "mode", "mean", "location", "values"}
    width = {"std", "scale"}
    scaled: dict[str, Any] = {}
    for key, value in record.items():
        if key != "law" and isinstance(value, str):
            raise ValueError(f"{where}: distribution: {key} = {value!r:.60} must be a number without quotes")
        if key in location | width | {"median"} and isinstance(value, list) != (key == "values"):
            raise ValueError(
                f"{where}: distribution: {key} must be {'a list of numbers' if key == 'values' else 'one number'}"
            )
        if key in location:
            scaled[key] = (
                tuple(v * slope + offset for v in value)
                if isinstance(value, list)
                else value * slope + offset
            )
        elif key in width:
            scaled[key] = value * slope
        elif key == "median":
            if offset:
                raise ValueError(f"{where}: a lognormal law needs a unit without offset")
            scaled[key] = value * slope
        else:
            scaled[key] = value
    try:
        from_dict(dict(record))  # what contradicts itself is named in the numbers of the file
        return from_dict(scaled)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where}: {error}") from None
