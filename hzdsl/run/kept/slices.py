"""Runs in slices, for arrays of jobs: each slice leaves a file of its numbers, and the files are merged.

A file of a slice holds blocks (`hzdsl.run.parts.blocks`): the frame of the run, a part per sample, and what was lost.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.io.sinks import atomic_path
from hzdsl.records import dataclass
from hzdsl.run.kept.frame import MACHINE, Frame, check_same, frame_in
from hzdsl.run.kept.state import FRAME
from hzdsl.run.parts.blocks import block, blocks
from hzdsl.run.parts.packing import parts_of, to_bytes
from hzdsl.run.parts.partials import Part
from hzdsl.run.plan.items import WorkItem
from hzdsl.run.plan.plan import Plan
from hzdsl.run.work.done import Loss
from hzdsl.run.work.ledger import Ledger

LOSS = b"LOSS"


@dataclass(frozen=True)
class Kept:
    """What the file of a slice holds; losses are places in the trees of the run, with their errors."""

    path: str
    frame: Frame
    parts: tuple[Part, ...]
    losses: tuple[dict[str, Any], ...]

    def lost(self, plan: Plan) -> list[Loss]:
        """Return what the slice has lost, as losses of the trees of a plan of the same run."""
        numbered = [(number, tree) for number, job in enumerate(plan.jobs) for tree in job.trees]
        return [
            Loss(WorkItem(*numbered[x["tree"]], *x["range"]), HzdslError(x["code"], x["error"]), x["attempts"])
            for x in self.losses
        ]


def write_slice(path: Path, frame: Frame, ledger: Ledger, plan: Plan) -> None:
    """Write the file of a slice, whole or not at all."""
    at = {id(t): i for i, t in enumerate(plan.trees)}
    losses = [
        {
            "tree": at[id(x.item.tree)],
            "range": (x.item.start, x.item.stop),
            "code": x.error.code,
            "error": x.error.message,
            "attempts": x.attempts,
        }
        for x in ledger.losses
    ]
    content = [
        block(FRAME, json.dumps(frame).encode()),
        *(to_bytes(p) for p in ledger.parts()),
        block(LOSS, json.dumps(losses).encode()),
    ]
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"".join(content))


def read_slice(path: str | os.PathLike[str]) -> Kept:
    """Return what the file of a slice holds.

    Raises
    ------
    HzdslError
        `file-missing`, `file-format`, `file-truncated`.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise HzdslError("file-missing", f"{os.fspath(path)} cannot be read ({error.strerror})") from None
    found = list(blocks(data))
    if data[:4] != FRAME:
        raise HzdslError("file-format", f"{os.fspath(path)} is no file of a slice", fix="give what --slice has written")
    if not found or found[-1].kind != LOSS or found[-1].end != len(data):
        raise HzdslError("file-truncated", f"{os.fspath(path)} is damaged", fix="run this slice again")
    frame = frame_in(found[0].content, os.fspath(path))
    parts = tuple(parts_of(found, os.fspath(path)))
    return Kept(os.fspath(path), frame, parts, tuple(json.loads(found[-1].content)))


def check_slices(kept: Sequence[Kept]) -> Frame:
    """Return the frame that slices have in common, after checking that each of them is there exactly once.

    Raises
    ------
    HzdslError
        `run-differs` where they are of different runs, `slices` where one is missing or there twice.
    """
    first = kept[0]
    for other in kept[1:]:
        what, fix = f"{other.path} (compared with {first.path})", "run all slices with the same analysis and files"
        check_same(other.frame, first.frame, what, fix, machines=True)
    counts = {k.frame["slice"][1] for k in kept}
    if len(counts) > 1:
        raise HzdslError("slices", f"the run was cut into {' and into '.join(map(str, sorted(counts)))} slices")
    of = counts.pop()
    there: dict[int, str] = {}
    for k in kept:
        number = k.frame["slice"][0]
        if number in there:
            raise HzdslError("slices", f"slice {number} of {of} is there twice: {there[number]} and {k.path}")
        there[number] = k.path
    lacking = [str(i) for i in range(1, of + 1) if i not in there]
    if lacking:
        shown = ", ".join(lacking[:20]) + (" …" if lacking[20:] else "")
        raise HzdslError(
            "slices", f"{len(lacking)} of {of} slices are missing: {shown}", fix="run them, and merge again"
        )
    return {**first.frame, "provenance": _machines(k.frame["provenance"] for k in kept)}


def _machines(provenances: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return one provenance, in which machines that differ are all named."""
    every = list(provenances)
    return {**every[0], **{k: ", ".join(dict.fromkeys(p[k] for p in every)) for k in MACHINE}}
