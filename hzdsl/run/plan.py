"""Everything that is decided and checked before the first event is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hzdsl.backends.base import Backend, Number
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.options import RemoteOptions
from hzdsl.io.source import Source
from hzdsl.ir.analysis import Document, Sample
from hzdsl.results.result import HistogramResult
from hzdsl.run.columns import reasons
from hzdsl.run.files import (
    LOSABLE,
    InputTree,
    check_not_empty,
    check_tree,
    close_all,
    limit,
    open_trees,
)
from hzdsl.run.generated import generated
from hzdsl.run.inputs import sample_files
from hzdsl.run.kinds import kind_note
from hzdsl.run.notes import check_fills, document_notes, entry_notes, shared_notes, unfilled_notes
from hzdsl.run.program import Bound, bind
from hzdsl.run.stop import Stop
from hzdsl.run.templates import read_templates
from hzdsl.run.watch import Watch
from hzdsl.run.weights import check_sample

NO_SAMPLES = "give files (hzdsl run SPEC FILES, in Python ana.run(FILES)), or the analysis a sample"


@dataclass(frozen=True)
class Retry:
    """How often what failed is tried again, and how many seconds are waited before the first time (then doubled)."""

    times: int = 2
    delay: float = 1.0


@dataclass(frozen=True)
class Keeping:
    """Where a run keeps what it has done, whether it goes on from there, and how often (in s) that is written."""

    path: Path
    resume: bool = False
    interval: float = 5.0


class Slice(NamedTuple):
    """One of several slices of a run, counted from 1, and the file that its numbers are written to."""

    number: int
    of: int
    path: Path


@dataclass(frozen=True)
class Options:
    """How a run is done; see `hzdsl.run.run`.

    `chunk_target` is about how many entries a chunk has that ends where baskets end, as `hzdsl.run.memory` chooses.
    """

    backend: Backend
    threads: int = 1
    tables: bool = False
    max_events: int | None = None
    chunk_size: int | None = None
    remote: RemoteOptions | None = None
    trust_files: bool = False
    retry: Retry = Retry()
    allow_missing: bool = False
    watch: Watch = field(default_factory=Watch)
    stop: Stop = field(default_factory=Stop)
    keeping: Keeping | None = None
    slice: Slice | None = None
    command: Mapping[str, object] = field(default_factory=dict)
    client: Any = None
    max_memory: int | None = None
    chunk_target: int | None = None


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

    @property
    def trees(self) -> list[InputTree]:
        """Every tree, in the order of reading."""
        return [t for job in self.jobs for t in job.trees]


@contextmanager
def planned(document: Document, values: Mapping[str, Number], options: Options) -> Iterator[Plan]:
    """Open and check all inputs, give the plan, and close the inputs at the end.

    Raises
    ------
    HzdslError
        For anything wrong with bins, samples, files, trees, branches and templates.
    """
    if not document.samples:
        raise HzdslError("no-files", f"the analysis '{document.name}' declares no samples", fix=NO_SAMPLES)
    full = bind(document, values)
    check_fills(document)
    for sample in document.samples:
        check_sample(sample)
        _check_channels(sample, document)
    trees = {s.name: _trees(s, document, options) for s in document.samples}
    every = [t for of in trees.values() for t in of]
    try:
        templates = {s.name: read_templates(s, full, document.folder, options.remote) for s in document.samples}
        sight = _Sight(document, values, options.tables)
        open_trees(every, document.identifiers, LOSABLE if options.allow_missing else (), sight.look)
        unopened = tuple(t for t in every if t.bad is not None)
        trees = {name: _opened(of) for name, of in trees.items()}
        every = [t for of in trees.values() for t in of]
        notes = [*check_not_empty(every), *document_notes(document), *_remarks(document, trees, options)]
        for of in trees.values():
            limit(of, options.max_events)
        bounds = sight.bounds(every)
        notes += unfilled_notes(document)
        notes += shared_notes(document, {name: [t.where for t in of] for name, of in trees.items()})
        for s in document.samples:
            notes += kind_note(s.name, s.kind, ((t.path, t.evidence) for t in trees[s.name]))
        samples = [generated(s, trees[s.name]) for s in document.samples]
        jobs = [Job(s, trees[s.name], bounds[s.name], templates[s.name]) for s in samples]
        yield Plan(tuple(jobs), full, tuple(notes), unopened)
    finally:
        close_all(every)


class _Sight:
    """What is seen of trees when they are opened: whether they have what their samples need.

    Which event a row is, is read where any file says it: the first is taken to speak for all, until one does not.
    """

    def __init__(self, document: Document, values: Mapping[str, Number], tables: bool) -> None:
        self._document, self._values, self._tables = document, values, tables
        self._identified = False
        self._bounds: dict[str, Bound] = {}
        self._wrong: list[HzdslError] = []

    def look(self, tree: InputTree, source: Source) -> None:
        """Look at an open tree; what is wrong with its branches is said when all files have been opened."""
        if not self._bounds:
            self._bind(tree.identified)
        bound = self._bounds[tree.sample]
        try:
            check_tree(tree, source, bound, reasons(bound))
        except HzdslError as error:
            if error.code in LOSABLE:
                raise
            self._wrong.append(error)

    def bounds(self, trees: Sequence[InputTree]) -> dict[str, Bound]:
        """Return what is executed on each sample, after checking all trees against it.

        Raises
        ------
        HzdslError
            `branch-missing`, `branch-type`
        """
        identified = any(t.identified for t in trees)
        if not self._bounds or (self._tables and identified != self._identified):
            self._bind(identified)
            for tree in trees:
                with tree.looked_at() as source:
                    self.look(tree, source)
        if self._wrong:
            raise self._wrong[0]
        return self._bounds

    def _bind(self, identified: bool) -> None:
        self._identified, self._wrong = identified, []
        self._bounds = bound_samples(self._document, self._values, self._tables, identified)


def _trees(sample: Sample, document: Document, options: Options) -> tuple[InputTree, ...]:
    paths = sample_files(sample, document.folder, options.remote)
    return tuple(
        InputTree(sample.name, path, name, options.remote, options.trust_files)
        for path in paths
        for name in sample.trees or (None,)
    )


def _opened(trees: tuple[InputTree, ...]) -> tuple[InputTree, ...]:
    """Return the trees of a sample that could be opened, of which there have to be some."""
    found = tuple(t for t in trees if t.bad is None)
    if trees and not found and trees[0].bad is not None:
        raise trees[0].bad
    return found


def _check_channels(sample: Sample, document: Document) -> None:
    known = [r.name for r in document.regions]
    for name in sample.channels:
        if name not in known:
            fix = did_you_mean(name, known) or f"regions: {', '.join(known) or 'none'}"
            raise HzdslError(
                "name-unknown", f"sample '{sample.name}' fills a region '{name}' that is not there", fix=fix
            )


def _remarks(document: Document, trees: Mapping[str, tuple[InputTree, ...]], options: Options) -> list[str]:
    if options.max_events is None:
        return entry_notes(document, {name: sum(t.entries for t in of) for name, of in trees.items() if of})
    if not any(s.xsec is not None for s in document.samples):
        return []
    return [f"at most {options.max_events} entries of each sample were read, weights are those of whole samples"]


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
