"""Uncertainty quantification for any model from named columns to named columns.  Knows no physics.

The public names and where they live stand once, typed, in ``__init__.pyi``, which editors and type checkers read.
At run time each loads when it is first used, so that importing `uq` stays quick.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

__version__ = "0.1.0"

_HOME = {
    alias.asname: (line.module, alias.name)
    for line in ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")).body
    if isinstance(line, ast.ImportFrom)
    for alias in line.names
}
"""Public name -> the module that it lives in, and its name there; a room lives in `uq` itself."""

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'uq' has no attribute {name!r}")
    home, original = _HOME[name]
    if home == __name__:
        return importlib.import_module(f"uq.{original}")
    return getattr(importlib.import_module(home), original)


def __dir__() -> list[str]:
    return __all__
