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
    "PERT": "distributions",
    "Weibull": "distributions",
    "Gumbel": "distributions",
    "Empirical": "distributions",
    "Mixture": "distributions",
    "fit_law": "fitting.fit",
    "correlation_from_linear": "copula.from_linear",
    "correlation_from_rank": "copula.from_rank",
    "correlation_from_kendall": "copula.from_kendall",
    "Input": "problem",
    "Output": "problem",
    "Problem": "problem",
    "Plan": "sampling",
    "Dataset": "dataset",
    "PolynomialChaos": "surrogates.polynomial_chaos",
    "GaussianProcess": "surrogates.gaussian_process",
    "Feasibility": "surrogates.feasibility",
    "SurrogateRegressor": "surrogates.estimator",
    "choose": "surrogates.validation",
    "validate": "surrogates.validation",
    "learning_curve": "surrogates.validation",
    "load_surrogate": "surrogates.archive",
    "Card": "surrogates.guard",
    "Domain": "surrogates.guard",
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

_RENAMED = {home for home in _HOME.values() if home.startswith(("fitting.", "copula."))}
"""Functions whose names say little without their module's."""

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'uq' has no attribute {name!r}")
    home = _HOME[name]
    if home in _RENAMED:
        home, name = home.rsplit(".", 1)
    return getattr(importlib.import_module(f"uq.{home}"), name)


def __dir__() -> list[str]:
    return __all__
