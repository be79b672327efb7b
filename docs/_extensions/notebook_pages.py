"""Notebooks as pages: their text, their code, and what running them shows.

They are stored without results, and run here, where nbclient and a kernel are installed, as their tests run them;
elsewhere their pages have text and code only.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from typing import Any

from docutils import nodes
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx
from sphinx.util import logging

_LOG = logging.getLogger(__name__)
_SECONDS = 600
_FENCE = "`" * 8


class NotebookParser(MystParser):
    """Reads a notebook as the Markdown page that it amounts to."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Called by Sphinx."""
        config = document.settings.env.config
        notebook = json.loads(inputstring)
        if config.notebooks_run:
            notebook = executed(inputstring, config.source_root) or notebook
        super().parse(as_markdown(notebook), document)


def executed(text: str, folder: str) -> Mapping[str, Any] | None:
    """The notebook with its results, run from `folder`, or None where nothing can run it.  A cell's error is raised."""
    try:
        import ipykernel  # noqa: F401
        import nbclient
        import nbformat
        from traitlets.config import Config
    except ImportError as missing:
        _LOG.info("notebooks are shown without results: %s", missing)
        return None
    notebook = nbformat.reads(text, as_version=4)
    with tempfile.TemporaryDirectory() as sockets:  # no port of the machine
        client = nbclient.NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=_SECONDS,
            resources={"metadata": {"path": folder}},
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}}),
        )
        found: Mapping[str, Any] = client.execute()
    return found


def as_markdown(notebook: Mapping[str, Any]) -> str:
    """The cells of a notebook in their order, each with its results, and a word on how to run it under the title."""
    cells = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cells.append(source)
            continue
        cells.append(f"```python\n{source}\n```")
        cells += [_shown(output) for output in cell["outputs"]]
    title, _, rest = cells[0].partition("\n")
    hint = "*A notebook of `docs/notebooks`: open it with Jupyter in a clone of the repository.*"
    return "\n\n".join([title, hint, rest, *cells[1:]])


def _shown(output: Mapping[str, Any]) -> str:
    """One result: as it draws itself, else as text."""
    data = output.get("data", {})
    for kind in ("text/html", "image/svg+xml"):
        if kind in data:
            drawn = "".join(data[kind])
            return f'{_FENCE}{{raw}} html\n<div class="result" tabindex="0">\n{drawn}\n</div>\n{_FENCE}'
    said = "".join(data.get("text/plain", output.get("text", ""))).rstrip()
    return f"{_FENCE}text\n{said}\n{_FENCE}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_config_value("notebooks_run", True, "env", bool)
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
