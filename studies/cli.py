"""The command line: `lander-uq list`, `lander-uq size`, `lander-uq run STUDY`."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from studies.running.catalogue import cases, resolved, studies
from studies.running.exit_codes import DOES_NOT_HOLD, DONE, INTERRUPTED, WRONG_USE, UsageError, explained

DEFAULT_CASE = "series3"
"""The lander of the study."""


class Backend(StrEnum):
    """Where landers are sized."""

    local = "local"
    dask = "dask"
    serial = "serial"


_ClickError: Any = typer.BadParameter.__bases__[0].__bases__[0]
"""The base of every complaint about usage, wherever typer keeps it."""

app = typer.Typer(
    name="lander-uq",
    help="Requirements on the electric pumps of lunar landers: what they gain, what they must achieve.",
    epilog="Begin with: lander-uq size --case series3; then: lander-uq run pump-requirements. "
    "Exit codes: 0 done, 1 a traced requirement does not hold, 2 wrong use, 3 invalid or damaged file, 4 too many "
    "failed samples, 70 internal error, 130 interrupted (the same command resumes).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help in a fifth of a second: rich takes as long again to import
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> NoReturn:
    """Run the command line; every error becomes one line on standard error and an exit code."""
    # Processes and threads of ours share the cores.  Linear algebra that takes all of them for each matrix of a few
    # hundred rows as well makes a study of two minutes last eight.  Read when numpy is first imported, which is later.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.exit(_guarded(sys.argv[1:]))


def _guarded(arguments: list[str]) -> int:
    try:
        code = app(arguments, standalone_mode=False)
        if code != INTERRUPTED:
            return code if isinstance(code, int) else DONE
        return _complain("interrupted; the same command resumes", INTERRUPTED)
    except (typer.Abort, KeyboardInterrupt):
        return _complain("interrupted; the same command resumes", INTERRUPTED)
    except _ClickError as error:
        return _complain(error.format_message(), WRONG_USE)
    except BrokenPipeError:
        return DONE
    except Exception as error:
        return _complain(*explained(error))


def _complain(message: str, code: int) -> int:
    line = " ".join(message.split())
    if line:
        print(f"lander-uq: {line}", file=sys.stderr)
    return code


def _complete_study(incomplete: str) -> list[tuple[str, str]]:
    return [item for item in studies().items() if item[0].startswith(incomplete)]


def _complete_case(incomplete: str) -> list[tuple[str, str]]:
    return [item for item in cases().items() if item[0].startswith(incomplete)]


CaseOption = Annotated[
    str,
    typer.Option(
        "--case", metavar="FILE|NAME", help="A shipped lander or a TOML file.", autocompletion=_complete_case
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"lander-uq {version('lander-uq')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of the command itself; its help stands in `app`."""


JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON, in SI units.")]


@app.command("list")
def list_all(json: JsonOption = False) -> None:
    """Studies with their questions, and the landers."""
    if json:
        _print_json({"studies": studies(), "cases": cases()})
        return
    for title, entries in (("Studies: lander-uq run NAME", studies()), ("Landers: --case NAME", cases())):
        print(title)
        width = max((len(name) for name in entries), default=0)
        for name, text in entries.items():
            print(f"  {name:{width}s}  {text}")


