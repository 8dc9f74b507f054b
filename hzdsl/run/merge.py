"""Merging slices: the result of a whole run from the files of its slices, without opening its inputs again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document, Sample
from hzdsl.ir.hash import analysis_hash
from hzdsl.results.result import Result
from hzdsl.run.attempts import Loss
from hzdsl.run.files import InputTree, Stored, close_all, limit
from hzdsl.run.frame import Frame, check_same, program_digest
from hzdsl.run.ledger import Ledger
from hzdsl.run.outcome import finished
from hzdsl.run.parameters import resolve, spelled
from hzdsl.run.plan import Job, Plan, bound_samples
from hzdsl.run.program import bind
from hzdsl.run.slices import Kept, check_slices, read_slice
from hzdsl.run.templates import read_templates
from hzdsl.run.units import Unit


def merge(
    document: Document,
    slices: Sequence[str | os.PathLike[str]],
    *,
    parameters: Mapping[str, Number] | None = None,
    remote: RemoteOptions | None = None,
) -> Result:
    """Return what one run would have returned, from the files of all of its slices.

    Parameters
    ----------
    document : Document
        The analysis, with the samples that were run.
    slices : sequence of paths
        What the slices have written, in any order.
    parameters : mapping of str to number, optional
        As the slices had them.
    remote : RemoteOptions, optional
        For templates on servers.

    Raises
    ------
    HzdslError
        `slices` where one is missing or there twice; `run-differs` where they are of different runs, or of another
        analysis; `file-truncated`, `file-format`, `file-missing`.
    """
    if not slices:
        raise HzdslError("slices", "there are no files of slices", fix="give what --slice has written")
    kept = [read_slice(path) for path in slices]
    frame = check_slices(kept)
    values = resolve(document, parameters or {})
    plan = _recalled(document, values, frame, remote)
    try:
        _check_analysis(document, values, plan, frame)
        ledger = Ledger(plan, frame["tables"])
        for k in kept:
            for part in k.parts:
                ledger.enter(part)
            for loss in _losses(k, plan):
                ledger.lose(loss)
        ledger.close()
        return finished(document, values, plan, ledger, frame["provenance"])
    finally:
        close_all(plan.trees)


def _recalled(document: Document, values: Mapping[str, Number], frame: Frame, remote: RemoteOptions | None) -> Plan:
    """Return the plan of the run that a frame is of; its trees are not open."""
    full = bind(document, values)
    names = [s["name"] for s in frame["samples"]]
    if [s.name for s in document.samples] != names:
        raise HzdslError(
            "run-differs",
            f"the slices are of the samples {', '.join(names)}, the analysis has "
            f"{', '.join(s.name for s in document.samples) or 'none'}",
        )
    trees: dict[str, list[InputTree]] = {name: [] for name in names}
    for t in frame["trees"]:
        about = {key: t[key] for key in ("sample", "path", "name", "entries", "where", "identified")}
        trees[t["sample"]].append(InputTree(**about, remote=remote, stored=Stored(**t["stored"]), kept=False))
    for of in trees.values():
        limit(of, None)
    identified = any(t["identified"] for t in frame["trees"])
    bounds = bound_samples(document, values, frame["tables"], identified)
    jobs = []
    for sample, said in zip(document.samples, frame["samples"], strict=True):
        known: Sample = replace(sample, nevt=said["nevt"])
        templates = read_templates(sample, full, document.folder, remote)
        jobs.append(Job(known, tuple(trees[sample.name]), bounds[sample.name], templates))
    unopened = tuple(
        InputTree(u["sample"], u["path"], u["name"], bad=HzdslError(u["code"], u["error"])) for u in frame["unopened"]
    )
    return Plan(tuple(jobs), full, tuple(frame["notes"]), unopened)


def _check_analysis(document: Document, values: Mapping[str, Number], plan: Plan, frame: Frame) -> None:
    now = {
        **frame,
        "hash": analysis_hash(document),
        "programs": [program_digest(job.bound.program) for job in plan.jobs],
        "parameters": {p.name: spelled(p, values[p.name]) for p in document.parameters},
    }
    check_same(frame, now, "what the slices hold", "give the analysis that they were run with")


def _losses(kept: Kept, plan: Plan) -> list[Loss]:
    """Return what a slice has lost, as losses of the trees of the plan."""
    numbers = [(i, tree) for i, job in enumerate(plan.jobs) for tree in job.trees]
    made = []
    for x in kept.losses:
        number, tree = numbers[x["tree"]]
        start, stop = x["range"]
        made.append(Loss(Unit(number, tree, start, stop), HzdslError(x["code"], x["error"]), x["attempts"]))
    return made


def command_of(path: str | Path) -> dict[str, object]:
    """Return how the command line found the analysis of a slice."""
    return dict(read_slice(path).frame["command"])
