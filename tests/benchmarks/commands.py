"""How long people wait: the commands of the README, each in a process of its own, from nothing to its last line.

    python tests/benchmarks/commands.py          # makes commands.md anew, some ten minutes

The main study runs twice, with one process and with two: times, peak memory, and whether both left the same report.
"""

from __future__ import annotations

import hashlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
REPEATS = 5


def timed(*arguments: str, environment: dict[str, str] | None = None) -> tuple[float, float, str]:
    """Seconds by the clock, the largest memory of one of its processes in MiB, and what the command printed."""
    program = f"import sys; sys.argv[0] = 'lander-uq'; sys.path.insert(0, {str(HERE.parents[1])!r}); " + (
        "from studies.cli import main; main()"
    )
    begin = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"lander-uq {' '.join(arguments)} ended with {process.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024.0, printed


def repeated(*arguments: str) -> str:
    """A row of the table: median, fastest and slowest of some runs after one that warms the disk."""
    timed(*arguments)
    found = [timed(*arguments) for _ in range(REPEATS)]
    seconds = [s for s, _, _ in found]
    return (
        f"| `lander-uq {' '.join(arguments)}` | {statistics.median(seconds):.2f} "
        f"({min(seconds):.2f} to {max(seconds):.2f}) | {max(m for _, m, _ in found):.0f} |"
    )


def study(workers: int, folder: Path) -> tuple[str, str]:
    """A row of the table for the main study, and the hash of its report."""
    seconds, memory, _ = timed(
        "run", "pump-requirements", "--quiet", "--workers", str(workers), "--output", str(folder)
    )
    tables = sorted((folder / "tables").glob("*.csv"))
    content = b"".join(path.read_bytes() for path in [folder / "report.md", *tables])
    row = f"| `lander-uq run pump-requirements --workers {workers}` | {seconds:.0f} | {memory:.0f} |"
    return row, hashlib.sha256(content).hexdigest()


def main() -> None:
    """Measure everything and write the page."""
    rows = [repeated("--help"), repeated("list"), repeated("size"), repeated("size", "--json")]
    with tempfile.TemporaryDirectory() as place:
        found = [study(workers, Path(place) / str(workers)) for workers in (2, 1)]
    rows += [row for row, _ in found]
    same = "the same" if len({digest for _, digest in found}) == 1 else "NOT the same"
    page = "\n".join(
        [
            "# What the commands take",
            "",
            "`python tests/benchmarks/commands.py` makes this page anew.",
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load before the runs "
            f"{os.getloadavg()[1]:.1f}.",
            "",
            "| command | seconds by the clock | MiB of its largest process |",
            "|---|---|---|",
            *rows,
            "",
            f"Reports and tables of one process and of two are {same}.",
            "",
        ]
    )
    (HERE / "commands.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
