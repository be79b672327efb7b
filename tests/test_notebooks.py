"""The worked notebooks run from top to bottom, as they are stored."""

import json
from pathlib import Path

import pytest

for library in ("nbclient", "ipykernel", "myst_parser"):
    pytest.importorskip(library, reason="needs the extra: pip install '.[docs]'")

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook_for_each_of_the_three_uses() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "requirement_margins",
        "sensitivity",
        "surrogate_in_optimiser",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_its_results(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs" / "_extensions")
    from notebook_pages import as_markdown, executed

    text = path.read_text("utf-8")
    stored = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in stored), "stored without outputs"
    notebook = executed(text, str(ROOT))
    assert notebook is not None
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [output for cell in code for output in cell.outputs]
    assert sum("text/html" in output.get("data", {}) for output in shown) >= 3
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in shown)
    assert not any("array(" in output.get("data", {}).get("text/plain", "") for output in shown)
    assert as_markdown(notebook).count('<div class="result"') >= 3
