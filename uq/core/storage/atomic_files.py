"""A folder that survives crashes: files written under another name and renamed, a manifest with a checksum, a lock."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from uq.core.storage.reading import DamagedFile, read_record
from uq.core.text import one_line

MANIFEST, LOCK = "manifest.json", "lock"
_TEMPORARY = re.compile(r"\..+\.\d+\.part")
"""What `write_atomically` calls a file that is not there yet; a stranger's files stay."""


class StoreError(RuntimeError):
    """A store that cannot be used as asked; the message says what to do."""


def folder_of(store: str | os.PathLike[str]) -> Path:
    """The absolute path of the folder that a store or a dataset is to live in.

    Parameters
    ----------
    store : path
        As the user gave it.

    Returns
    -------
    Path
        Absolute, for a model may change the working directory.

    Raises
    ------
    StoreError
        For an empty name, which would be the working directory, and for one that no folder can have.
    """
    name = os.fsdecode(store)
    if not name.strip() or "\0" in name:
        raise StoreError(f"{one_line(repr(name), 60)} names no folder; give the path of one, such as 'runs'")
    return Path(name).absolute()


def digest(*pieces: bytes | memoryview) -> str:
    """The first 96 bits of the SHA-256 of some bytes, in hexadecimal digits.

    Parameters
    ----------
    *pieces : bytes | memoryview
        Read one after the other.

    Returns
    -------
    str
        24 hexadecimal digits.
    """
    state = hashlib.sha256()  # in hardware on most processors, and then twice as fast as BLAKE2
    for piece in pieces:
        state.update(piece)
    return state.hexdigest()[:24]


def canonical(record: Mapping[str, Any]) -> bytes:
    """Plain data as bytes that depend on nothing but its content.

    Parameters
    ----------
    record : Mapping[str, Any]
        Plain data, as read from JSON.

    Returns
    -------
    bytes
        JSON with sorted keys.
    """
    return json.dumps(dict(record), sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> Any:
    """Numpy's numbers and arrays as Python's, for JSON."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not plain data and cannot be written into a manifest")


def write_atomically(path: Path, write: Any) -> None:
    """Write a temporary file in the folder of `path`, make it durable, and rename it into place.

    After a crash at any moment the old file, or the new one, is there in full.

    Parameters
    ----------
    path : Path
        Of the file.
    write : Any
        Gets the open binary file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        error.filename = str(path)  # that of a full disk names none, others the temporary one
        raise
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_manifest(folder: Path, record: Mapping[str, Any]) -> None:
    """The manifest, durable, with its own checksum.

    Parameters
    ----------
    folder : Path
        Of the store.
    record : Mapping[str, Any]
        Plain data, as read from JSON.
    """
    body = json.dumps(dict(record), indent=1, sort_keys=True, default=_plain)
    text = json.dumps({"checksum": digest(body.encode()), **json.loads(body)}, indent=1)
    with writing(folder):
        write_atomically(folder / MANIFEST, lambda f: f.write(text.encode()))


def read_manifest(folder: Path) -> dict[str, Any]:
    """What `write_manifest` wrote.

    Parameters
    ----------
    folder : Path
        Of the store.

    Returns
    -------
    dict
        Without the checksum.

    Raises
    ------
    StoreError
        If there is none, or if it is damaged.
    """
    path = folder / MANIFEST
    try:
        record = read_record(path, "run its campaign once more to repair it")
        checksum = record.pop("checksum", None)
    except FileNotFoundError:
        raise StoreError(f"{folder} holds no dataset: it has no {MANIFEST}") from None
    except DamagedFile as error:
        raise StoreError(str(error)) from None
    if digest(json.dumps(record, indent=1, sort_keys=True).encode()) != checksum:
        raise StoreError(f"{path} is damaged; run its campaign once more to repair it")
    return dict(record)


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold a store for one campaign.  The kernel drops the lock with its process, so none can be stale.

    Parameters
    ----------
    folder : Path
        Of the store.

    Returns
    -------
    iterator of None
        The context of the `with` statement.

    Raises
    ------
    StoreError
        If another living process holds it, or if the folder may not be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / LOCK, "a+b", buffering=0)  # noqa: SIM115
    with file:
        try:
            _hold(file.fileno())
        except OSError:
            file.seek(0)
            holder = file.read().decode(errors="replace").strip() or "another process"
            raise StoreError(
                f"{folder} is in use by {holder}; wait for it, or give this campaign a store of its own"
            ) from None
        with writing(folder):
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        remove_leftovers(folder)
        yield


def remove_leftovers(folder: Path) -> None:
    """Remove what `write_atomically` left of files during which its process was killed.

    Parameters
    ----------
    folder : Path
        Its own files, not those of folders in it.
    """
    for leftover in folder.glob(".*.part"):
        if _TEMPORARY.fullmatch(leftover.name):
            leftover.unlink(missing_ok=True)


def _hold(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn errors of the disk into StoreError with a remedy.

    Parameters
    ----------
    folder : Path
        Of the store.

    Returns
    -------
    iterator of None
        The context of the `with` statement.

    Raises
    ------
    StoreError
        In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"cannot write to {error.filename or folder}: {error.strerror or error}; nothing already finished is lost. "
            "Make room or give permission, and run the same call again"
        ) from error


def versions() -> dict[str, str]:
    """What computed the samples: interpreter, libraries, processor.

    Returns
    -------
    dict of str to str
        By name.
    """
    import scipy

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "processor": f"{platform.system()} {platform.machine()}",
    }
