"""The command line: `lander-uq list`, `lander-uq new`, `lander-uq size`, `lander-uq run STUDY`."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from studies.running.catalogue import cases, resolved, studies
from studies.running.exit_codes import DOES_NOT_HOLD, DONE, INTERRUPTED, WRONG_USE, UsageError, explained

if TYPE_CHECKING:
    from studies.running.unit_systems import System

DEFAULT_CASE = "series3"
"""The lander of the study."""


UNITS = ("field", "si", "imperial")
"""Of `studies.running.unit_systems`, whose import would make every help wait."""


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
    epilog="Begin with: lander-uq size --case series3; then: lander-uq run pump-requirements; a lander of your own: "
    "lander-uq new NAME. Exit codes: 0 done, 1 a traced requirement does not hold, 2 wrong use, 3 invalid or damaged "
    "file, 4 too many failed samples, 70 internal error, 130 interrupted (the same command resumes).",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help in a fifth of a second: rich takes as long again to import
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> NoReturn:
    """Run the command line; every error becomes one line on standard error and an exit code."""
    # Processes and threads of ours share the cores.  Linear algebra that takes all of them for each matrix of a few
    # hundred rows as well makes a study of two minutes last eight.  Read when numpy is first imported, which is later.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    sys.exit(_guarded(sys.argv[1:]))


def _guarded(arguments: list[str]) -> int:
    import logging
    import warnings

    warnings.showwarning = _warned
    note = logging.StreamHandler(sys.stderr)
    note.setFormatter(logging.Formatter("lander-uq: %(message)s"))
    logging.getLogger("uq").handlers[:] = [note]
    try:
        code = app(arguments, standalone_mode=False)
        if code != INTERRUPTED:
            return code if isinstance(code, int) else DONE
        return _complain("interrupted; the same command resumes", INTERRUPTED)
    except (typer.Abort, KeyboardInterrupt):
        return _complain("interrupted; the same command resumes", INTERRUPTED)
    except _ClickError as error:
        message = error.format_message()
        if "unexpected extra argument" in message and ".toml" in message:
            message += "; a case file is given as --case FILE"
        return _complain(message, WRONG_USE)
    except BrokenPipeError:
        return DONE
    except Exception as error:
        return _complain(*explained(error))


def _warned(message: Warning | str, *_: object, **__: object) -> None:
    """A warning of the library as a line that a user can read: without a source path, or the line of code."""
    print(f"lander-uq: warning: {' '.join(str(message).split())}", file=sys.stderr)


def _complain(message: str, code: int) -> int:
    line = " ".join(message.split())
    if line:
        print(f"lander-uq: {line}", file=sys.stderr)
    return code


def _complete_study(incomplete: str) -> list[tuple[str, str]]:
    return [item for item in studies().items() if item[0].startswith(incomplete)]


def _complete_case(incomplete: str) -> list[tuple[str, str]]:
    return [item for item in cases().items() if item[0].startswith(incomplete)]


def _complete_setting(incomplete: str) -> list[tuple[str, str]]:
    from studies.case.settings import names

    return [] if "=" in incomplete else [(f"{name}=", text) for name, text in names(incomplete)]


def _complete_decision(ctx: typer.Context, incomplete: str) -> list[str]:
    from studies.case.case import load

    before, comma, last = incomplete.rpartition(",")
    found = load(ctx.params.get("case") or DEFAULT_CASE).decisions.decisions
    known = [f"{name}={option}" for name, decision in found.items() for option in decision.options]
    return [f"{before}{comma}{one}" for one in known if one.startswith(last)]


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


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of the command itself; its help stands in `app`."""
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(WRONG_USE)


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


SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Set a quantity, with its unit: --set pump.efficiency=0.5 --set 'power_limit=12 kW'; size holds design "
        "variables, too: --set chamber_pressure=12bar. Repeatable.",
        autocompletion=_complete_setting,
    ),
]
UnitsOption = Annotated[
    str,
    typer.Option(
        "--units",
        metavar="|".join(UNITS),
        help="Of what is printed here; field is bar, kW, L. Files have field units only, one system for sentences, "
        "tables and figures.",
        autocompletion=lambda incomplete: [one for one in UNITS if one.startswith(incomplete)],
    ),
]


def _system(units: str) -> System:
    """The system of units that was asked for; raises UsageError where there is none of that name."""
    if units not in UNITS:
        raise UsageError(f"--units {units!r}: give one of {', '.join(UNITS)}")
    from studies.running.unit_systems import System

    return System(units)


ConceptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--concept",
        metavar="DECISION=OPTION,...",
        help="Take decisions of the case: --concept engines=one,pump_sets=shared.",
        autocompletion=_complete_decision,
    ),
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the lander; NAME.toml is written.")],
) -> None:
    """Write a commented case file to begin with."""
    from studies.case.new import new as written
    from studies.case.toml_file import CaseError

    try:
        path = written(name, Path())
    except CaseError as error:
        raise UsageError(str(error)) from None
    print(f"{path}: change its values, then: lander-uq size --case {path}")


@app.command()
def size(
    case: CaseOption = DEFAULT_CASE,
    settings: SetOption = None,
    concept: ConceptOption = None,
    close: Annotated[
        bool,
        typer.Option(
            "--close", help="Find the platform mass that closes the pressure-fed lander at its payload."
        ),
    ] = False,
    history: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write power, charge, temperatures and pressures over all burns there."
        ),
    ] = None,
    units: UnitsOption = "field",
    json: JsonOption = False,
) -> None:
    """Mass budget of one lander, both architectures.

    Every uncertain input stands at its median. Each architecture is at its own best chamber pressure, area ratio and
    tank pressure. A required value, such as pump.efficiency, replaces the model's prediction. Where a limit is broken
    no gain is given; a limit that a design stands on is said.
    """
    system = _system(units)
    from studies.running import size as command

    found = command.size(case, settings, concept, close=close)
    written = [] if history is None else command.write_histories(found, history)
    if json:
        _print_json(found.record())
        return
    found.print(system)
    for path in written:
        print(f"History: {path}")


@app.command()
def run(
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help="See lander-uq list.", autocompletion=_complete_study)
    ],
    case: CaseOption = DEFAULT_CASE,
    settings: SetOption = None,
    concept: ConceptOption = None,
    measured: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A test report, CSV or TOML: readings with their uncertainty that update the uncertain inputs.",
        ),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(help="Landers that are sized [default: the study's own].")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of every random draw.")] = 1,
    confirm: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Fresh runs behind each compliance of pump-requirements [default: 600 or more]."
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes [default: one a core, at most 4].")] = None,
    backend: Annotated[
        Backend | None,
        typer.Option(
            help="Where landers are sized: processes here, a Dask cluster, or this process [default: local]."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Of a Dask cluster: tls://HOST:PORT; tcp:// on this machine only."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the report [default: results/STUDY-CASE]."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no answer; the folder only.")
    ] = False,
    units: UnitsOption = "field",
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

    system = _system(units)
    from studies.running.session import Order, carried_out, decisions

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
        settings=tuple(settings or ()),
        concept=decisions(concept),
        measured=measured,
    )
    if scheduler is not None and backend not in (None, Backend.dask):
        raise UsageError(f"--scheduler is the address of a Dask cluster; leave out --backend {backend.value}")
    order.check()
    module = importlib.import_module(f"studies.{name.replace('-', '_')}")
    chosen, report, page = carried_out(order, module, quiet=quiet)
    if json:
        _print_json(
            {
                "study": name,
                "case": chosen.name,
                "verdict": report.brief.verdict,
                "answer": list(report.answer),
                "report": str(page),
            }
        )
    elif quiet:
        print(page)
    else:
        import dataclasses

        from studies.running.unit_systems import brief_in_system
        from uq.report.terminal import answer

        answer(dataclasses.replace(report, brief=brief_in_system(report.brief, system)), sys.stdout)
        print(f"Report: {page}")


@app.command()
def trace(
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Of a finished pump-requirements run.")],
    requirement: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A requirement's identifier [default: all].")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Find the requirements of a study and their runs again, and compare every word and row.

    Exit code 1 if a requirement does not follow from its runs, or today's code finds another; 3 if a file is damaged.
    """
    from studies.running.trace import trace as traced

    found = traced(folder, requirement)
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
def offer(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The offer: [hardware.pump] and its like.")],
    study: Annotated[Path, typer.Option(metavar="FOLDER", help="Of a finished pump-requirements run.")],
    explorer: Annotated[
        Path | None,
        typer.Option(metavar="PAGE", help="Write the study's explorer with this offer as a set."),
    ] = None,
    units: UnitsOption = "field",
    json: JsonOption = False,
) -> None:
    """Hardware from a data sheet against the requirements of a study.

    Each requirement is met, missed or open; the fixed design is simulated with this hardware: compliance, kilograms,
    and what to negotiate.
    """
    system = _system(units)
    from studies.running import offer as command

    found = command.offer(file, study)
    if explorer is not None:
        command.explore(found, study, explorer)
    if json:
        _print_json(command.record(found))
    else:
        command.shown(found, system)


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
