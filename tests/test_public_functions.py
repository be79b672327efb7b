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
    assert [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][2:] == []


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_docstring_says_what_goes_in_and_what_comes_out(name: str) -> None:
    function = PUBLIC[name]
    found = sections(function)
    if inspect.signature(function).parameters:
        assert {"Parameters", "Returns"} <= found
    if raises(function):
        assert "Raises" in found


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_docstring_names_every_parameter(name: str) -> None:
    text = (inspect.getdoc(PUBLIC[name]) or "").partition("Parameters\n---")[2].partition("\nReturns\n")[0]
    heads = {
        word.strip(" *")
        for line in text.splitlines()
        if line and not line.startswith(" ")
        for word in line.partition(" :")[0].split(",")
    }
    assert set(inspect.signature(PUBLIC[name]).parameters) <= heads
