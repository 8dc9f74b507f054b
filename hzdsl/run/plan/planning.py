"""Everything that is decided and checked before the first event is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.analysis import Document, Sample
from hzdsl.run.inputs.generated import generated
from hzdsl.run.inputs.kinds import kind_note
from hzdsl.run.inputs.paths import sample_files
from hzdsl.run.inputs.survey import Survey, survey_here
from hzdsl.run.inputs.templates import read_templates
from hzdsl.run.inputs.tree import LOSABLE, InputTree
from hzdsl.run.inputs.trees import check_not_empty, close_all, limit, open_trees
from hzdsl.run.options import Options
from hzdsl.run.plan.notes import check_fills, document_notes, entry_notes, shared_notes, twin_notes, unfilled_notes
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.plan.sight import Sight
from hzdsl.run.plan.weights import check_sample
from hzdsl.run.program.bind import bind

NO_SAMPLES = "give files (hzdsl run SPEC FILES, in Python ana.run(FILES)), or the analysis a sample"


@contextmanager
def planned(
    document: Document, values: Mapping[str, Number], options: Options, survey: Survey = survey_here
) -> Iterator[Plan]:
    """Open and check all inputs, give the plan, and close the inputs at the end.

    `survey` says who looks at the files: this process, or the workers of a cluster.

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
        sight = Sight(document, values, options.tables)
        open_trees(every, sight.question(), LOSABLE if options.allow_missing else (), survey, options.watch)
        unopened = tuple(t for t in every if t.bad is not None)
        trees = {name: _opened(of) for name, of in trees.items()}
        every = [t for of in trees.values() for t in of]
        notes = [*check_not_empty(every), *document_notes(document), *_remarks(document, trees, options)]
        for of in trees.values():
            limit(of, options.max_events)
        bounds = sight.settled(every, survey)
        notes += unfilled_notes(document)
        notes += shared_notes(document, {name: [t.where for t in of] for name, of in trees.items()})
        for s in document.samples:
            notes += twin_notes((t.path, t.fingerprint) for t in trees[s.name])
            notes += kind_note(s.name, s.kind, ((t.path, t.evidence) for t in trees[s.name]))
        samples = [generated(s, trees[s.name]) for s in document.samples]
        jobs = [Job(s, trees[s.name], bounds[s.name], templates[s.name]) for s in samples]
        yield Plan(tuple(jobs), full, tuple(notes), unopened)
    finally:
        close_all(every)


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
