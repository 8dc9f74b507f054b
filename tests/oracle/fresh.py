"""`make oracle`: real ROOT, interpreter and compiled code on fresh random events, the seeds printed."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.oracle.df103 import differences, hzdsl_df103
from tests.oracle.random_events import write_random_events
from tests.oracle.run_root import HOW_TO, root_python, run_df103

KINDS = ("mixed", "4mu", "4e", "2e2mu")


def main() -> int:
    """Return 0 where all three agree on every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=8, help="how many files (default 8)")
    parser.add_argument("--entries", type=int, default=50_000, help="events per file (default 50000)")
    parser.add_argument("--seed", type=int, help="first seed; without it a fresh one is drawn and printed")
    options = parser.parse_args()
    if root_python() is None:
        sys.exit(HOW_TO)
    first = options.seed if options.seed is not None else secrets.randbelow(2**31)
    print(f"seeds {first} to {first + options.files - 1}, {options.entries} events each")
    with tempfile.TemporaryDirectory() as name:
        return _compare(Path(name), range(first, first + options.files), options.entries)


def _compare(folder: Path, seeds: range, entries: int) -> int:
    paths = {}
    for i, seed in enumerate(seeds):
        paths[seed] = folder / f"{seed}.root"
        write_random_events(paths[seed], seed, entries, KINDS[i % len(KINDS)])
    oracle = run_df103(list(paths.values()), folder / "root")
    bad = 0
    for seed, path in paths.items():
        found = {
            b: differences(hzdsl_df103(path, b), oracle[path].document, oracle[path].rows)
            for b in ("codegen", "interpret")
        }
        verdict = {b: "equal" if not d else f"{len(d)} DIFFERENCES, first {d[0]}" for b, d in found.items()}
        print(
            f"seed {seed}: ROOT selects {len(oracle[path].rows)}; codegen {verdict['codegen']}; interpret {verdict['interpret']}"
        )
        bad += sum(map(len, found.values()))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
