"""Reference pages from the docstrings of a source tree, which is read and not imported.

Every public function, class, method, field and constant with a docstring is shown under its module.  Docstrings are
plain text with equations in indented blocks, names in single backticks and doctests; nothing in them is markup beyond
that.  In Markdown pages, code that names a documented object (``uq.propagate``) becomes a link to it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

FOLDER = "reference"
_LISTED = re.compile(r"(?:-|\d+\.) ")
_ENTRIES = ("Parameters", "Attributes", "Returns", "Yields", "Raises")
_SECTION = re.compile(
    r"^(Parameters|Attributes|Returns|Yields|Raises|References|Notes|Examples)\n-{3,}\n", re.MULTILINE
)


@dataclass(frozen=True)
class Module:
    """A parsed file: its dotted name, its lines and tree, and what its imports call by which full name."""

    name: str
    lines: list[bytes]
    tree: ast.Module
    imports: Mapping[str, str]

    def written(self, node: ast.expr) -> str:
        """An expression as it stands in the file: the digits are those of its source."""
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return " ".join(b" ".join(lines).decode("utf-8").split())

    @property
    def documented(self) -> list[str]:
        """Its functions and classes with a docstring."""
        kinds = ast.FunctionDef | ast.ClassDef
        return [node.name for node in self.tree.body if isinstance(node, kinds) and ast.get_docstring(node)]

    @property
    def summary(self) -> str:
        """The first sentence of its docstring."""
        text = " ".join((ast.get_docstring(self.tree) or "").split("\n\n")[0].split())
        return re.split(r"(?<=[.?!])\s", text)[0].rstrip(":")


def modules(root: Path, package: str) -> list[Module]:
    """Every public module of a package that has a docstring, in the order of names."""
    found = []
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        if any(part.startswith("_") and part != "__init__" for part in parts) or not ast.get_docstring(tree):
            continue
        found.append(Module(name, text.encode("utf-8").split(b"\n"), tree, dict(_imports(tree, package))))
    return found


def _imports(tree: ast.Module, package: str) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


# -- pages --------------------------------------------------------------------------------------------------------


def page(module: Module) -> str:
    """One module as reStructuredText."""
    title = module.name.replace(".", ".\u200b")  # may break after its dots
    lines = [":orphan:", "", title, "=" * len(title), "", ":doc:`All modules <index>`", ""]
    lines += [f".. py:module:: {module.name}", ""]
    lines += [_prose(ast.get_docstring(module.tree) or "", module.imports), ""]
    for shown in _members(module.tree.body, module):
        lines += [shown, ""]
    return "\n".join(lines)


def _members(body: list[ast.stmt], module: Module, *, inside: str = "") -> Iterator[str]:
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _function(node, module, inside)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_") and ast.get_docstring(node):
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            members = "\n\n".join(_members(node.body, module, inside=node.name))
            text = _prose(ast.get_docstring(node) or "", module.imports)
            yield _directive("class", f"{node.name}({bases})" if bases else node.name, f"{text}\n\n{members}")
        else:
            yield from _value(node, after, module, inside)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, module: Module, inside: str) -> Iterator[str]:
    text = ast.get_docstring(node)
    if node.name.startswith("_") or not text:
        return
    decorators = {ast.unparse(d) for d in node.decorator_list}
    returns = "" if node.returns is None else ast.unparse(_Full(module.imports).visit(node.returns))
    if "property" in decorators:
        yield _directive("property", node.name, _prose(text, module.imports), [f":type: {returns}"])
        return
    arguments = _Full(module.imports).visit(node.args)
    if inside and "staticmethod" not in decorators:
        (arguments.posonlyargs or arguments.args).pop(0)
    options = [f":{d}:" for d in ("classmethod", "staticmethod", "abstractmethod") if d in decorators]
    arrow = f" -> {returns}" if returns else ""
    signature = f"{node.name}({ast.unparse(arguments)}){arrow}"
    yield _directive("method" if inside else "function", signature, _prose(text, module.imports), options)


def _value(node: ast.stmt, after: ast.stmt | None, module: Module, inside: str) -> Iterator[str]:
    """A constant or field; fields are shown with or without a docstring, constants only with one."""
    quantity = ""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        name, value, quantity = node.target.id, node.value, _quantity(node.annotation, module)
        kind = "" if quantity else ast.unparse(_Full(module.imports).visit(node.annotation))
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        name, value, kind = node.targets[0].id, node.value, ""
    else:
        return
    documented = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    text = str(after.value.value) if documented else ""  # type: ignore[union-attr]
    if name.startswith("_") or not (text or quantity or (inside and kind)):
        return
    options = [f":type: {kind}"] if kind else []
    given = "" if value is None else module.written(value)
    if given and len(given) <= 60 and not given.startswith("field("):
        options.append(f":value: {given}")
    prose = _prose("  ".join([quantity, textwrap.dedent(text).strip()]).strip(), module.imports)
    yield _directive("attribute" if inside else "data", name, prose, options)


def _quantity(annotation: ast.expr, module: Module) -> str:
    """Unit and range of ``Annotated[Numeric, unit, (low, high)]`` in words; nothing for other annotations."""
    match annotation:
        case ast.Subscript(ast.Name("Annotated"), ast.Tuple([_, ast.Constant(str(unit)), *rest])):
            words = f"[{unit}]"
            if rest:
                low, high = (module.written(end) for end in rest[0].elts)  # type: ignore[attr-defined]
                words += f", {low} to {high}"
            return words + "."
    return ""


class _Full(ast.NodeTransformer):
    """Annotations with full names, so that they lead to the right page; values stay as they stand."""

    def __init__(self, imports: Mapping[str, str]) -> None:
        self.imports = imports

    def visit_Name(self, node: ast.Name) -> ast.expr:
        full = self.imports.get(node.id)
        return node if full is None else ast.parse(full, mode="eval").body

    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        for argument in [*node.posonlyargs, *node.args, *node.kwonlyargs, node.vararg, node.kwarg]:
            if argument is not None and argument.annotation is not None:
                argument.annotation = self.visit(argument.annotation)
        return node


def _directive(kind: str, signature: str, text: str, options: list[str] | None = None) -> str:
    head = [f".. py:{kind}:: {signature}", *[f"   {option}" for option in options or []]]
    return "\n".join([*head, "", textwrap.indent(text, "   ")])


def _prose(text: str, imports: Mapping[str, str]) -> str:
    """A docstring as reStructuredText: prose, then its numpydoc sections, those of entries as definition lists."""
    head, *rest = _SECTION.split(text)
    out = [_paragraphs(head, imports)]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        entries = title in _ENTRIES
        out += [f".. rubric:: {title}", "", (_definitions if entries else _paragraphs)(body, imports), ""]
    return "\n".join(out)


def _definitions(text: str, imports: Mapping[str, str]) -> str:
    """The entries of a section: a name and a type at the margin, what it is below and indented."""
    out: list[str] = []
    for line in text.strip().split("\n"):
        if line and not line.startswith(" "):
            out.append("")
        out.append(re.match(r" *", line)[0] + _escaped(line.strip(), imports))  # type: ignore[index]
    return "\n".join(out)


def _paragraphs(text: str, imports: Mapping[str, str]) -> str:
    """Indented blocks are literal, names in backticks lead somewhere, titles between asterisks are slanted, and no
    other sign has a meaning."""
    out: list[str] = []
    last = ""
    for block in re.split(r"\n\s*\n", text):
        runs: list[tuple[str, list[str]]] = []
        listed = False
        for line in block.split("\n"):
            listed = listed or bool(_LISTED.match(line))
            if line.lstrip().startswith(">>>") or (runs and runs[-1][0] == "doctest"):
                kind = "doctest"
            else:
                kind = "literal" if line.startswith("  ") and not listed else "prose"
            if not runs or runs[-1][0] != kind:
                runs.append((kind, []))
            runs[-1][1].append(line)
        for kind, lines in runs:
            run = "\n".join(lines)
            out += ["::", ""] if kind == "literal" != last else []
            out += [_escaped(run, imports) if kind == "prose" else run, ""]
            last = kind
    return "\n".join(out)


def _escaped(text: str, imports: Mapping[str, str]) -> str:
    parts = re.split(
        r"(``[^`]+``|`[^`]+`|\*\*\w[^*`]*\*\*|(?<![\w*])\*(?=\w)[^*`]+?\w\*(?!\w))", re.sub("::$", ":", text)
    )
    for k, part in enumerate(parts):
        if part.startswith(("``", "*")) and k % 2:
            continue
        if part.startswith("`") and len(part) > 2:
            name = part.strip("`").removesuffix("()")
            parts[k] = f"`~{imports[name]}`" if name in imports else part
            follows = parts[k + 1] if k + 1 < len(parts) else ""
            parts[k] += "\\ " if follows[:1].isalnum() else ""
        else:
            parts[k] = re.sub(r"([\\*|`])|(?<=\w)_(?=\W|$)", lambda m: "\\" + m.group(0), part)
    return "".join(parts)


# -- Sphinx ---------------------------------------------------------------------------------------------------------


def write(app: Sphinx) -> None:
    """Write the pages next to the others; only those that changed, so that only those are built again."""
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    root = Path(app.config.source_root)
    every = {package: modules(root, package) for package in app.config.source_packages}
    known = {f"{m.name}.{name}" for found in every.values() for m in found for name in m.documented}
    pages, tops = {}, []
    for package, parsed in every.items():
        found = [
            replace(m, imports={k: full for k, full in m.imports.items() if full in known}) for m in parsed
        ]
        pages |= {module.name: page(module) for module in found}
        tops.append((package, found))
    pages["index"] = _index(tops)
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.rst"):
        if path.stem not in pages:
            path.unlink()


def _index(packages: list[tuple[str, list[Module]]]) -> str:
    lines = ["Reference", "=========", "", "Every public name, from its docstring in the source.", ""]
    for package, found in packages:
        lines += [package, "-" * len(package), ""]
        for module in found:
            lines += [f":doc:`{module.name}`", f"   {_escaped(module.summary, {})}", ""]
    return "\n".join(lines)


def exact(app: Sphinx, doctree: nodes.document) -> None:
    """Look names of signatures up as they stand, not wherever something of that name may be."""
    for node in doctree.findall(addnodes.pending_xref):
        node.attributes.pop("refspecific", None)


def shorten(app: Sphinx, env: Any) -> None:
    """Find the shorter names once, when all pages are read."""
    env.short_names = _short(env.domaindata["py"]["objects"]) | _given_away(app.config)


def link(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Make code in running text that names a documented object a link to it."""
    objects, short = app.env.domaindata["py"]["objects"], app.env.short_names
    for node in list(doctree.findall(nodes.literal)):
        text = node.astext().removesuffix("()")
        found = objects.get(text) or objects.get(short.get(text, ""))
        if found is None or isinstance(node.parent, nodes.reference) or app.builder is None:
            continue
        inner = nodes.literal("", node.astext(), classes=node["classes"])
        node.replace_self(make_refnode(app.builder, name, found.docname, found.node_id, inner, text))


