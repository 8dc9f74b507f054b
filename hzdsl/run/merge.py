"""Merging slices: the result of a whole run from the files of its slices, without opening its inputs again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document
from hzdsl.results.result import Result
from hzdsl.run.inputs.trees import close_all
from hzdsl.run.kept.frame import plan_of
from hzdsl.run.kept.slices import check_slices, read_slice
from hzdsl.run.outcome.finished import finished
from hzdsl.run.program.parameters import resolve
from hzdsl.run.work.ledger import Ledger


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
    plan = plan_of(document, values, frame, remote)
    try:
        ledger = Ledger(plan, frame["tables"])
        for k in kept:
            for part in k.parts:
                ledger.enter(part)
            for loss in k.lost(plan):
                ledger.lose(loss)
        ledger.close()
        return finished(document, values, plan, ledger, frame["provenance"])
    finally:
        close_all(plan.trees)


def command_of(path: str | Path) -> dict[str, object]:
    """Return how the command line found the analysis of a slice."""
    return dict(read_slice(path).frame["command"])
