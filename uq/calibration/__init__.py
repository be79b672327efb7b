"""What measurements say of uncertain inputs: laws before a test become laws after it."""

from uq.calibration.calibrate import calibrate as calibrate
from uq.calibration.gaussian import gaussian_posterior as gaussian_posterior
from uq.calibration.measurement import Measurement as Measurement
from uq.calibration.measurement import measurements_of as measurements_of
from uq.calibration.posterior import Convergence as Convergence
from uq.calibration.posterior import Posterior as Posterior
from uq.calibration.rank_histograms import Ranks as Ranks
from uq.calibration.rank_histograms import rank_histograms as rank_histograms

__all__ = [
    "Convergence",
    "Measurement",
    "Posterior",
    "Ranks",
    "calibrate",
    "gaussian_posterior",
    "measurements_of",
    "rank_histograms",
]
