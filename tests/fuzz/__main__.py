"""``python -m tests.fuzz``: many random programs in bounded time, in several processes; what is found becomes a test.

A block of programs is given by the seed and its number: ``--seed N --first K`` goes on where a run stopped.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

from hzdsl.ir.ops import OPS
from tests.fuzz.hunt import Found, hunt
from tests.fuzz.reduce import HEADER

BLOCK = 100
FOUND = Path(__file__).with_name("found")
#: After so many blocks a process is replaced: LLVM keeps memory.
BLOCKS_PER_PROCESS = 20


def main() -> int:
    """Hunt, print the coverage, and return 1 where something was found or not reached."""
    options = _options()
    print(f"seed {options.seed}: {options.programs} programs in at most {options.minutes} minutes", flush=True)
    found, block = _hunt(options)
    coverage = found.coverage
    print(coverage.table())
    print(f"\n{coverage.programs} programs, of which {found.busy} keep an event, reject one and fill a histogram")
    for text in found.failures:
        print(f"\n{text}")
    complaints = _complaints(found, options.programs)
    print("\n".join(complaints))
    if block * BLOCK < options.programs:
        print(f"out of time; to go on: python -m tests.fuzz --seed {options.seed} --first {block}")
    return 1 if found.failures or complaints else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--programs", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="number of the first block")
    return parser.parse_args()


def _hunt(options: argparse.Namespace) -> tuple[Found, int]:
    """Run blocks until all are done or the time is up; return what was found and the first block not begun."""
    start, total = time.monotonic(), Found()
    last = -(-options.programs // BLOCK)
    block = options.first
    with ProcessPoolExecutor(
        options.processes, mp_context=get_context("spawn"), max_tasks_per_child=BLOCKS_PER_PROCESS
    ) as pool:
        running: dict[Future[Found], int] = {}
        while running or block < last:
            late = time.monotonic() - start > 60 * options.minutes
            while block < last and not late and len(running) < options.processes:
                running[pool.submit(hunt, options.seed, block, BLOCK)] = block
                block += 1
            if not running:
                break
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                _report(total, done.result(), running.pop(done), time.monotonic() - start)
    return total, block


def _report(total: Found, found: Found, block: int, seconds: float) -> None:
    total.merge(found)
    for text in found.failures:
        _append(text)
    rate = total.coverage.programs / seconds
    failed = f", FAILURES {len(total.failures)}" if total.failures else ""
    print(f"block {block}: {total.coverage.programs} programs, {rate:.1f} per second{failed}", flush=True)


def _append(text: str) -> None:
    FOUND.mkdir(exist_ok=True)
    path = FOUND / "test_found.py"
    if not path.exists():
        path.write_text(HEADER, encoding="utf-8")
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"\n\n{text}")


def _complaints(found: Found, programs: int) -> list[str]:
    """Return what a hunt of this length should have reached: every variant once in 500, so often in more."""
    coverage = found.coverage
    least = coverage.programs // 1000
    said = [f"no strategy declares: {v}" for v in coverage.undeclared()]
    said += [f"never: {op}" for op in OPS if coverage.operation(op) == 0]
    if coverage.programs >= programs:
        said += [f"fewer than {least} times: {v}" for v in coverage.rare_variants(least)]
        said += [f"fewer than {least // 4} times: {v}" for v in coverage.rare_kinds(least // 4)]
    if coverage.programs and found.busy < 0.8 * coverage.programs:
        said.append("fewer than 80 % of the programs keep an event, reject one and fill a histogram")
    return said


if __name__ == "__main__":
    sys.exit(main())
