"""The engine of one process: units on threads, in the order of the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hzdsl.backends.base import Number
from hzdsl.run.ahead import read_ahead
from hzdsl.run.attempts import Done, attempt
from hzdsl.run.files import InputTree
from hzdsl.run.plan import Options, Plan
from hzdsl.run.pool import in_order
from hzdsl.run.spans import Ranges
from hzdsl.run.units import Means, Unit, units


def on_threads(plan: Plan, values: Mapping[str, Number], options: Options, left: Sequence[Ranges]) -> Iterator[Done]:
    """Yield what became of every unit that is left, in their order.

    Raises
    ------
    HzdslError
        What no repetition mends: the first in the order of the entries.
    """
    programs = {id(job.bound): job.bound.program for job in plan.jobs if job.trees}
    means = {key: Means(options.backend.compile(program), values, options) for key, program in programs.items()}

    def one(unit: Unit) -> Done:
        return attempt(unit, means[id(plan.jobs[unit.number].bound)])

    before: InputTree | None = None
    with read_ahead(units(plan, options, left), plan.trees) as ready:
        for unit, done in in_order(one, ready, options.threads):
            yield done
            if before is not None and before is not unit.tree:
                before.close()
            before = unit.tree
