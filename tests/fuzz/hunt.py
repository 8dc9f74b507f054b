"""A hunt: blocks of random programs, each block given by a seed and its number, failures shrunk and written out."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings

from hzdsl.backends.base import Backend, Chunk, Program
from hzdsl.backends.codegen import CodegenBackend
from tests.fuzz.check import compare
from tests.fuzz.coverage import Coverage
from tests.fuzz.programs import Case, cases
from tests.fuzz.reduce import as_test, reduced

GENERATE = (Phase.generate,)
SHRINK = (Phase.generate, Phase.shrink)
#: Programs that hypothesis draws at a time. From the tenth on it would vary each one five times before it draws a fresh
#: one, and that reaches fewer operations.
AT_ONCE = 9


@dataclass
class Found:
    """What a hunt has seen.

    Attributes
    ----------
    coverage : Coverage
        Of the programs that were run.
    busy : int
        How many programs kept an event, rejected an event and filled a histogram.
    failures : list of str
        The least program of each failing block, as a test.
    """

    coverage: Coverage = field(default_factory=Coverage)
    busy: int = 0
    failures: list[str] = field(default_factory=list)

    def merge(self, other: Found) -> None:
        """Add what another hunt has seen."""
        self.coverage.merge(other.coverage)
        self.busy += other.busy
        self.failures += other.failures


def hunt(seed: int, block: int, programs: int, compiled: Backend | None = None, shrink: bool = True) -> Found:
    """Run one block of random programs, up to the first on which the evaluations differ.

    Parameters
    ----------
    seed, block : int
        They fix the programs.
    programs : int
        How many.
    compiled : Backend, optional
        Stands for the compiled backend.
    shrink : bool
        Whether hypothesis shrinks a failure before its graph is cut down.
    """
    found, seen = Found(), set[Program]()
    for part in range(programs):
        if found.coverage.programs < programs and not found.failures:
            number = (seed * 1_000_003 + block) * 1_000_003 + part
            _hunt_a_few(found, seen, number, programs, compiled, SHRINK if shrink else GENERATE)
    found.failures = [f.replace("test_it(", f"test_seed_{seed}_block_{block}(") for f in found.failures]
    return found


def backend_of(case: Case) -> Backend:
    """Return the compiled backend: as it is for every third program, hardly optimising (and fast) for the others."""
    return CodegenBackend() if case.seed % 3 == 0 else CodegenBackend(level=0)


def _hunt_a_few(
    found: Found,
    seen: set[Program],
    seed: int,
    programs: int,
    compiled: Backend | None,
    phases: tuple[Phase, ...],
) -> None:
    failing: list[Case] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=AT_ONCE, database=None, deadline=None, phases=phases, suppress_health_check=list(HealthCheck)
    )
    @given(cases())
    def one(case: Case) -> None:
        if not failing and (case.program in seen or len(seen) == programs):
            return
        seen.add(case.program)
        outcome = compare(case.program, case.chunk, compiled or backend_of(case))
        if outcome.differences:
            failing.append(case)
            raise AssertionError(outcome.differences)
        if not failing:
            found.coverage.add(case.program)
            found.busy += outcome.keeps and outcome.rejects and outcome.fills

    try:
        one()
    except AssertionError as error:
        if not failing:  # the graph could not even be built: a find, too, that no program shows
            found.failures.append(
                f"# fails while growing, hypothesis seed {seed}: {traceback.format_exc(limit=-4)!r}\n"
            )
            return
        case = failing[-1]
        product = compiled or CodegenBackend()
        level = None if compare(case.program, case.chunk, product).differences else 0
        found.failures.append(_written("it", case, error, product if level is None else backend_of(case), level))


def _written(name: str, case: Case, error: AssertionError, compiled: Backend, level: int | None) -> str:
    def fails(program: Program, chunk: Chunk) -> bool:
        return bool(compare(program, chunk, compiled).differences)

    program, chunk = reduced(case.program, case.chunk, fails)
    said = compare(program, chunk, compiled).differences or tuple(error.args[0])
    return "".join(f"# {text}\n" for text in _lines(said)) + as_test(name, program, chunk, level)


def _lines(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in text.splitlines()]
