"""Other people's Gaussian processes, set up as an expert would: anisotropic, inputs standardised by their laws, a
nugget estimated, several starts at few rows."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.functions import Function

FloatArray = NDArray[np.float64]
Predict = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def _standard(function: Function) -> Callable[[FloatArray], FloatArray]:
    mean, std = np.array([law.moments() for law in function.laws]).T
    return lambda x: (x - mean) / std


def scikit_learn(function: Function, x: FloatArray, y: FloatArray) -> Predict:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    standard, n = _standard(function), len(y)
    lengths = Matern(np.full(x.shape[1], 2.0), (1e-1, 1e3), nu=2.5)
    kernel = ConstantKernel(1.0, (1e-3, 1e5)) * lengths + WhiteKernel(1e-6, (1e-10, 1e-1))
    restarts = 3 if n <= 100 else 1 if n <= 200 else 0
    model = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=restarts, random_state=0, alpha=1e-10
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(standard(x), y)
    return lambda points: model.predict(standard(points), return_std=True)


def gpy(function: Function, x: FloatArray, y: FloatArray) -> Predict:
    import GPy

    logging.disable(logging.CRITICAL)
    standard, center, spread, n = _standard(function), y.mean(), y.std(), len(y)
    kernel = GPy.kern.Matern52(x.shape[1], variance=1.0, lengthscale=np.full(x.shape[1], 2.0), ARD=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = GPy.models.GPRegression(standard(x), ((y - center) / spread)[:, None], kernel, noise_var=1e-4)
        model.likelihood.variance.constrain_bounded(1e-10, 1e-1, warning=False)
        model.optimize(max_iters=300)
        if n <= 200:
            model.optimize_restarts(3 if n <= 100 else 1, verbose=False, robust=True, max_iters=300)

    def predict(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        mean, variance = model.predict(standard(points))
        return mean.ravel() * spread + center, np.sqrt(variance.ravel()) * spread

    return predict


def smt(function: Function, x: FloatArray, y: FloatArray) -> Predict:
    from smt.surrogate_models import KPLSK

    standard = _standard(function)
    model = KPLSK(print_global=False, n_comp=min(4, x.shape[1] - 1), n_start=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.set_training_values(standard(x), y)
        model.train()

    def predict(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        z = standard(points)
        variance = np.maximum(model.predict_variances(z).ravel(), 1e-300)
        return model.predict_values(z).ravel(), np.sqrt(variance)

    return predict


def openturns(function: Function, x: FloatArray, y: FloatArray) -> Predict:
    import openturns as ot

    ot.Log.Show(ot.Log.NONE)
    standard, d, center, spread = _standard(function), x.shape[1], y.mean(), y.std()
    z, w = ot.Sample(standard(x)), ot.Sample(((y - center) / spread)[:, None])
    for algorithm in (ot.NLopt("LD_LBFGS"), ot.NLopt("LN_SBPLX")):  # its default stops where it starts
        kernel = ot.MaternModel([2.0] * d, [1.0], 2.5)
        kernel.setNuggetFactor(1e-8)
        fitter = ot.GaussianProcessFitter(z, w, kernel, ot.ConstantBasisFactory(d).build())
        fitter.setOptimizationBounds(ot.Interval([1e-1] * d, [1e3] * d))
        algorithm.setMaximumCallsNumber(1000)
        fitter.setOptimizationAlgorithm(algorithm)
        try:
            fitter.run()
        except RuntimeError:
            continue
        break
    regression = ot.GaussianProcessRegression(fitter.getResult())
    regression.run()
    result = regression.getResult()
    model, spread_of = result.getMetaModel(), ot.GaussianProcessConditionalCovariance(result)

    def predict(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        rows = ot.Sample(standard(points))
        variance = np.array(spread_of.getConditionalMarginalVariance(rows)).ravel()
        mean = np.array(model(rows)).ravel()
        return mean * spread + center, np.sqrt(np.maximum(variance, 0.0)) * spread

    return predict
