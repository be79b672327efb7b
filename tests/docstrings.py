"""What docstrings of public functions leave unsaid, read from the source: parameters and results, in numpydoc."""

from __future__ import annotations

import ast
import re
from pathlib import Path

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
