"""`run`: an analysis over files, to a result.

Parameters and bins are resolved; every file is opened and checked; the program is compiled, once per
distinct set of regions; chunks are read and executed on threads and added up in the order of their entries;
each sample gets its weight; samples are summed. Whatever the threads and chunks, the result has the same
bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike, fspath

from hzdsl.backends.base import Backend, Number
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document, Sample
from hzdsl.ir.hash import analysis_hash
from hzdsl.results.result import Result, SampleResult, Totals
from hzdsl.run.engines import backend_of
from hzdsl.run.execute import execute
from hzdsl.run.notes import mask_notes
from hzdsl.run.parameters import overridden, resolve, spelled
from hzdsl.run.plan import Options, Progress, planned
from hzdsl.run.program import Bound
from hzdsl.run.provenance import provenance
from hzdsl.run.ranges import range_notes
from hzdsl.run.tally import total_histograms, total_regions
from hzdsl.run.traffic import traffic_notes

NO_SAMPLES = "give files (hzdsl run SPEC FILES, in Python ana.run(FILES)), or the analysis a sample"
#: What files can be given as: one path, pattern or URL, or several.
Files = str | PathLike[str] | Iterable[str | PathLike[str]]


def run(
    document: Document,
    files: Files | None = None,
    *,
    backend: str | Backend = "codegen",
    parameters: Mapping[str, Number] | None = None,
    threads: int = 1,
    tables: bool = False,
    max_events: int | None = None,
    chunk_size: int | None = None,
    tree: str | None = None,
    data: bool = False,
    progress: Progress | None = None,
    remote: RemoteOptions | None = None,
) -> Result:
    """Run an analysis and return its result.

    Parameters
    ----------
    document : Document
        The analysis. Its samples' files are found relative to its folder.
    files : path or iterable of paths, optional
        Files instead of the document's samples: one unnamed sample of weight 1.
    backend : str or Backend
        ``"codegen"``, ``"interpret"`` or a backend.
    parameters : mapping of str to number, optional
        Values instead of the defaults, in each parameter's own unit.
    threads : int
        How many chunks are worked on at a time. Results do not depend on it.
    tables : bool
        Whether the outputs of selected events are kept.
    max_events : int, optional
        Read only so many entries of each sample (weights stay as they are).
    chunk_size : int, optional
        Entries per chunk; by default some 200 000, ending where baskets end.
    tree : str, optional
        The tree of `files`, where it is not the only one or ``Events``.
    data : bool
        Whether `files` are data.
    progress : callable, optional
        Called with (sample, entries done, entries in all) after every chunk.
    remote : RemoteOptions, optional
        Certificates, time limits, retries and redirectors of URLs.

    Raises
    ------
    HzdslError
        For anything wrong with the files or the analysis; nothing is executed before all files have been
        checked.
    """
    for name, value in (("threads", threads), ("chunk_size", chunk_size), ("max_events", max_events)):
        if value is not None and value < 1:
            raise HzdslError("arguments", f"{name} is {value}", fix="give a number of at least 1")
    if files is not None:
        document = of_files(document, _paths(files), tree, data)
    if not document.samples:
        raise HzdslError("no-files", f"the analysis '{document.name}' declares no samples", fix=NO_SAMPLES)
    options = Options(backend_of(backend), threads, tables, max_events, chunk_size, remote, progress)
    return _run(document, parameters or {}, options)


def of_files(document: Document, files: tuple[str, ...], tree: str | None = None, data: bool = False) -> Document:
    """Return the analysis of one unnamed sample: files relative to the current folder, of weight 1."""
    kind, role = ("data", "data") if data else ("simulation", "background")
    sample = Sample("", files, kind, role, trees=() if tree is None else (tree,))
    return replace(document, samples=(sample,), folder=".")


def _paths(files: Files) -> tuple[str, ...]:
    """Return files as text.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> _paths(PurePosixPath("data/a.root")), _paths(["a.root", PurePosixPath("b.root")])
    (('data/a.root',), ('a.root', 'b.root'))
    """
    return tuple(fspath(f) for f in ((files,) if isinstance(files, str | PathLike) else files))


def _run(document: Document, given: Mapping[str, Number], options: Options) -> Result:
    values = resolve(document, given)
    with planned(document, values, options) as plan:
        samples = execute(plan, document, values, options)
        inputs = tuple(t.record() for t in plan.trees)
        full = plan.full
        notes = (
            *plan.notes,
            *mask_notes(samples.values()),
            *range_notes(plan, samples, values),
            *traffic_notes(inputs),
        )
    return Result(
        analysis=document.name,
        hash=analysis_hash(document),
        events=sum(s.events for s in samples.values()),
        regions=total_regions(document.regions, samples.values()),
        histograms=total_histograms(full, samples.values()),
        samples=samples,
        parameters={p.name: spelled(p, values[p.name]) for p in document.parameters},
        overrides=overridden(document, values),
        totals=_by_kind(document, full, samples),
        provenance=provenance(options.backend.name, inputs, options.max_events),
        luminosity=document.luminosity,
        experiment=document.experiment,
        energy=document.energy,
        inputs=inputs,
        notes=notes,
        outputs=tuple(document.output_names()),
    )


def _by_kind(document: Document, full: Bound, samples: Mapping[str, SampleResult]) -> dict[str, Totals]:
    """Return the sums over all simulation and over all data, where there are both."""
    kinds: dict[str, list[SampleResult]] = {}
    for s in samples.values():
        kinds.setdefault(s.sample.kind, []).append(s)
    if len(kinds) < 2:
        return {}
    return {
        kind: Totals(sum(s.events for s in of), total_regions(document.regions, of), total_histograms(full, of))
        for kind, of in sorted(kinds.items(), reverse=True)
    }
