"""Uncertainty quantification for any model from named columns to named columns.  Knows no physics.

Public names load when first used, so that importing `uq` stays quick.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Uniform": "distributions",
    "Triangular": "distributions",
    "Normal": "distributions",
    "TruncatedNormal": "distributions",
    "LogNormal": "distributions",
    "Beta": "distributions",
    "Discrete": "distributions",
    "Input": "problem",
    "Output": "problem",
    "Problem": "problem",
    "Plan": "sampling",
    "Dataset": "dataset",
    "grow": "growth",
    "Limit": "requirements",
    "Requirement": "requirements",
    "Verified": "requirements",
    "Verdict": "requirements",
    "Indices": "sensitivity",
    "sobol": "sensitivity",
    "second_order": "sensitivity",
    "pick_freeze": "mixing",
    "Effects": "dependence",
    "shapley": "dependence",
    "kucherenko": "dependence",
    "difference": "derived",
    "Summary": "propagation",
    "propagate": "propagation",
    "wilks_runs": "tolerance",
    "corrected": "multifidelity",
    "Rare": "reliability",
    "failure_probability": "reliability",
    "meets": "derived",
    "Mean": "goals",
    "Quantile": "goals",
    "Compliance": "goals",
    "Bound": "goals",
    "Goal": "goals",
    "Decision": "optimize",
    "optimum": "optimize",
    "confirmed_optimum": "trust_region",
    "problem_from_chaospy": "interchange",
    "problem_from_salib": "tabular",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'uq' has no attribute {name!r}")
    return getattr(importlib.import_module(f"uq.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
