"""The limit on the pumps' electric power, against what the lander takes without them."""

from __future__ import annotations

import numpy as np

from models.lander import Lander


def check_power_limit(lander: Lander) -> None:
    """Raise ValueError for a limit on the pumps' electric power below what the bus takes without them.

    Parameters
    ----------
    lander : Lander
        The specification; floats.

    Raises
    ------
    ValueError
        With both, and what to do.
    """
    limit, house = float(np.ravel(lander.power_limit)[0]), float(np.ravel(lander.bus.house_load)[0])
    if limit < house:
        raise ValueError(
            f"power_limit = {limit:g} W is below the house load of {house:g} W (bus.house_load), which the bus bears "
            "without any pump; raise power_limit, or leave it out for no limit"
        )
