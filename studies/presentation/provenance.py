"""What a report was made from."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version

from studies.case.case import Case
from uq import campaign
from uq.core.dataset import Dataset


def provenance(case: Case, data: Dataset | None, *, samples: int, seed: int) -> dict[str, str]:
    """Case, samples, seed, statuses, hashes and versions, in words.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    data : Dataset or None
        The sized landers; None for a study without any.
    samples : int
        As the study was asked.
    seed : int
        Of every random draw; the same seed gives the same result.

    Returns
    -------
    dict of str to str
        By what it says.
    """
    found = {
        "case": f"{case.name}: {case.title}",
        "case file (SHA-256)": hashlib.sha256(case.text.encode()).hexdigest(),
        "samples": str(samples),
        "seed": str(seed),
    }
    if data is not None:
        found["plan"] = f"{data.provenance['scheme']}, {len(data)} points, {data.problem.dimension} inputs"
        found["statuses"] = ", ".join(f"{n} {s}" for s, n in data.counts().items())
        found["model, laws and libraries (key)"] = campaign.key(data.problem)
        found |= {name: str(value) for name, value in data.provenance["versions"].items()}
    try:
        found["lander-uq"] = version("lander-uq")
    except PackageNotFoundError:
        found["lander-uq"] = "from source"
    return found
