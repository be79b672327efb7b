"""Equations as MathML, which browsers draw themselves: no script, no font, no network."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

_LOG = logging.getLogger(__name__)


def _inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(_mathml(node, inline=True))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.Element) -> None:
    translator.body.append(f'<div class="equation" tabindex="0">{_mathml(node, inline=False)}</div>')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, *, inline: bool) -> str:
    try:
        return str(tex2mathml(node.astext(), as_block=not inline))
    except MathError as error:
        _LOG.warning("%s in the equation %r", error, node.astext(), location=node)
        return f"<code>{escape(node.astext())}</code>"


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