def _short(objects: Mapping[str, Any]) -> dict[str, str]:
    """Shorter names that lead to one function or class only: of classes their own, of functions that in any package
    above their module."""
    named: dict[str, set[str]] = {}
    for full, entry in objects.items():
        *above, own = full.split(".")
        if entry.objtype == "class":
            named.setdefault(own, set()).add(full)
        if entry.objtype in ("class", "function"):
            for k in range(1, len(above)):
                named.setdefault(".".join([*above[:k], own]), set()).add(full)
    return {name: full.pop() for name, full in named.items() if len(full) == 1 and name not in objects}


def _given_away(config: Any) -> dict[str, str]:
    """Names that a package gives away from its modules, by the imports of its stub ``__init__.pyi``."""
    found = {}
    for package in config.source_packages:
        stub = Path(config.source_root) / package / "__init__.pyi"
        for line in ast.parse(stub.read_text(encoding="utf-8")).body if stub.exists() else ():
            if isinstance(line, ast.ImportFrom):
                found |= {f"{package}.{a.asname}": f"{line.module}.{a.name}" for a in line.names}
    return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_config_value("source_root", "..", "env")
    app.add_config_value("source_packages", [], "env")
    app.connect("builder-inited", write)
    app.connect("doctree-read", exact)
    app.connect("env-check-consistency", shorten)
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
