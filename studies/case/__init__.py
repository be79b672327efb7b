"""A lander as its users write it: one TOML file, checked, with units."""

from studies.case.schema import Case as Case
from studies.case.schema import load as load
from studies.case.schema import problem as problem
