"""What there is to run: the studies with their questions, and the landers that ship."""

from __future__ import annotations

import ast
from importlib.resources import files


def studies() -> dict[str, str]:
    """Every study by its name on the command line, with its question: modules of `studies` with a `run`.

    Read from the source, so that nothing heavy is imported for a list.

    Returns
    -------
    dict of str to str
        Question by name.
    """
    questions = {}
    for path in files("studies").iterdir():
        if not path.name.endswith(".py") or path.name == "cli.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            question = (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")
            questions[path.name.removesuffix(".py").replace("_", "-")] = question
    return dict(sorted(questions.items()))


def cases() -> dict[str, str]:
    """Every shipped case by name, with its title.

    Returns
    -------
    dict of str to str
        Title by name.
    """
    import tomllib

    titles = {}
    for path in files("studies").joinpath("cases").iterdir():
        if path.name.endswith(".toml") and path.name != "technology.toml":
            titles[path.name.removesuffix(".toml")] = tomllib.loads(path.read_text(encoding="utf-8"))["title"]
    return dict(sorted(titles.items()))


def resolved(study: str, known: dict[str, str]) -> str | None:
    """The name of a study however it is written (``break_even.py``), or None.

    Parameters
    ----------
    study : str
        However it is written.
    known : dict of str to str
        Studies by name.

    Returns
    -------
    str or None
        The name, or None.

    Examples
    --------
    >>> resolved("break_even.py", {"break-even": "?"})
    'break-even'
    """
    name = study.removesuffix(".py").replace("_", "-")
    return name if name in known else None
