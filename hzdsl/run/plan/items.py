"""Items of work: a range of entries of one tree each, read and executed at once; what a plan is cut into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hzdsl.run.inputs.chunks import target_size
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options
from hzdsl.run.plan.plan import Plan
from hzdsl.run.spans import Ranges, common, count


@dataclass(frozen=True)
class WorkItem:
    """The entries of a tree from `start` up to, not including, `stop`; `number` is that of the sample."""

    number: int
    tree: InputTree
    start: int
    stop: int

    def announce(self) -> None:
        """Begin to fetch what reading it will need."""
        if self.tree.bad is not None:
            return
        with self.tree.reading() as source:
            source.prefetch(self.tree.reads.names, self.start, self.stop)


def item_size(options: Options, left: Sequence[Ranges]) -> int:
    """Return about how many entries an item has."""
    return options.chunk_size or options.chunk_target or target_size(sum(map(count, left)), options.threads)


def work_items(plan: Plan, options: Options, left: Sequence[Ranges]) -> Iterator[WorkItem]:
    """Yield items for all entries that are left of each sample, in their order.

    Those of a tree are laid out when the items before have been handed out.
    """
    size = item_size(options, left)
    for number, (job, wanted) in enumerate(zip(plan.jobs, left, strict=True)):
        for tree in job.trees:
            own = common(wanted, ((tree.first, tree.first + tree.entries),))
            inside = tuple((a - tree.first, b - tree.first) for a, b in own)
            chunks = tuple(tree.ranges(size, align=options.chunk_size is None))
            for start, stop in common(chunks, inside) if inside else ():
                if options.stop.asked:
                    return
                yield WorkItem(number, tree, start, stop)
