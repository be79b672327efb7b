"""What must be required, how firmly, and at what margin: questions to any model, answered with intervals.

A `Sample` asks a model (the true one, or a surrogate with its stated error) once; every question is put to it.
"""

from uq.requirements.allocation import Allocated, Allocation, allocate
from uq.requirements.compliance import compliance
from uq.requirements.exchange import ExchangeRates, LimitRates, Rate, exchange_rates, limit_rates
from uq.requirements.frontier import Axis, Frontier, frontier
from uq.requirements.information import Information, Learning, information
from uq.requirements.levying import Levying, Loosest, levy, loosest, verify
from uq.requirements.margins import Margin, Margins, margins
from uq.requirements.sample import Rows, Sample, draw
from uq.requirements.terms import Estimate, Limit, Requirement, Verdict, Verified
from uq.requirements.waterfall import Share, Waterfall, shapley_effects, waterfall

__all__ = [
    "Allocated",
    "Allocation",
    "Axis",
    "Estimate",
    "ExchangeRates",
    "Frontier",
    "Information",
    "Learning",
    "Levying",
    "Limit",
    "LimitRates",
    "Loosest",
    "Margin",
    "Margins",
    "Rate",
    "Requirement",
    "Rows",
    "Sample",
    "Share",
    "Verdict",
    "Verified",
    "Waterfall",
    "allocate",
    "compliance",
    "draw",
    "exchange_rates",
    "frontier",
    "information",
    "levy",
    "limit_rates",
    "loosest",
    "margins",
    "shapley_effects",
    "verify",
    "waterfall",
]
