"""Units of work: a range of entries of one tree, read and executed at once, giving one part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hzdsl.backends.base import Kernel, Number
from hzdsl.run.chunks import read_chunk, target_size
from hzdsl.run.files import InputTree
from hzdsl.run.partials import Part, placed
from hzdsl.run.plan import Options, Plan
from hzdsl.run.spans import Ranges, common, count


@dataclass(frozen=True)
class Unit:
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


@dataclass(frozen=True)
class Means:
    """What the units of a sample are done with."""

    kernel: Kernel
    values: Mapping[str, Number]
    options: Options

    def part(self, unit: Unit, *, anew: bool = False) -> Part:
        """Read the entries, from a file opened `anew` if need be, and execute the program on them."""
        with unit.tree.reading(anew=anew) as source:
            chunk = read_chunk(source, unit.tree.reads, unit.start, unit.stop)
        partial = self.kernel.run(chunk, self.values, self.options.tables)
        return placed(unit.number, unit.tree.first + unit.start, partial)


def unit_size(options: Options, left: Sequence[Ranges]) -> int:
    """Return about how many entries a unit has."""
    return options.chunk_size or options.chunk_target or target_size(sum(map(count, left)), options.threads)


def units(plan: Plan, options: Options, left: Sequence[Ranges]) -> Iterator[Unit]:
    """Yield units for all entries that are left of each sample, in their order.

    Those of a tree are laid out when the units before have been handed out.
    """
    size = unit_size(options, left)
    for number, (job, wanted) in enumerate(zip(plan.jobs, left, strict=True)):
        for tree in job.trees:
            own = common(wanted, ((tree.first, tree.first + tree.entries),))
            inside = tuple((a - tree.first, b - tree.first) for a, b in own)
            chunks = tuple(tree.ranges(size, align=options.chunk_size is None))
            for start, stop in common(chunks, inside) if inside else ():
                if options.stop.asked:
                    return
                yield Unit(number, tree, start, stop)
