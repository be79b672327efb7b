"""What a user writes, as a type checker sees it: run by `test_front_door`, through mypy --strict."""

import numpy as np

import uq


def beam(c: uq.Columns) -> uq.Columns:
    return {"stress": 12.0 * c["load"] / c["side"] ** 3}


problem = uq.Problem(
    (uq.Input("side", "m", uq.Uniform(0.1, 0.3)), uq.Input("load", "N", uq.Uniform(0.0, 1e3))),
    (uq.Output("stress", "Pa"),),
    beam,
)
reveal_type(problem)
data = uq.campaign.run(problem, uq.sobol_sequence(64, 2, seed=1))
reveal_type(data)
surrogate = uq.PolynomialChaos.fit(data)
reveal_type(surrogate)
reveal_type(surrogate.predict(data.x).mean)
reveal_type(uq.sobol_indices(surrogate)["stress"])
sample = uq.requirements.draw(surrogate, 256)
limits = [uq.Limit("stress", high=float(np.quantile(data.y, 0.5)))]
verdict = uq.requirements.compliance(uq.Question(sample, limits, given=[uq.Requirement("side", low=0.2)]))
reveal_type(verdict.estimate)
reveal_type(uq.__version__)
