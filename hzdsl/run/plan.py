"""Everything that is decided and checked before the first event is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from hzdsl.backends.base import Backend, Number
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document, Sample
from hzdsl.results.result import HistogramResult
from hzdsl.run.columns import reasons
from hzdsl.run.files import (
    InputTree,
    check_not_empty,
    check_trees,
    close_all,
    limit,
    open_trees,
)
from hzdsl.run.generated import generated
from hzdsl.run.inputs import sample_files
from hzdsl.run.kinds import kind_note
from hzdsl.run.notes import check_fills, document_notes, entry_notes, shared_notes, unfilled_notes
from hzdsl.run.program import Bound, bind
from hzdsl.run.templates import read_templates
from hzdsl.run.weights import check_sample

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Options:
    """How a run is done; see `hzdsl.run.run`."""

    backend: Backend
    threads: int = 1
    tables: bool = False
    max_events: int | None = None
    chunk_size: int | None = None
    remote: RemoteOptions | None = None
    progress: Progress | None = None


@dataclass(frozen=True)
class Job:
    """One sample: its trees, what is executed on them, the histograms it brings along.

    Of a sample whose number of generated events is that of its Runs trees, `sample` has that number.
    """

    sample: Sample
    trees: tuple[InputTree, ...]
    bound: Bound
    templates: Mapping[str, HistogramResult]


@dataclass(frozen=True)
class Plan:
    """All samples, and the whole analysis bound to the same parameters."""

    jobs: tuple[Job, ...]
    full: Bound
    notes: tuple[str, ...]

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
    full = bind(document, values)
    check_fills(document)
    for sample in document.samples:
        check_sample(sample)
        _check_channels(sample, document)
    trees = {s.name: _trees(s, document, options) for s in document.samples}
    every = [t for of in trees.values() for t in of]
    try:
        templates = {s.name: read_templates(s, full, document.folder, options.remote) for s in document.samples}
        open_trees(every, document.identifiers)
        notes = [*check_not_empty(every), *document_notes(document), *_remarks(document, trees, options)]
        for of in trees.values():
            limit(of, options.max_events)
        bounds = _bound(document, trees, values, options)
        notes += unfilled_notes(document)
        notes += shared_notes(document, {name: [t.where for t in of] for name, of in trees.items()})
        for s in document.samples:
            notes += kind_note(s.name, s.kind, ((t.path, t.evidence) for t in trees[s.name]))
        samples = [generated(s, trees[s.name]) for s in document.samples]
        jobs = [Job(s, trees[s.name], bounds[s.name], templates[s.name]) for s in samples]
        yield Plan(tuple(jobs), full, tuple(notes))
    finally:
        close_all(every)


def _trees(sample: Sample, document: Document, options: Options) -> tuple[InputTree, ...]:
    paths = sample_files(sample, document.folder, options.remote)
    return tuple(
        InputTree(sample.name, path, name, options.remote) for path in paths for name in sample.trees or (None,)
    )


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


def _bound(
    document: Document,
    trees: Mapping[str, tuple[InputTree, ...]],
    values: Mapping[str, Number],
    options: Options,
) -> dict[str, Bound]:
    """Bind each sample's regions, once per distinct set and kind, and check its trees against them."""
    # Where no file says which event it is, rows are called by their entry; where some do, the others lack branches.
    identified = any(t.identified for of in trees.values() for t in of)
    identifiers = document.identifiers if options.tables and identified else ()
    known: dict[tuple[frozenset[str], str], Bound] = {}
    for sample in document.samples:
        key = frozenset(sample.channels), sample.kind
        if key not in known:
            known[key] = bind(
                document, values, channels=key[0], identifiers=identifiers, tables=options.tables, kind=sample.kind
            )
        check_trees(trees[sample.name], known[key], reasons(known[key]))
    return {s.name: known[frozenset(s.channels), s.kind] for s in document.samples}
