"""Habits that every public function keeps: options by keyword, and a docstring that an editor can show."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest

import uq
from tests.docstrings import faults, functions_of_the_house


def public_functions() -> dict[str, Callable[..., Any]]:
    """Functions that `uq.__all__` names, and those that a room of it names."""

    def named(module: ModuleType) -> Iterator[Any]:
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if inspect.ismodule(value) and module is uq:
                yield from named(value)
            elif inspect.isfunction(value) and value.__module__.split(".")[0] == "uq":
                yield value

    return {f"{f.__module__}.{f.__qualname__}": f for f in named(uq)}


def sections(function: Callable[..., Any]) -> set[str]:
    """Headings of a numpydoc docstring."""
    lines = (inspect.getdoc(function) or "").splitlines()
    return {head for head, rule in pairwise(lines) if head and rule == "-" * len(head)}


def raises(function: Callable[..., Any]) -> bool:
    """Whether the function's own body raises."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    return any(isinstance(node, ast.Raise) for node in ast.walk(tree))


PUBLIC = public_functions()


def test_the_walk_meets_what_a_user_calls() -> None:
    homes = (
        "uq.campaign.runner.run",
        "uq.sensitivity.sobol.sobol_indices",
        "uq.requirements.threshold.threshold",
    )
    assert set(homes) <= set(PUBLIC)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_options_are_keyword_only_after_the_second_argument(name: str) -> None:
    parameters = inspect.signature(PUBLIC[name]).parameters.values()
    limits = ["limits"] if name == "uq.one_call.study" else []  # part of the question, no option
    assert [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][2:] == limits


def test_the_walk_meets_every_room() -> None:
    homes = (
        "models/components/pump.py:design",
        "uq/sensitivity/sobol.py:sobol_indices",
        "studies/case/case.py:load",
    )
    known = functions_of_the_house()
    assert set(homes) <= set(known)
    assert len(known) > 700


def test_a_docstring_that_leaves_something_out_is_noticed() -> None:
    source = '''
def power(flow, head) -> float:
    """Of a pump.

    Parameters
    ----------
    flow : float
        m3/s.
    speed : float
        rad/s.
    """
'''
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    assert faults(node) == ["no parameter head", "speed is no parameter", "no section Returns"]


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_what_is_raised_is_said(name: str) -> None:
    if raises(PUBLIC[name]):
        assert "Raises" in sections(PUBLIC[name])
