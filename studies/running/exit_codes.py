"""Exit codes of the command line, and the line that each error becomes."""

from __future__ import annotations

import errno
import os

DONE, DOES_NOT_HOLD, WRONG_USE, INVALID_CASE, TOO_MANY_FAILURES, INTERNAL_ERROR, INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    70,
    130,
)


class UsageError(ValueError):
    """A command that cannot be carried out as it was given."""


class Stopped(Exception):
    """Ctrl-C in a study; the message says what is kept."""


_CODES = {
    "CaseError": INVALID_CASE,
    "UsageError": WRONG_USE,
    "Unanswerable": WRONG_USE,
    "StoreError": WRONG_USE,
    "PlacementError": WRONG_USE,
    "WorkerError": WRONG_USE,
    "FolderError": WRONG_USE,
    "DamagedFile": INVALID_CASE,
    "ClusterLost": INTERRUPTED,
    "CampaignError": TOO_MANY_FAILURES,
    "Stopped": INTERRUPTED,
}
"""By name, so that the command line need not import what it does not run."""

_STORAGE = frozenset(
    getattr(errno, name)
    for name in (
        "ENOSPC",
        "EDQUOT",
        "EROFS",
        "EACCES",
        "EPERM",
        "ENOENT",
        "ENOTDIR",
        "EIO",
        "EFBIG",
        "ENAMETOOLONG",
    )
    if hasattr(errno, name)
)
"""Complaints about disks and folders, which are nobody's programming mistake."""


def explained(error: Exception) -> tuple[str, int]:
    """One line and an exit code for an error that reached the top; with LANDER_UQ_DEBUG set, an internal error is
    raised again with its traceback.

    Parameters
    ----------
    error : Exception
        As it was raised.

    Returns
    -------
    tuple of str and int
        The line, and the exit code.
    """
    for kind in type(error).__mro__:
        if kind.__name__ in _CODES:
            return str(error), _CODES[kind.__name__]
    if isinstance(error, MemoryError):
        return "not enough memory; give fewer --samples or --workers", WRONG_USE
    if isinstance(error, OSError) and error.errno in _STORAGE:
        place = f" {str(error.filename)[:200]}" if error.filename else ""
        return (
            f"cannot write or read{place}: {error.strerror}; what is finished is kept: make room or allow it, and give "
            "the same command again, or another --output",
            WRONG_USE,
        )
    if os.environ.get("LANDER_UQ_DEBUG"):
        raise error
    return (
        f"internal error: {type(error).__name__}: {error}; run again with the variable LANDER_UQ_DEBUG=1 for the "
        "traceback, and report it",
        INTERNAL_ERROR,
    )
