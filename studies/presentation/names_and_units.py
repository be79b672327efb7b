"""Plain words and the units that engineers read, for outputs and inputs."""

from __future__ import annotations

from models.quantity import BAR, WATT_HOUR
from studies.case.case import Case
from studies.case.units import Unit
from uq.core.estimate import Estimate

OUTPUTS = {
    "payload_gain": "payload gain",
    "mass_saved": "launch mass saved",
    "dry_saving": "propulsion dry mass saved",
    "unchanged_engine_gain": "payload gain with the unchanged engine",
    "payload_gain_over_shelf": "payload gain over the off-the-shelf engine",
    "power_drive_mass": "power drive mass",
    "electric_power": "electric power at full thrust",
    "electric_energy": "electric energy, all burns",
    "additional_power_share": "pump power over the bus load",
    "additional_energy_share": "pump energy over the bus load's during the burns",
    "regenerative_advantage": "payload with the regenerative engine less that with the radiation-cooled one",
    "payload": "payload",
    "propulsion_mass": "loaded propulsion system",
    "dry_mass": "propulsion dry mass",
    "wet_mass": "launch mass for the given payload",
    "chamber_pressure": "best chamber pressure",
    "area_ratio": "best nozzle area ratio",
    "oxidiser_tank_pressure": "oxidiser tank pressure",
    "fuel_tank_pressure": "fuel tank pressure",
    "specific_impulse": "delivered specific impulse",
    "burn_time": "burn time",
    "status": "status",
}
ARCHITECTURES = {"pressure_fed": "pressure-fed", "electric_pump": "electric pump"}

SHOWN = {
    "Pa": Unit("bar", BAR),
    "W": Unit("kW", 1e3),
    "J": Unit("kWh", 1e3 * WATT_HOUR),
    "-": Unit(""),
    "1": Unit(""),
}
"""SI unit -> the unit shown."""


def to_digits(value: float, digits: int = 3) -> float:
    """A number to so many significant digits: where an interval in its row leaves no more.

    Parameters
    ----------
    value : float
        In the unit shown.
    digits : int, default 3
        That are left.

    Returns
    -------
    float

    Examples
    --------
    >>> to_digits(227.94), to_digits(0.0069207, 2)
    (228.0, 0.0069)
    """
    return float(f"{value:.{digits}g}")


def output_words(name: str) -> str:
    """``"electric_pump.payload"`` -> ``"electric pump: payload"``.

    Parameters
    ----------
    name : str
        Of the output.

    Returns
    -------
    str
        In plain words.
    """
    architecture, _, rest = name.rpartition(".")
    plain = OUTPUTS.get(rest, rest.replace("_", " "))
    return f"{ARCHITECTURES[architecture]}: {plain}" if architecture else plain


def output_unit(unit: str) -> Unit:
    """The unit that is shown for an SI unit of an output.

    Parameters
    ----------
    unit : str
        SI.

    Returns
    -------
    Unit
    """
    return SHOWN.get(unit, Unit(unit))


def input_words(case: Case, name: str) -> str:
    """The title that the case gives an input.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    name : str
        Of the input.

    Returns
    -------
    str
        The case's title, or the name in words.
    """
    return case.titles.get(name, name.replace("_", " ").replace(".", ": "))


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def counted(number: float, noun: str) -> str:
    """A count in words, as a sentence has it.

    Parameters
    ----------
    number : float
        Whole.
    noun : str
        In the singular.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1.0, "engine"), counted(12.0, "pump set")
    ('one engine', '12 pump sets')
    """
    words = NUMBERS[round(number)] if number < len(NUMBERS) else f"{number:.0f}"
    return f"{words} {noun}{'s' * (number != 1.0)}"


def percent(probability: Estimate) -> str:
    """A probability with its interval in words: ``"65 % (63 to 67 %)"``.

    Parameters
    ----------
    probability : Estimate
        With its interval.

    Returns
    -------
    str
        In per cent.

    Examples
    --------
    >>> percent(Estimate(0.65, 0.63, 0.672))
    '65 % (63 to 67 %)'
    """

    def whole(p: float) -> str:
        return f"{100.0 * p:.0f}" if 0.01 <= p <= 0.99 or p in (0.0, 1.0) else f"{100.0 * p:.1f}"

    return f"{whole(probability.value)} % ({whole(probability.low)} to {whole(probability.high)} %)"


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

    Parameters
    ----------
    gains : Estimate
        Probability that a lander gains payload.
    wanted : float
        Probability that is asked for.

    Returns
    -------
    str
        One of five.

    Examples
    --------
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
