"""Models for the tests of campaigns, at the top of a module so that other processes can import them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from dataclasses import dataclass

import numpy as np

from uq import Input, Normal, Output, Problem, Uniform


def problem(model, **options) -> Problem:
    """Five inputs, two outputs, and a model between them."""
    laws = [Uniform(0.5, 2.0), Normal(1.0, 0.1), Uniform(0.5, 2.0), Normal(1.0, 0.1), Uniform(0.0, 1.0)]
    inputs = [Input(f"x{j}", "1", law) for j, law in enumerate(laws)]
    return Problem(inputs, [Output("a"), Output("b", "kg")], model, **options)


def smooth(columns):
    """Elementary functions and linear algebra, whose last bits depend on the shapes they meet."""
    x = np.stack(list(columns.values()))
    return {
        "a": np.exp(x).sum(axis=0) * np.log(columns["x1"] + 3.0),
        "b": (x.T @ np.linspace(0.1, 1.0, 15).reshape(5, 3)).sum(axis=1) ** 1.3,
    }


def unlucky(x0):
    """About one sample in fifty."""
    return np.abs(x0 - 1.2) < 0.015


def raising(columns):
    if unlucky(columns["x0"]).any():
        raise ValueError("an unlucky sample")
    return smooth(columns)


def not_a_number(columns):
    return {name: column * np.nan for name, column in smooth(columns).items()}


def infinite(columns):
    return {name: column * np.inf for name, column in smooth(columns).items()}


def complex_values(columns):
    return {name: column * 1j for name, column in smooth(columns).items()}


def text(columns):
    return {name: column.astype(str) for name, column in smooth(columns).items()}


def masked(columns):
    return {name: np.ma.masked_array(column, True) for name, column in smooth(columns).items()}


def half_a_status(columns):
    return {**smooth(columns), "status": np.full(len(columns["x0"]), 0.5)}


def wrong_shape(columns):
    return {name: column[:-1] for name, column in smooth(columns).items()}


def missing_column(columns):
    return {"a": smooth(columns)["a"]}


def leaving(columns):
    sys.exit(f"leaving with {len(columns)} columns")


def calamity(columns):
    """Kills its process at one sample in fifty, hangs at one in a hundred, raises at one in fifty."""
    x0, x2 = columns["x0"], columns["x2"]
    if unlucky(x2).any():
        raise ValueError("an unlucky sample")
    if deadly(x0).any():
        os._exit(3)
    if endless(x0).any():
        time.sleep(1000.0)
    return smooth(columns)


def deadly(x0):
    return np.abs(x0 - 0.8) < 0.012


def endless(x0):
    return np.abs(x0 - 1.6) < 0.004


def one(sample):
    """A scalar model."""
    return {"a": sample["x0"] * sample["x1"], "b": sample["x2"] ** 2}


def one_of_many_fates(sample):
    if unlucky(sample["x2"]):
        raise ValueError("an unlucky sample")
    if deadly(sample["x0"]):
        os._exit(3)
    if endless(sample["x0"]):
        time.sleep(1000.0)
    return one(sample)


@dataclass(frozen=True)
class Slow:
    """`smooth`, at so many seconds a sample, in blocks of so many."""

    seconds: float
    block: int = 256

    def __call__(self, columns):
        time.sleep(self.seconds * len(columns["x0"]))
        return smooth(columns)


@dataclass(frozen=True)
class At:
    """`smooth`, but samples whose x0 lies within `reach` of a number in `places` meet a fate: "kill" or "hang"."""

    places: tuple[float, ...]
    fate: str
    reach: float = 1e-9

    def __call__(self, columns):
        near = np.abs(columns["x0"][:, None] - np.array(self.places)).min(axis=1) < self.reach
        if near.any() and self.fate == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if near.any():
            time.sleep(1000.0)
        return smooth(columns)


def chatty(columns):
    print("a model that talks")
    os.system("echo and starts programs that talk")
    return smooth(columns)


def mutating(columns):
    results = smooth(columns)
    for column in columns.values():
        column[:] = np.nan
    return results


def always_raising(columns):
    raise ValueError("always")


def forking(columns):
    """Leaves copies of its process, which return from the model as it does itself."""
    if unlucky(columns["x0"]).any():
        os.fork()
    return smooth(columns)


def forking_one(sample):
    if unlucky(sample["x0"]):
        os.fork()
    return one(sample)


class Speechless(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def speechless(columns):
    raise Speechless


def cancelled(columns):
    raise asyncio.CancelledError("by nobody")


def bare_number(sample):
    return sample["x0"]


def deaf(sample):
    """Hangs in a call that does not let go of the interpreter."""
    re.match(r"(a+)+$", "a" * 60 + "b")
    return one(sample)


@dataclass(frozen=True)
class One:
    """Another model, sample by sample."""

    model: object
    block: int = 1

    def __call__(self, columns):
        return self.model(columns)


@dataclass(frozen=True)
class Moody:
    """`raising`, until a file says that the mood is good."""

    path: str

    def __call__(self, columns):
        return smooth(columns) if os.path.exists(self.path) else raising(columns)


class Deadly:
    """A model that kills every process that loads it."""

    def __reduce__(self):
        return os._exit, (9,)

    def __call__(self, columns):
        return smooth(columns)


class Unloadable(Deadly):
    """A model that cannot be loaded elsewhere."""

    def __reduce__(self):
        return int, ("no number",)
