"""A case file to begin with: every value that a lander of one's own needs, with a word on each."""

from __future__ import annotations

import re
from pathlib import Path

from studies.case.toml_file import CaseError

TEMPLATE = """\
# A lander of your own.  Look at it with `lander-uq size --case {file}`, then ask
# `lander-uq run pump-requirements --case {file}`.  Every number has its unit and its source; where nobody published
# one, the source is the word judgement.  `lander-uq schema` lists every key for your editor.
name = "{name}"                    # names the folder of the results
title = "{title}, 3 t"             # heads the report
extends = "technology.toml"        # uncertain inputs, scenarios and decisions that the shipped landers share
propellants = "MON-3/MMH"          # or "MON-25/MMH", "MON-3/N2H4", "LOX/LCH4", see docs/your_own_lander.md
wanted_probability = 0.9           # that all limits hold together

[lander]
launch_mass = {{ value = "3000 kg", source = "judgement: yours here" }}         # at separation from the launcher
payload = {{ value = "250 kg", source = "judgement: yours here" }}              # to be landed
# All that is neither payload nor propulsion.  `lander-uq size --case {file} --close` finds the one that closes the
# pressure-fed lander at its payload.
platform_mass = {{ value = "{platform} kg", source = "judgement: closes the pressure-fed lander at its payload" }}
thrust = {{ value = "7.5 kN", source = "judgement: about 1.5 times the lunar weight at descent" }}  # of all engines
engines = {{ value = "3", source = "judgement: yours here" }}
"mission.insertion" = {{ value = "850 m/s", source = "judgement: yours here" }}  # into lunar orbit
"mission.divert" = {{ value = "60 m/s", source = "judgement: yours here" }}
"mission.hover" = {{ value = "60 s", source = "judgement: yours here" }}
"harness.bus_voltage" = {{ value = "100 V", source = "judgement: yours here" }}
"bus.house_load" = {{ value = "400 W", source = "judgement: yours here" }}       # of the lander without the pumps
# A value given here fixes a quantity that technology.toml makes uncertain:
# "oxidiser_pump.required_efficiency" = {{ value = "0.70", source = "offer of a supplier" }}

# An uncertain input of your own takes the place of the one in technology.toml.
# [inputs."battery.specific_energy"]
# distribution = {{ law = "Triangular", low = 120, mode = 150, high = 180 }}
# unit = "Wh/kg"
# role = "requirement"             # a supplier can be held to it; "uncertain" is nobody's to decide
# source = "offer of a supplier"

[limits.payload_gain]
at_least = "0 kg"                  # what the pump must gain at the same launch mass
source = "judgement: yours here"

# [limits.electric_power]
# at_most = "12 kW"
# source = "power budget"

# [engine]                         # one that exists, in both architectures; a ratio needs no quotes
# chamber_pressure = "9.5 bar"
# area_ratio = 165
# specific_impulse = "318 s"
# source = "the maker's data"

# [hardware.oxidiser_pump]         # from a data sheet; also fuel_pump, pump (both), motor, inverter, battery
# points = [{{ flow = "0.8 L/s", rise = "14 bar", speed = "25000 rpm", efficiency = 0.62 }}]
# mass = "1.6 kg"                  # with bracket, sensors and flanges; installed = false for that of the bare pump
# uncertainty = "2 %"
# source = "data sheet of the supplier"

# [margins]                        # of the fixed design; held = true keeps the study from looking for a better value
# power = {{ value = "25 %", source = "judgement: yours here", held = true }}

# [scenarios.short_hover]          # a question of its own, never averaged with the others
# title = "30 s of hover"
# values = {{ "mission.hover" = "30 s" }}
"""

PLATFORM = "606.4"
"""kg: closes the pressure-fed lander of the template at its payload."""


def new(name: str, folder: Path) -> Path:
    """Write a commented case file ``NAME.toml`` into a folder, and give its path.

    Parameters
    ----------
    name : str
        Of the lander.
    folder : Path
        Where the file is written.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    CaseError
        For a name that names no file, or where the file stands already.
    """
    stem = name.removesuffix(".toml")
    if not re.fullmatch(r"\w[\w.+-]{0,59}", stem):
        raise CaseError(
            f"{name!r:.80} cannot name a case; give letters and digits, with . + - or _ between them"
        )
    path = folder / f"{stem}.toml"
    title = stem.replace("_", " ").replace("-", " ")
    text = TEMPLATE.format(name=stem, file=path.name, title=title[:1].upper() + title[1:], platform=PLATFORM)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CaseError(f"{path} is there already; give another name") from None
    return path
