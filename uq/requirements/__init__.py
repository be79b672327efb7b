"""What must be required, how firmly, and at what margin: questions to any model, answered with intervals.

A `Sample` asks a model (the true one, or a surrogate with its stated error) once; every question is put to it.
"""

from uq.core.estimate import Estimate
from uq.requirements.allocation.allocation import Allocated, Allocation, allocate
from uq.requirements.compliance import compliance
from uq.requirements.confirmation import Confirmation, Confirmations, confirm
from uq.requirements.exchange import ExchangeRates, LimitRates, Rate, exchange_rates, limit_rates
from uq.requirements.frontier import Axis, Frontier, frontier
from uq.requirements.information import Information, Learning, information
from uq.requirements.margins import Margin, Margins, margins
from uq.requirements.question import Question
from uq.requirements.retraining import AgreedClaims, confirm_and_retrain
from uq.requirements.shared_sample import Rows, Sample, draw
from uq.requirements.specification.entries import Attributes, Entry, acceptance
from uq.requirements.specification.files import read, read_entries, to_csv, to_json, to_markdown, write
from uq.requirements.specification.statements import Shown, Statement, statement
from uq.requirements.specification.sysml import to_sysml
from uq.requirements.specification.tables import requirements_table, verification_table
from uq.requirements.specification.trace import Check, Checks, check
from uq.requirements.sweep import Sweep, sweep, verify
from uq.requirements.threshold import Threshold, threshold
from uq.requirements.types import Lever, Limit, Requirement, Verdict, Verified
from uq.requirements.waterfall import Share, Waterfall, variance_shares, waterfall

__all__ = [
    "AgreedClaims",
    "Allocated",
    "Allocation",
    "Attributes",
    "Axis",
    "Check",
    "Checks",
    "Confirmation",
    "Confirmations",
    "Entry",
    "Estimate",
    "ExchangeRates",
    "Frontier",
    "Information",
    "Learning",
    "Lever",
    "Limit",
    "LimitRates",
    "Margin",
    "Margins",
    "Question",
    "Rate",
    "Requirement",
    "Rows",
    "Sample",
    "Share",
    "Shown",
    "Statement",
    "Sweep",
    "Threshold",
    "Verdict",
    "Verified",
    "Waterfall",
    "acceptance",
    "allocate",
    "check",
    "compliance",
    "confirm",
    "confirm_and_retrain",
    "draw",
    "exchange_rates",
    "frontier",
    "information",
    "limit_rates",
    "margins",
    "read",
    "read_entries",
    "requirements_table",
    "statement",
    "sweep",
    "threshold",
    "to_csv",
    "to_json",
    "to_markdown",
    "to_sysml",
    "variance_shares",
    "verification_table",
    "verify",
    "waterfall",
    "write",
]
