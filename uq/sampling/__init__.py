"""Plans: which samples a model is asked."""

from uq.sampling.curves import derivative_steps as derivative_steps
from uq.sampling.curves import search_curves as search_curves
from uq.sampling.plans import Plan as Plan
from uq.sampling.plans import latin_hypercube as latin_hypercube
from uq.sampling.plans import monte_carlo as monte_carlo
from uq.sampling.plans import saltelli as saltelli
from uq.sampling.plans import scrambles as scrambles
from uq.sampling.plans import sobol_sequence as sobol_sequence
from uq.sampling.quadrature import clenshaw_curtis as clenshaw_curtis
from uq.sampling.quadrature import gauss as gauss
from uq.sampling.quadrature import sparse as sparse
