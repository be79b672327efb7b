"""Uncertainty quantification for any model from named columns to named columns.  Knows no physics.

Public names load when first used, so that importing `uq` stays quick.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Uniform": "core.distributions",
    "Triangular": "core.distributions",
    "Normal": "core.distributions",
    "TruncatedNormal": "core.distributions",
    "LogNormal": "core.distributions",
    "Beta": "core.distributions",
    "Discrete": "core.distributions",
    "PERT": "core.distributions",
    "Weibull": "core.distributions",
    "Gumbel": "core.distributions",
    "Empirical": "core.distributions",
    "Mixture": "core.distributions",
    "fit_law": "core.distributions.fitting.fit",
    "correlation_from_linear": "core.copula.from_linear",
    "correlation_from_rank": "core.copula.from_rank",
    "correlation_from_kendall": "core.copula.from_kendall",
    "Input": "core.problem",
    "Output": "core.problem",
    "Problem": "core.problem",
    "Plan": "sampling.plans",
    "Dataset": "core.dataset",
    "evaluate": "core.dataset",
    "PolynomialChaos": "surrogates.polynomial_chaos.expansion",
    "GaussianProcess": "surrogates.gaussian_process.gaussian_process",
    "Feasibility": "surrogates.feasibility",
    "SurrogateRegressor": "surrogates.sklearn_regressor",
    "choose": "surrogates.validation",
    "validate": "surrogates.validation",
    "learning_curve": "surrogates.validation",
    "load_surrogate": "surrogates.loading",
    "Card": "surrogates.card",
    "Domain": "surrogates.domain",
    "grow": "campaign.sequential",
    "Limit": "requirements",
    "Requirement": "requirements",
    "Verified": "requirements",
    "Verdict": "requirements",
    "Indices": "core.results",
    "sobol_indices": "sensitivity.sobol",
    "second_order_indices": "sensitivity.sobol",
    "pick_freeze": "sampling.pick_freeze",
    "Effects": "sensitivity.shapley_kucherenko",
    "shapley_effects": "sensitivity.shapley_kucherenko",
    "kucherenko_indices": "sensitivity.shapley_kucherenko",
    "difference": "surrogates.derived_outputs",
    "Summary": "core.results",
    "propagate": "propagation.propagate",
    "wilks_runs": "propagation.tolerance",
    "corrected": "propagation.control_variates",
    "Rare": "core.results",
    "failure_probability": "reliability.failure_probability",
    "meets": "surrogates.derived_outputs",
    "Mean": "optimization.objectives",
    "Quantile": "optimization.objectives",
    "Compliance": "optimization.objectives",
    "Bound": "optimization.objectives",
    "Goal": "optimization.objectives",
    "Decision": "optimization.decision",
    "optimum": "optimization.optimum",
    "confirmed_optimum": "optimization.trust_region",
    "problem_from_chaospy": "io.chaospy",
    "problem_from_salib": "io.tables",
}

_RENAMED = {
    home
    for home in _HOME.values()
    if home.rsplit(".", 1)[-1].startswith(("fit", "from_")) and not home.endswith("fitting")
}
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
