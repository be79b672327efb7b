"""A lander as its users write it: one TOML file, checked, with units."""

from studies.case.case import Case as Case
from studies.case.case import load as load
from studies.case.case import problem as problem
