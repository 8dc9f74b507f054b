"""What a run is, as data: enough to know whether two runs do the same, and to make a result without the files.

A frame is a JSON document; `frame_of` lists its keys. Two runs whose frames agree give parts that may be added up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from hzdsl.backends.base import Number, Program
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document, Sample
from hzdsl.ir.hash import analysis_hash, node_digests
from hzdsl.ir.node import Node
from hzdsl.results.provenance import provenance
from hzdsl.run.inputs.facts import Fingerprint
from hzdsl.run.inputs.templates import read_templates
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.inputs.trees import limit
from hzdsl.run.options import Options
from hzdsl.run.plan.plan import Job, Plan, bound_samples
from hzdsl.run.program.bind import bind
from hzdsl.run.program.parameters import spelled

Frame = dict[str, Any]
#: Raised when what is kept in files changes its form.
FORMAT = 2
#: What a frame says beside what has to be the same.
ASIDE = ("notes", "command", "slice")
#: What a frame says of a tree beside its fingerprint.
TREE = ("sample", "path", "name", "entries", "where", "identified")
#: Parts of the provenance in which machines of one cluster may differ.
MACHINE = ("libc", "cpu", "python")


def frame_of(
    document: Document,
    values: Mapping[str, Number],
    plan: Plan,
    options: Options,
) -> Frame:
    """Return the frame of a run."""
    inputs = tuple(t.record() for t in plan.trees)
    return {
        "format": FORMAT,
        "analysis": document.name,
        **_meaning(document, values, plan),
        "tables": options.tables,
        "max_events": options.max_events,
        "trust_files": options.trust_files,
        "samples": [{"name": s.name, "nevt": s.nevt, "kind": s.kind} for s in (job.sample for job in plan.jobs)],
        "trees": [_tree(t) for t in plan.trees],
        "unopened": [_bad(t) for t in plan.unopened],
        "provenance": provenance(options.backend.name, inputs, options.max_events),
        "notes": list(plan.notes),
        "slice": None if options.slice is None else [options.slice.number, options.slice.of],
        "command": dict(options.command),
    }


def frame_in(content: bytes, what: str) -> Frame:
    """Return the frame that a file holds, if it is of the form that is written today.

    Raises
    ------
    HzdslError
        `file-format`.
    """
    frame: Frame = json.loads(content)
    if frame.get("format") != FORMAT:
        written = f"{what} was written by another version of hzdsl (format {frame.get('format')} instead of {FORMAT})"
        raise HzdslError("file-format", written, fix="run it again with this version, or go on with that one")
    return frame


def _meaning(document: Document, values: Mapping[str, Number], plan: Plan) -> Frame:
    """Return what a frame says of the analysis alone."""
    return {
        "hash": analysis_hash(document),
        "programs": [program_digest(job.bound.program) for job in plan.jobs],
        "parameters": {p.name: spelled(p, values[p.name]) for p in document.parameters},
    }


def _tree(tree: InputTree) -> dict[str, Any]:
    """Return what a tree is known by; a time only where the file has no identity."""
    assert tree.fingerprint is not None
    stored = asdict(tree.fingerprint)
    stored["changed"] = 0 if tree.fingerprint.identity else tree.fingerprint.changed
    return {**{name: getattr(tree, name) for name in TREE}, "stored": stored}


def _bad(tree: InputTree) -> dict[str, Any]:
    assert tree.bad is not None
    return {
        "sample": tree.sample, "path": tree.path, "name": tree.name,
        "code": tree.bad.code, "error": tree.bad.message,
    }  # fmt: skip


def _trees_of(frame: Frame, remote: RemoteOptions | None) -> dict[str, list[InputTree]]:
    """Return the trees of a frame by sample, counted through; none of them is open."""
    trees: dict[str, list[InputTree]] = {}
    for said in frame["trees"]:
        about, known = {name: said[name] for name in TREE}, Fingerprint(**said["stored"])
        tree = InputTree(**about, remote=remote, fingerprint=known, kept=False)
        trees.setdefault(tree.sample, []).append(tree)
    for of in trees.values():
        limit(of, None)
    return trees


def _bad_of(said: dict[str, Any]) -> InputTree:
    return InputTree(said["sample"], said["path"], said["name"], bad=HzdslError(said["code"], said["error"]))


def plan_of(document: Document, values: Mapping[str, Number], frame: Frame, remote: RemoteOptions | None) -> Plan:
    """Return the plan of the run that a frame is of, its trees not open.

    Raises
    ------
    HzdslError
        `run-differs` where the analysis is another one than that of the run.
    """
    full = bind(document, values)
    names = [s["name"] for s in frame["samples"]]
    if [s.name for s in document.samples] != names:
        raise HzdslError(
            "run-differs",
            f"the slices are of the samples {', '.join(names)}, the analysis has "
            f"{', '.join(s.name for s in document.samples) or 'none'}",
        )
    trees = _trees_of(frame, remote)
    bounds = bound_samples(document, values, frame["tables"], any(t["identified"] for t in frame["trees"]))
    jobs = []
    for sample, said in zip(document.samples, frame["samples"], strict=True):
        known: Sample = replace(sample, nevt=said["nevt"])
        templates = read_templates(sample, full, document.folder, remote)
        jobs.append(Job(known, tuple(trees.get(sample.name, ())), bounds[sample.name], templates))
    plan = Plan(tuple(jobs), full, tuple(frame["notes"]), tuple(map(_bad_of, frame["unopened"])))
    now = {**frame, **_meaning(document, values, plan)}
    check_same(frame, now, "what the slices hold", "give the analysis that they were run with")
    return plan


def program_digest(program: Program) -> str:
    """Return the hash of a program, the order of its parts included: partial results are lists in this order."""
    known = node_digests(program.roots())

    def hexed(nodes: tuple[Node, ...]) -> list[str]:
        return [known[n].hex() for n in nodes]

    selections = [(hexed(s.cuts), hexed(s.outputs), hexed(s.weights), s.listed) for s in program.selections]
    fills = [(hexed(f.values), repr(f.binnings), f.region, hexed(f.weights)) for f in program.fills]
    gate = hexed(() if program.gate is None else (program.gate,))
    return sha256(repr((selections, fills, gate, program.apart)).encode()).hexdigest()


def check_same(kept: Frame, now: Frame, what: str, fix: str, *, machines: bool = False) -> None:
    """Refuse to put together what two different runs gave.

    Parameters
    ----------
    kept, now : Frame
        The frames.
    what : str
        How the message calls the first of them.
    fix : str
        What to do about it.
    machines : bool
        Whether they may have run on different machines.

    Raises
    ------
    HzdslError
        `run-differs`, naming what differs.
    """
    found = list(_differences(_compared(kept, machines), _compared(now, machines), ""))
    if found:
        more = [f"and {len(found) - 5} more"] if found[5:] else []
        lines = "\n".join(f"    {line}" for line in [*found[:5], *more])
        raise HzdslError("run-differs", f"{what} is of another run:\n{lines}", fix=fix)


def _compared(frame: Frame, machines: bool) -> Frame:
    made = {k: v for k, v in frame.items() if k not in ASIDE}
    about = {k: v for k, v in made["provenance"].items() if k != "inputs" and not (machines and k in MACHINE)}
    return {**made, "provenance": about}


def _differences(a: Any, b: Any, where: str) -> Iterator[str]:
    """Yield what differs, from the outside to the inside."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys((*a, *b)):
            yield from _differences(a.get(key), b.get(key), f"{where} {key}".strip())
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            name = x.get("path") or x.get("name") if isinstance(x, dict) else None
            yield from _differences(x, y, f"{where} {name or i + 1}")
    elif a != b:
        yield f"{where}: {_short(a)} there, {_short(b)} here"


def _short(x: Any) -> str:
    if isinstance(x, list):
        return f"{len(x)}"
    text = str(x)
    return text if len(text) <= 60 else f"{text[:12]}…"
