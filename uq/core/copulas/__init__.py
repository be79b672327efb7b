"""Dependence apart from the marginal laws; importing the families together lets `from_dict` know each."""

from uq.core.copulas.archimedean import ClaytonCopula as ClaytonCopula
from uq.core.copulas.archimedean import GumbelCopula as GumbelCopula
from uq.core.copulas.base import Copula as Copula
from uq.core.copulas.base import ReflectedCopula as ReflectedCopula
from uq.core.copulas.base import from_dict as from_dict
from uq.core.copulas.elliptical import GaussianCopula as GaussianCopula
from uq.core.copulas.elliptical import StudentCopula as StudentCopula
from uq.core.copulas.vine import VineCopula as VineCopula
from uq.core.correlations import check_correlation as check_correlation
