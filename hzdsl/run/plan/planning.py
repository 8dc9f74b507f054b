"""Everything that is decided and checked before the first event is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.source import Source
from hzdsl.ir.analysis import Document, Sample
from hzdsl.run.inputs.columns import reasons
from hzdsl.run.inputs.generated import generated
from hzdsl.run.inputs.kinds import kind_note
from hzdsl.run.inputs.paths import sample_files
from hzdsl.run.inputs.templates import read_templates
from hzdsl.run.inputs.tree import LOSABLE, InputTree
from hzdsl.run.inputs.trees import check_not_empty, check_tree, close_all, limit, open_trees
from hzdsl.run.options import Options
from hzdsl.run.plan.notes import check_fills, document_notes, entry_notes, shared_notes, unfilled_notes
from hzdsl.run.plan.plan import Job, Plan, bound_samples
from hzdsl.run.plan.weights import check_sample
from hzdsl.run.program.bind import Bound, bind

NO_SAMPLES = "give files (hzdsl run SPEC FILES, in Python ana.run(FILES)), or the analysis a sample"


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
