"""The worked notebooks run from top to bottom, as they are stored."""

from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="needs the extra: pip install '.[notebooks]'")
pytest.importorskip("ipykernel", reason="needs the extra: pip install '.[notebooks]'")

import nbclient
import nbformat
from jupyter_client.manager import AsyncKernelManager

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook_for_each_of_the_three_uses() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "requirement_margins",
        "sensitivity",
        "surrogate_in_optimiser",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_its_results(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code), "stored without outputs"
    manager = AsyncKernelManager(kernel_name="python3", transport="ipc")
    resources = {"metadata": {"path": str(ROOT)}}
    nbclient.NotebookClient(notebook, km=manager, timeout=300, resources=resources).execute()
    shown = [output for cell in code for output in cell.outputs]
    assert sum("text/html" in output.get("data", {}) for output in shown) >= 3
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in shown)
    assert not any("array(" in output.get("data", {}).get("text/plain", "") for output in shown)
