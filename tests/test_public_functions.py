"""Habits that every public function keeps: options by keyword, and a docstring that an editor can show."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
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


ROOT = Path(__file__).parent.parent
COMMANDS = "studies/cli.py"
"""Its docstrings are the help that the command line prints; each option is described where it is declared."""
WITHOUT_RESULT = (None, "None", "NoReturn", "Never")


def functions_of_the_house() -> dict[str, ast.FunctionDef]:
    """Public functions of public modules by file and name, from the source: nothing is imported."""
    return {
        f"{path.relative_to(ROOT).as_posix()}:{node.name}": node
        for package in ("uq", "models", "studies")
        for path in sorted((ROOT / package).rglob("*.py"))
        if (not path.stem.startswith("_") or path.stem == "__init__") and path != ROOT / COMMANDS
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def described(text: str) -> set[str]:
    """Parameters that a numpydoc section `Parameters` describes."""
    body = text.partition("Parameters\n----------\n")[2]
    lines = re.split(r"\n\n[A-Z][A-Za-z ]+\n-{3,}\n", body)[0].splitlines()
    heads = [line.partition(" : ")[0] for line in lines if line and not line.startswith(" ")]
    return {name.strip(" *") for head in heads for name in head.split(",")}


def faults(node: ast.FunctionDef) -> list[str]:
    """What a function's docstring leaves unsaid."""
    text = ast.get_docstring(node) or ""
    own = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    found = [f"no parameter {a.arg}" for a in own if a is not None and a.arg not in described(text)]
    found += [f"{name} is no parameter" for name in described(text) - {a.arg for a in own if a is not None}]
    result = None if node.returns is None else ast.unparse(node.returns)
    if result not in WITHOUT_RESULT and not re.search(r"^(Returns|Yields)\n-{6,7}\n\S", text, re.MULTILINE):
        found.append("no section Returns")
    return found


HOUSE = functions_of_the_house()


def test_the_walk_meets_every_room() -> None:
    homes = (
        "models/components/pump.py:design",
        "uq/sensitivity/sobol.py:sobol_indices",
        "studies/case/case.py:load",
    )
    assert set(homes) <= set(HOUSE)
    assert len(HOUSE) > 700


@pytest.mark.parametrize("name", sorted(HOUSE))
def test_every_function_says_what_goes_in_and_what_comes_out(name: str) -> None:
    assert faults(HOUSE[name]) == []


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
