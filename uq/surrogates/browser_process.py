"""Gaussian processes as numbers for a page that computes in a browser (`uq.report.explorer`).

With z standardised inputs in units of the kernel's lengths, v = L^-1 k and u = (1 - p' v) / t for the constant trend
(`uq.surrogates.gaussian_process.conditioning`)::

    mean      constant + sum_i weights_i k_i,    k_i = (1 + |z - z_i|^2 / 4)^-2
    variance  deviation^2 (1 + nugget - v' v + u^2)
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.gaussian_process.kernels import RATIONAL


def process_numbers(learned: GaussianProcess) -> list[dict[str, Any]]:
    """What the page computes mean and standard deviation of each output from.

    Parameters
    ----------
    learned : GaussianProcess
        Of the kernel `RATIONAL` and a constant trend.

    Returns
    -------
    list of dict
        One for each output; arrays as base64 of little-endian numbers.

    Raises
    ------
    ValueError
        For another kernel or trend.
    """
    d = learned.problem.dimension
    basis = learned.basis
    found = []
    for process, trend in zip(learned.processes, learned.trends, strict=True):
        if process.kernel.name != RATIONAL.name or len(trend) != 1 or trend.any() or basis.logarithmic.any():
            raise ValueError(
                "a page computes processes of the kernel RATIONAL, a constant trend, no logarithms"
            )
        lengths, _ = process.kernel.split(process.parameters, d)
        deviation = process.spread * process.widening * process.scale
        found.append(
            {
                "shift": basis.shift.tolist(),
                "scale": (basis.scale * lengths).tolist(),
                "rows": _coded(learned.train / lengths, "f8"),
                "weights": _coded(process.spread * process.weights, "f8"),
                "constant": float(process.center + process.spread * process.beta[0]),
                "root": _coded(process.inverse_root[np.tril_indices(len(learned.train))], "f4"),
                "projection": _coded(process.projection[:, 0], "f8"),
                "trend": float(process.trend_root[0, 0]),
                "nugget": float(process.nugget),
                "deviation": float(deviation),
                "least": float(process.least),
            }
        )
    return found


def _coded(values: FloatArray, kind: str) -> dict[str, str]:
    array = np.ascontiguousarray(values, dtype="<" + kind)
    return {"kind": kind, "base64": base64.b64encode(array.tobytes()).decode()}
