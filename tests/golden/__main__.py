"""``python -m tests.golden [--renew] [NAME ...]``: show how the reports differ, or approve them."""

import argparse
import os
import sys
import time

os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")  # as in the tests, before numpy is imported

from tests.golden.reports import REPORTS, differences, path, text


def main() -> int:
    """Print a diff for each report, or write what it is now; 1 where something differs and is not renewed."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(REPORTS)} [default: all]")
    parser.add_argument("--renew", action="store_true", help="approve the reports as they are now")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(REPORTS):
        parser.error(f"no report {min(unknown)!r}; known: {', '.join(REPORTS)}")
    differ = False
    for name in arguments.names or REPORTS:
        began = time.perf_counter()
        now = text(REPORTS[name]())
        lines = differences(path(name).read_text(encoding="utf-8") if path(name).exists() else "", now)
        differ |= bool(lines)
        if arguments.renew and lines:
            path(name).write_text(now, encoding="utf-8")
        verdict = ("renewed" if arguments.renew else "DIFFERS") if lines else "as approved"
        print(f"{name}: {verdict} ({time.perf_counter() - began:.1f} s)", flush=True)
        if not arguments.renew:
            print("\n".join(lines))
    return int(differ and not arguments.renew)


if __name__ == "__main__":
    sys.exit(main())
