"""Chunks through kernels: reading, executing and adding up, in the order of the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hzdsl.backends.base import Kernel, Number, Partial
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.results.result import SampleResult
from hzdsl.run.chunks import read_chunk, target_size
from hzdsl.run.files import InputTree
from hzdsl.run.ledger import Ledger, Span
from hzdsl.run.partials import Sum, placed
from hzdsl.run.plan import Job, Options, Plan
from hzdsl.run.pool import in_order
from hzdsl.run.tally import Tally
from hzdsl.run.weights import sample_weight


@dataclass(frozen=True)
class Work:
    """One range of entries of a tree, and what to do with it.

    `number` is that of the sample, `first` of its entries the tree's first one.
    """

    number: int
    job: Job
    tree: InputTree
    first: int
    span: Span
    kernel: Kernel


def execute(plan: Plan, document: Document, values: Mapping[str, Number], options: Options) -> dict[str, SampleResult]:
    """Run a plan and return the result of every sample.

    Raises
    ------
    HzdslError
        `file-truncated`, `branch-type`, `remote`: the first in the order of the entries.
    """
    total = sum(t.entries for t in plan.trees)
    ledger = Ledger({i: t.entries for i, t in enumerate(plan.trees)})
    sums = [Sum(i, job.bound.program, options.tables) for i, job in enumerate(plan.jobs)]

    def one(work: Work) -> Partial:
        chunk = read_chunk(work.tree.open(), work.tree.reads, work.span.start, work.span.stop)
        return work.kernel.run(chunk, values, options.tables)

    done = 0
    for work, partial in in_order(one, _work(plan, options, total), options.threads):
        ledger.enter(work.span, partial.entries)
        check_apart(work, partial)
        sums[work.number].add(placed(work.number, work.first + work.span.start, partial))
        done += partial.entries
        if work.span.stop == work.tree.entries:
            work.tree.close()
        if options.progress is not None:
            options.progress(work.job.sample.name, done, total)
    ledger.close()
    return {
        job.sample.name: _result(job, Tally(job.bound, of.part()), document, options)
        for job, of in zip(plan.jobs, sums, strict=True)
    }


def check_apart(work: Work, partial: Partial) -> None:
    """Refuse to go on where an event is in two regions that are declared exclusive.

    Raises
    ------
    HzdslError
        `exclusive`, for the first such event of the chunk.
    """
    found = [
        (int(first), int(n), pair)
        for (n, first), pair in zip(partial.overlaps, work.job.bound.worlds.pairs, strict=True)
        if n
    ]
    if not found:
        return
    first, n, pair = min(found, key=lambda x: x[0])
    under = f", under the variation {pair.variation}" if pair.variation is not None else ""
    raise HzdslError(
        "exclusive",
        f"regions '{pair.first}' and '{pair.second}' are declared exclusive{under}, but entry "
        f"{work.span.start + first} of {work.tree.where} is in both (so are {n - 1} more of this chunk)",
        fix="add a requirement to one that the other excludes, or do not declare them exclusive",
    )


def _work(plan: Plan, options: Options, total: int) -> Iterator[Work]:
    """Yield all ranges; those of a tree are laid out when the trees before it have been handed out."""
    programs = {id(job.bound): job.bound.program for job in plan.jobs if job.trees}
    kernels = {key: options.backend.compile(program) for key, program in programs.items()}
    size = options.chunk_size or target_size(total, options.threads)
    number = 0
    for i, job in enumerate(plan.jobs):
        first = 0
        for tree in job.trees:
            for start, stop in tree.ranges(size, align=options.chunk_size is None):
                yield Work(i, job, tree, first, Span(number, start, stop), kernels[id(job.bound)])
            number += 1
            first += tree.entries


def _result(job: Job, tally: Tally, document: Document, options: Options) -> SampleResult:
    """Return a sample's result, its templates in the place of histograms that it would have filled."""
    if not job.trees:
        return SampleResult(job.sample, 0, job.sample.scale, {}, dict(job.templates))
    weight = sample_weight(job.sample, document.luminosity, tally.events)
    made = tally.result(job.sample, weight, options.tables)
    merged = {**made.histograms, **job.templates}
    return replace(made, histograms={h.key: merged[h.key] for h in document.histograms if h.key in merged})
