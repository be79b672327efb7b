"""The specification as files next to the evidence: for people, spreadsheets and requirements tools."""

from __future__ import annotations

from pathlib import Path

from studies.analysis.requirements import Requirements
from studies.presentation.specification.document import specification
from studies.presentation.specification.workbook import requirements_workbook
from uq.core.storage.atomic_files import write_atomically
from uq.io.reqif import to_reqif
from uq.requirements import requirements_table, to_sysml, write


def keep(requirements: Requirements, folder: Path) -> None:
    """requirements.json, .csv, .md, .xlsx, .reqif and .sysml in `folder`, each written whole or not at all.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.
    folder : Path
        Where they are written.
    """
    items = specification(requirements)
    title = f"Requirements on the pump drives: {requirements.case.title}"
    write(items, folder)
    for name, content in (
        ("xlsx", requirements_workbook(requirements, items)),
        ("reqif", to_reqif(requirements_table(items, title=title))),
        ("sysml", to_sysml(items, title=title).encode()),
    ):
        write_atomically(folder / f"requirements.{name}", lambda file, c=content: file.write(c))
