"""How a case feeds its thrusters, and what cannot be fed so."""

from __future__ import annotations

import dataclasses

from models.components.reaction_control import ThrusterOption
from models.lander import Lander
from models.properties.propellants import LOX_LCH4
from studies.case.schema import Thrusters

FROM_MAIN_TANKS = ("accumulators", "low_pressure")
"""Options in which thrusters hang on the manifold of the main engines."""


def with_thrusters(lander: Lander, name: Thrusters, *, where: str | None = None) -> Lander:
    """The lander with its thrusters fed as named.

    Parameters
    ----------
    lander : Lander
        Of floats.
    name : str
        As a case file names it.
    where : str, optional
        Key that names it; not given for a default, which nobody has asked for.

    Returns
    -------
    Lander

    Raises
    ------
    ValueError
        For a key that feeds thrusters where there are none, or from a manifold of propellants that boil in it.
    """
    control = dataclasses.replace(lander.reaction_control, option=ThrusterOption[name.upper()])
    if where is not None:
        if not max(control.propellant_share, control.braking_thrust, control.landing_thrust) > 0.0:
            raise ValueError(
                f"{where}: {name!r} feeds thrusters, and the lander has none: reaction_control.propellant_share = 0; "
                "raise it or leave the key out"
            )
        if lander.propellants is LOX_LCH4 and name in FROM_MAIN_TANKS:
            raise ValueError(
                f"{where}: {name!r} hangs the thrusters on the main engines' manifold, in which "
                f"{lander.propellants.name} boils between pulses; give them 'separate_tanks' or 'monopropellant'"
            )
    return dataclasses.replace(lander, reaction_control=control)
