"""What must be required, how firmly, and at what margin: questions to any model, answered with intervals.

A `Sample` asks a model (the true one, or a surrogate with its stated error) once; every question is put to it.
"""

from uq.requirements.compliance import compliance
from uq.requirements.exchange import ExchangeRates, LimitRates, Rate, exchange_rates, limit_rates
from uq.requirements.frontier import Axis, Frontier, frontier
from uq.requirements.levying import Levying, Loosest, levy, loosest, verify
from uq.requirements.sample import Rows, Sample, draw
from uq.requirements.terms import Estimate, Limit, Requirement, Verdict, Verified

__all__ = [
    "Axis",
    "Estimate",
    "ExchangeRates",
    "Frontier",
    "Levying",
    "Limit",
    "LimitRates",
    "Loosest",
    "Rate",
    "Requirement",
    "Rows",
    "Sample",
    "Verdict",
    "Verified",
    "compliance",
    "draw",
    "exchange_rates",
    "frontier",
    "levy",
    "limit_rates",
    "loosest",
    "verify",
]
