"""Units of work: a range of entries of one tree, read and executed at once, giving one part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hzdsl.backends.base import Kernel, Number
from hzdsl.errors import HzdslError
from hzdsl.run.chunks import read_chunk, target_size
from hzdsl.run.files import InputTree
from hzdsl.run.partials import Part, placed
from hzdsl.run.plan import Job, Options, Plan
from hzdsl.run.spans import Ranges, common, count


@dataclass(frozen=True)
class Unit:
    """The entries of a tree from `start` up to, not including, `stop`, and what to do with them.

    `number` is that of the sample. Without a kernel it is but a place.
    """

    number: int
    job: Job
    tree: InputTree
    start: int
    stop: int
    kernel: Kernel | None = None

    def part(self, values: Mapping[str, Number], tables: bool, *, anew: bool = False) -> Part:
        """Read the entries, from a file opened `anew` if need be, and execute the program on them."""
        assert self.kernel is not None
        with self.tree.reading(anew=anew) as source:
            chunk = read_chunk(source, self.tree.reads, self.start, self.stop)
        return placed(self.number, self.tree.first + self.start, self.kernel.run(chunk, values, tables))


def units(plan: Plan, options: Options, left: Sequence[Ranges]) -> Iterator[Unit]:
    """Yield units for all entries that are left of each sample, in their order.

    Those of a tree are laid out when the units before have been handed out.
    """
    programs = {id(job.bound): job.bound.program for job in plan.jobs if job.trees}
    kernels = {key: options.backend.compile(program) for key, program in programs.items()}
    size = options.chunk_size or target_size(sum(map(count, left)), options.threads)
    for number, (job, wanted) in enumerate(zip(plan.jobs, left, strict=True)):
        for tree in job.trees:
            own = common(wanted, ((tree.first, tree.first + tree.entries),))
            inside = tuple((a - tree.first, b - tree.first) for a, b in own)
            for start, stop in common(_laid_out(tree, size, options), inside) if inside else ():
                if options.stop.asked:
                    return
                yield Unit(number, job, tree, start, stop, kernels[id(job.bound)])


def _laid_out(tree: InputTree, size: int, options: Options) -> Ranges:
    """Return the chunks of a tree; of one that cannot be opened (units find out why) the whole."""
    try:
        return tuple(tree.ranges(size, align=options.chunk_size is None))
    except HzdslError:
        return ((0, tree.entries),)
