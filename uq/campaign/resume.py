"""How a campaign resumes: what its store already holds, if the store is that of this campaign."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from uq.campaign.bookkeeping import Ledger
from uq.core.dataset import describe
from uq.core.model_version import differing
from uq.core.storage import store as storage
from uq.core.storage.atomic_files import MANIFEST, StoreError, read_manifest, write_manifest


def take_stored(
    ledger: Ledger,
    folder: Path,
    identity: dict[str, Any],
    parts: Mapping[str, str],
    again: Collection[int],
) -> None:
    """Take what a store already holds, after checking that it belongs to this campaign.

    Parameters
    ----------
    ledger : Ledger
        Of the campaign; it keeps the samples that are taken.
    folder : path
        The store, locked by this campaign.
    identity : dict of str to Any
        What makes the campaign this one: problem, plan without its length, block, versions.
    parts : mapping of str to str
        Hashes of the parts of the model, by which a difference is named.
    again : collection of int
        Statuses whose samples are left out, and so run again.

    Raises
    ------
    StoreError
        For the store of another campaign, or a folder that holds a saved dataset.
    """
    held = len(ledger.plan)
    if (folder / MANIFEST).exists():
        try:
            manifest = read_manifest(folder)
        except StoreError:  # it is written anew; the parts carry the key, and are checked one by one
            manifest = {"identity": identity, "samples": 0}
        if "identity" not in manifest:
            raise StoreError(f"{folder} holds a saved dataset; give this campaign a store of its own")
        changed = [k for k in identity if manifest["identity"].get(k) != identity[k]]
        if changed:
            raise StoreError(
                f"{folder} holds another campaign ({', '.join(changed)} differ); "
                "give this one a store of its own, or delete the folder"
                + (_of_model(manifest.get("model_parts"), parts) if "model" in changed else "")
            )
        held = max(held, int(manifest["samples"]))
    problem, unit = ledger.problem, ledger.plan.unit
    stored = storage.take(
        folder,
        ledger.names,
        problem.dimension,
        key=ledger.key,
        unit=unit,
        physical=problem.physical,
        without=again,
    )
    for samples in stored:
        ledger.keep(samples)
    if held == len(ledger.plan):
        write_manifest(
            folder,
            {
                "identity": identity,
                "model_parts": dict(parts),
                "samples": held,
                "problem": describe(problem),
                "provenance": ledger.provenance(),
            },
        )


def _of_model(before: Any, now: Mapping[str, str]) -> str:
    """What of a model differs, and what to do where it differs because it was called."""
    what = differing(before, now) if isinstance(before, dict) else ""
    if not what:
        return ""
    return (
        f". Of the model, {what} is not as it was; what changes while it is called, such as a counter, must stay "
        "out of its state: __getstate__ leaves it out, and Problem(version=...) takes the place of all"
    )