@app.command()
def size(
    case: CaseOption = DEFAULT_CASE,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Set a quantity, with its unit: --set pump.efficiency=0.5 --set 'power_limit=3 kW'. Repeatable.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Mass budget of one lander, both architectures.

    Every uncertain input stands at its median. Each architecture is at its own best chamber pressure, area ratio and
    tank pressure. A required value, such as pump.efficiency, replaces the model's prediction.
    """
    from studies.analysis import sizing
    from studies.case.case import load
    from studies.case.toml_file import CaseError

    pairs = {}
    for text in settings or []:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise UsageError(f"--set {text!r}: write it as name=value, e.g. pump.efficiency=0.5")
        pairs[name.strip()] = value.strip()
    chosen = load(case)
    try:
        lander = sizing.with_settings(chosen, pairs)
    except CaseError as error:
        raise UsageError(f"--set: {error}") from None
    found = sizing.budgets(lander)
    if json:
        _print_json({"case": chosen.name, "title": chosen.title, "set": pairs, **sizing.record(found)})
        return
    from uq.report.terminal import show

    print(f"{chosen.title}: every input at its median, each architecture at its own best design")
    for table in sizing.tables(found):
        show(table, sys.stdout)
    print(found.answer)


@app.command()
def run(
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help="See lander-uq list.", autocompletion=_complete_study)
    ],
    case: CaseOption = DEFAULT_CASE,
    samples: Annotated[
        int | None, typer.Option("--samples", help="Landers that are sized [default: the study's own].")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of every random draw.")] = 1,
    confirm: Annotated[
        int | None,
        typer.Option(
            "--confirm",
            metavar="N",
            help="Fresh runs behind each compliance of pump-requirements [default: 600 or more].",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes [default: one a core, at most 4].")
    ] = None,
    backend: Annotated[
        Backend | None,
        typer.Option(
            "--backend",
            help="Where landers are sized: processes here, a Dask cluster, or this process [default: local].",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Of a Dask cluster: tls://HOST:PORT; tcp:// on this machine only.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Folder of the report [default: results/STUDY-CASE]."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no answer; the folder only.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Run a study: answer and report.

    The answer stands in the terminal; report, tables, data and surrogates in a folder.

    `--case all` asks pump-requirements of the reference landers, each in its own folder, and answers side by side.

    The same command after an interruption continues where it stopped. The same seed gives the same report whatever
    the number of workers, and wherever they are.
    """
    import difflib
    import importlib

    from studies.running.session import Order, carried_out

    known = studies()
    name = resolved(study, known)
    if name is None:
        near = difflib.get_close_matches(study, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"no study {study!r}; {hint}known: {', '.join(known)}")
    order = Order(
        study=name,
        case=case,
        samples=samples,
        seed=seed,
        confirm=confirm,
        workers=workers,
        serial=backend is Backend.serial,
        dask=backend is Backend.dask,
        scheduler=scheduler,
        output=output,
    )
    if scheduler is not None and backend not in (None, Backend.dask):
        raise UsageError(f"--scheduler is the address of a Dask cluster; leave out --backend {backend.value}")
    order.check()
    module = importlib.import_module(f"studies.{name.replace('-', '_')}")
    chosen, report, page = carried_out(order, module, quiet=quiet)
    if json:
        _print_json({"study": name, "case": chosen.name, "answer": list(report.answer), "report": str(page)})
    elif quiet:
        print(page)
    else:
        from uq.report.terminal import answer

        answer(report, sys.stdout)
        print(f"Report: {page}")


@app.command()
def trace(
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="Of a finished pump-requirements run.")
    ],
    requirement: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A requirement's identifier [default: all].")
    ] = None,
    rows: Annotated[
        int | None, typer.Option("--rows", help="Rows of the evidence that are run again [default: all].")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Lead a requirement back to its samples, seeds and code version, and run them again.

    Exit code 1 if a sentence does not follow from its runs, or today's model gives others; 3 if a file is damaged.
    """
    if rows is not None and rows < 0:
        raise UsageError(f"--rows must not be negative, got {rows}")
    from studies.running.trace import trace as traced

    found = traced(folder, requirement, rows=rows)
    if json:
        _print_json(
            [{"identifier": t.statement.identifier, "holds": t.holds, "lines": t.lines} for t in found]
        )
    else:
        for one in found:
            for line in one.lines:
                print(line)
        if not found:
            print("nothing is required there")
    if not all(one.holds for one in found):
        raise typer.Exit(DOES_NOT_HOLD)


@app.command()
def schema() -> None:
    """The JSON Schema of a case file, for editors."""
    from studies.case.schema import schema as of_case

    _print_json(of_case())


def _print_json(record: Any) -> None:
    import json

    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
