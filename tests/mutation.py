"""Does a test fail when a line is wrong?  Random one-line changes of `uq` and `models`, each put to the tests.

    python tests/mutation.py --count 100 --seed 1        (hours; resumes from its record)
    python tests/mutation.py --count 10 --narrow         (a first look: the package's own tests only)
    python tests/mutation.py --again                     (tests were added: survivors are tried once more)

A change is one operator, comparison, constant, boolean or returned value.  It is made in a copy of the repository, so
that the working tree is never touched.  First each change meets the doctests of its file and those tests of its mirror
folder that name the module; what passes meets the rest of that folder, what passes that the tests of its package, and
what passes those all.  The first failure kills the change, if the same test passes without it; a change that passes
everything survives, and asks for a test.  Each verdict is a line of the record (JSON), from which the same command
resumes.  Changes are drawn by a hash of the changed line, so that an edit elsewhere draws no others.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("uq", "models")
TIMEOUT = 900.0
"""Seconds of a stage, after which a change that hangs counts as killed."""

SWAPS: dict[type[ast.AST], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.And: "or",
    ast.Or: "and",
}
SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
}


@dataclass(frozen=True)
class Mutant:
    """One change: in `file`, `line` (from 1), the bytes `start` to `end` of that line become `new`."""

    file: str
    line: int = field(compare=False)
    start: int
    end: int
    old: str
    new: str
    text: str
    """The line as it stands, by which a change is known again."""

    def rank(self, seed: int) -> bytes:
        """The place of this change in the draw of `seed`, whatever else stands in the repository."""
        words = (seed, self.file, self.text.strip(), self.start, self.old, self.new)
        return hashlib.sha256(repr(words).encode()).digest()

    def apply(self, root: Path) -> None:
        """Write the changed file below `root`."""
        path = root / self.file
        lines = path.read_bytes().split(b"\n")
        changed = lines[self.line - 1]
        lines[self.line - 1] = changed[: self.start] + self.new.encode() + changed[self.end :]
        path.write_bytes(b"\n".join(lines))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.old} -> {self.new}    {self.text.strip()}"


def mutants(path: Path, name: str) -> list[Mutant]:
    """Every change of one file."""
    source = path.read_bytes()
    lines = source.split(b"\n")
    tree = ast.parse(source)
    found = []
    for node in _code(tree):
        for line, start, end, new in _changes(node, lines):
            old = lines[line - 1][start:end].decode()
            if old == new:
                continue  # `return None`
            found.append(Mutant(name, line, start, end, old, new, lines[line - 1].decode()))
    return found


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run: no annotation, no docstring, nothing that only type checkers see."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Assert | ast.Raise):
            continue  # messages, and claims to the type checker
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                yield node.value
                yield from _code(node.value)
            continue
        if isinstance(node, ast.arg):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _code(ast.Module(node.body, []))
            continue
        if isinstance(node, ast.FunctionDef):
            yield from _code(node.args)
            for inner in node.body:
                yield from _code(ast.Module([inner], []))
            continue
        yield node
        yield from _code(node)


def _changes(node: ast.AST, lines: list[bytes]) -> Iterator[tuple[int, int, int, str]]:
    if isinstance(node, ast.BinOp):
        yield from _between(node.left, node.right, node.op, lines)
    elif isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        for left, right, operator in zip(operands, operands[1:], node.ops, strict=False):
            yield from _between(left, right, operator, lines)
    elif isinstance(node, ast.BoolOp):
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from _between(left, right, node.op, lines)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        if node.lineno == node.operand.lineno:
            yield node.lineno, node.col_offset, node.operand.col_offset, ""
    elif isinstance(node, ast.Constant) and node.lineno == node.end_lineno:
        new = _other(node.value)
        if new is not None and node.end_col_offset is not None:
            yield node.lineno, node.col_offset, node.end_col_offset, new
    elif isinstance(node, ast.Return) and node.value is not None and node.lineno == node.value.end_lineno:
        yield node.lineno, node.value.col_offset, node.value.end_col_offset or 0, "None"


def _between(
    left: ast.expr, right: ast.expr, operator: ast.AST, lines: list[bytes]
) -> Iterator[tuple[int, int, int, str]]:
    """The operator between two operands, where it stands on one line with the end of the left one."""
    if type(operator) not in SWAPS or left.end_lineno is None or left.end_col_offset is None:
        return
    symbol, line, start = SYMBOLS[type(operator)].encode(), left.end_lineno, left.end_col_offset
    end = right.col_offset if right.lineno == line else len(lines[line - 1])
    at = lines[line - 1].find(symbol, start, end)
    if at >= 0:
        yield line, at, at + len(symbol), SWAPS[type(operator)]


def _other(value: object) -> str | None:
    """A constant that differs enough to matter: 13 % of a number, one of a count."""
    if isinstance(value, bool):
        return str(not value)
    if isinstance(value, int):
        return str(value + 1)
    if isinstance(value, float):
        return repr(value * 1.13) if value else "0.13"
    return None


def chosen(count: int, seed: int) -> list[Mutant]:
    """`count` changes drawn from all of `PACKAGES`, in the order in which they are tried."""
    paths = [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "tables" not in path.relative_to(ROOT).parts
    ]
    every = {m for path in paths for m in mutants(path, path.relative_to(ROOT).as_posix())}
    return sorted(every, key=lambda mutant: mutant.rank(seed))[:count]


def stages(file: str, narrow: bool) -> list[list[str]]:
    """What is tested, from near to far: the file's doctests with the tests of its mirror folder that name it, the
    others of that folder, its package, everything."""
    mirror = Path("tests") / Path(file).parent
    while not (ROOT / mirror).is_dir():
        mirror = mirror.parent
    package = f"tests/{file.split('/')[0]}"
    word = re.compile(rf"\b{Path(file).stem}\b")
    files = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / mirror).glob("test_*.py"))}
    naming = [path.relative_to(ROOT).as_posix() for path, text in files.items() if word.search(text)]
    others = [path.relative_to(ROOT).as_posix() for path, text in files.items() if not word.search(text)]
    near = [[file, *naming], *([others] if others else [])]
    if mirror.as_posix() != package:
        near.append([package])
    return near if narrow else [*near, ["tests", "studies"]]


def run(root: Path, tests: list[str], timeout: float) -> str:
    """How these tests fail in a copy of the repository; nothing where they pass.

    In a fork of this process, which has imported the libraries and nothing of the house: three of four seconds saved.
    """
    said = root.parent / "said.txt"
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir(root)
        os.environ |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.dont_write_bytecode = True
        own = ("", str(ROOT), str(ROOT / "tests"))
        sys.path[:] = [str(root), *(path for path in sys.path if path not in own)]
        import pytest

        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = pytest.main(["-x", "-q", "--tb=line", "-p", "no:cacheprovider", *tests])
        sys.stdout.flush()
        os._exit(int(code))
    end = time.monotonic() + timeout
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "timed out"
        time.sleep(0.05)
    if os.waitstatus_to_exitcode(status) in (0, 5):  # 5: nothing to test there
        return ""
    return said.read_text(encoding="utf-8", errors="replace")[-4000:] or f"ended with status {status}"


def preload() -> None:
    """Import what all tests import and no change touches, on one thread, before the first fork."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    for name in ("pytest", "hypothesis", "scipy.stats", "scipy.optimize", "scipy.integrate", "scipy.special"):
        importlib.import_module(name)


