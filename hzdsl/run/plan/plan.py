"""A plan: the samples of a run, each with its trees and with what is executed on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hzdsl.backends.base import Backend, Kernel, Number
from hzdsl.ir.analysis import Document, Sample
from hzdsl.results.result import HistogramResult
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Slice
from hzdsl.run.program.bind import Bound, bind
from hzdsl.run.spans import Ranges


@dataclass(frozen=True)
class Job:
    """One sample: its trees, what is executed on them, the histograms it brings along.

    Of a sample whose number of generated events is that of its Runs trees, `sample` has that number.
    """

    sample: Sample
    trees: tuple[InputTree, ...]
    bound: Bound
    templates: Mapping[str, HistogramResult]

    @property
    def entries(self) -> int:
        """How many entries its trees have."""
        return sum(t.entries for t in self.trees)


@dataclass(frozen=True)
class Plan:
    """All samples, and the whole analysis bound to the same parameters.

    `unopened` are trees that could not be opened, of a run that is to do without them.
    """

    jobs: tuple[Job, ...]
    full: Bound
    notes: tuple[str, ...]
    unopened: tuple[InputTree, ...] = ()

    def entries(self, of: Slice | None = None) -> list[Ranges]:
        """Return the entries of each sample, or those in a slice: all, in their order, cut into equal pieces."""
        total = sum(job.entries for job in self.jobs)
        number, slices = (1, 1) if of is None else (of.number, of.of)
        start, stop = total * (number - 1) // slices, total * number // slices
        made: list[Ranges] = []
        first = 0
        for job in self.jobs:
            a, b = max(start - first, 0), min(stop - first, job.entries)
            made.append(((a, b),) if a < b else ())
            first += job.entries
        return made

    @property
    def trees(self) -> list[InputTree]:
        """Every tree, in the order of reading."""
        return [t for job in self.jobs for t in job.trees]

    def compiled(self, backend: Backend) -> dict[int, Kernel]:
        """Return the kernel of each program that is executed, by the `id` of the `Bound` that it belongs to."""
        programs = {id(job.bound): job.bound.program for job in self.jobs if job.trees}
        return {key: backend.compile(program) for key, program in programs.items()}


def bound_samples(document: Document, values: Mapping[str, Number], tables: bool, identified: bool) -> dict[str, Bound]:
    """Bind each sample's regions, once per distinct set and kind.

    Where no file says which event it is (`identified`), rows are called by their entry; where some do, the others lack
    branches.
    """
    identifiers = document.identifiers if tables and identified else ()
    known: dict[tuple[frozenset[str], str], Bound] = {}
    for sample in document.samples:
        key = frozenset(sample.channels), sample.kind
        if key not in known:
            known[key] = bind(
                document, values, channels=key[0], identifiers=identifiers, tables=tables, kind=sample.kind
            )
    return {s.name: known[frozenset(s.channels), s.kind] for s in document.samples}
