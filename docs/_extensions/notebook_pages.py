"""Notebooks as pages: their text and their code; the results are what running them shows."""

from __future__ import annotations

import json

from docutils import nodes
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx


class NotebookParser(MystParser):
    """Reads a notebook as the Markdown page that it amounts to."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Called by Sphinx."""
        super().parse(as_markdown(inputstring), document)


def as_markdown(text: str) -> str:
    """The cells of a notebook in their order, with a word on how to run it under the title."""
    cells = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        cells.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
    title, _, rest = cells[0].partition("\n")
    hint = "*A notebook of `docs/notebooks`: open it with Jupyter in a clone of the repository.*"
    return "\n\n".join([title, hint, rest, *cells[1:]])


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
