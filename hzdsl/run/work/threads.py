"""The engine of one process: items of work on threads, in the order of the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hzdsl.backends.base import Number
from hzdsl.run.inputs.ahead import read_ahead
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options
from hzdsl.run.plan.items import WorkItem, work_items
from hzdsl.run.plan.plan import Plan
from hzdsl.run.pool import in_order
from hzdsl.run.spans import Ranges
from hzdsl.run.work.attempts import Means, attempt
from hzdsl.run.work.done import Done


def on_threads(plan: Plan, values: Mapping[str, Number], options: Options, left: Sequence[Ranges]) -> Iterator[Done]:
    """Yield what became of every item that is left, in their order.

    Raises
    ------
    HzdslError
        What no repetition mends: the first in the order of the entries.
    """
    kernels = plan.compiled(options.backend)
    if options.max_memory is not None:
        from hzdsl.run.resources.memory import Needs, within  # which most runs do not need

        options = within(Needs(plan, options, kernels), options, left)
    means = {key: Means(kernel, values, options) for key, kernel in kernels.items()}

    def one(item: WorkItem) -> Done:
        return attempt(item, means[id(plan.jobs[item.number].bound)])

    before: InputTree | None = None
    with read_ahead(work_items(plan, options, left), plan.trees) as ready:
        for item, done in in_order(one, ready, options.threads):
            yield done
            if before is not None and before is not item.tree:
                before.close()
            before = item.tree
