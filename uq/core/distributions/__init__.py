"""Marginal laws; importing them together lets `from_dict` know each."""

from uq.core.distributions.base import Distribution as Distribution
from uq.core.distributions.base import from_dict as from_dict
from uq.core.distributions.bounded import PERT as PERT
from uq.core.distributions.bounded import Beta as Beta
from uq.core.distributions.bounded import Triangular as Triangular
from uq.core.distributions.bounded import Uniform as Uniform
from uq.core.distributions.chaospy_laws import from_chaospy as from_chaospy
from uq.core.distributions.chaospy_laws import is_chaospy as is_chaospy
from uq.core.distributions.composite import Discrete as Discrete
from uq.core.distributions.composite import Empirical as Empirical
from uq.core.distributions.composite import Mixture as Mixture
from uq.core.distributions.salib_laws import is_salib as is_salib
from uq.core.distributions.salib_laws import laws_of_salib as laws_of_salib
from uq.core.distributions.scipy_stats import ScipyLaw as ScipyLaw
from uq.core.distributions.scipy_stats import from_scipy as from_scipy
from uq.core.distributions.truncated import TruncatedGumbel as TruncatedGumbel
from uq.core.distributions.truncated import TruncatedNormal as TruncatedNormal
from uq.core.distributions.unbounded import Gumbel as Gumbel
from uq.core.distributions.unbounded import LogNormal as LogNormal
from uq.core.distributions.unbounded import Normal as Normal
from uq.core.distributions.unbounded import Weibull as Weibull
