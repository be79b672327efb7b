"""Words and numbers of a first screen, as a reader counts them: units and single letters are no words."""

import re

MOST_WORDS, MOST_NUMBERS = 120, 40
UNITS = ("kg", "kW", "kWh", "bar")


def counted(text: str) -> tuple[int, int]:
    """Words and numbers.

    >>> counted("Pump's efficiency at 1.1 L/s, 22 bar: 0.68 (36 % chance)")
    (4, 4)
    """
    words = re.findall(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*", text)
    return len([word for word in words if word not in UNITS]), len(re.findall(r"\d+(?:\.\d+)?", text))