def failed(output: str) -> list[str]:
    """What to run to see the same failure: the test, or the collection of a file that cannot be imported."""
    node = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", output, re.MULTILINE)
    if node is None:
        return []
    return [node[1]] if "::" in node[1] else [node[1], "--collect-only"]


def main() -> int:
    """Judge the changes that the record does not hold yet, and say how many were killed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--narrow", action="store_true", help="stop at the tests of the package")
    parser.add_argument("--near", action="store_true", help="stop at the tests that name the module")
    parser.add_argument("--again", action="store_true", help="try survivors once more")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds a stage")
    parser.add_argument("--record", type=Path, default=Path("mutation.jsonl"), help="verdicts so far")
    parser.add_argument("--list", action="store_true", help="print the changes, test nothing")
    arguments = parser.parse_args()
    some = chosen(arguments.count, arguments.seed)
    if arguments.list:
        print(*some, sep="\n")
        return 0
    killed: dict[Mutant, str] = {}
    passed: dict[Mutant, int] = dict.fromkeys(some, 0)
    if arguments.record.exists():
        for line in arguments.record.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            mutant = Mutant(**record["mutant"])
            if record["killed"]:
                killed[mutant] = record["killed"]
            elif mutant in passed and not arguments.again:
                passed[mutant] = max(passed[mutant], record["passed"])
    sound: set[str] = set()
    preload()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "copy"
        tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in tracked.stdout.splitlines():
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name)
        for k in range(1 if arguments.near else 4):
            for mutant in some:
                plan = stages(mutant.file, arguments.narrow)
                if mutant in killed or not passed[mutant] <= k < len(plan):
                    continue
                began = time.perf_counter()
                original = (root / mutant.file).read_bytes()
                mutant.apply(root)
                output = run(root, plan[k], arguments.timeout)
                (root / mutant.file).write_bytes(original)
                again = failed(output)
                if output and again and again[0] not in sound:
                    if run(root, again, arguments.timeout):
                        print(f"{output}\n{again[0]} fails without any change; mend it first")
                        return 2
                    sound.add(again[0])
                if output:
                    killed[mutant] = again[0] if again else output.strip().splitlines()[-1]
                passed[mutant] = k + (not output)
                verdict = f"killed by {killed[mutant]}" if output else f"passed {k + 1} of {len(plan)}"
                print(f"{time.perf_counter() - began:4.0f} s  {mutant}\n        {verdict}", flush=True)
                record = {
                    "mutant": asdict(mutant),
                    "killed": killed.get(mutant, ""),
                    "passed": passed[mutant],
                }
                with arguments.record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
    survivors = [mutant for mutant in some if mutant not in killed]
    print(f"\n{len(some) - len(survivors)} of {len(some)} killed (seed {arguments.seed})")
    for mutant in survivors:
        print(f"survived {passed[mutant]} of {len(stages(mutant.file, arguments.narrow))} stages  {mutant}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
