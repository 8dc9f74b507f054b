"""What a result lacks: files and entries that could not be read, or that were not read before a run was stopped.

Weights are those of the planned sample, whatever is missing: the number of generated events, where it is given, or else
the entries of all files that could be opened. So a yield is lower by what its sample lacks, never scaled up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.results.result import Blocks, Missing, Result
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.plan.weights import sample_weight
from hzdsl.run.spans import Ranges, common, count, joined
from hzdsl.run.work.ledger import Ledger

#: What is said of entries whose turn had not come.
NOT_READ = "not read"
#: So many files are told of in an error or a remark.
TOLD = 20


class DataLost(HzdslError):  # noqa: N818 (named after its code)
    """Some inputs could not be read; `partial` is the result of all others."""

    def __init__(self, partial: Result) -> None:
        lost = [m for m in partial.missing if m.reason != NOT_READ]
        files = len({m.path for m in lost})
        what = f"{files} file{'' if files == 1 else 's'} could not be read, or not wholly:"
        super().__init__(
            "data-lost",
            "\n".join([what, *(f"    {line}" for line in told(lost, partial))]),
            fix="get these files again, or accept the loss: --allow-missing",
        )
        self.partial = partial


def missing_of(plan: Plan, ledger: Ledger, document: Document) -> tuple[Missing, ...]:
    """Return what is missing, by tree, in the order of reading; the trees that could not be opened first."""
    made = [_unopened(tree) for tree in plan.unopened]
    losses: dict[int, list[tuple[Ranges, str, int]]] = {}
    for x in ledger.losses:
        losses.setdefault(id(x.item.tree), []).append((((x.item.start, x.item.stop),), x.error.message, x.attempts))
    left = ledger.left
    for number, job in enumerate(plan.jobs):
        for tree in job.trees:
            for ranges, reason, attempts in _joined(losses.get(id(tree), [])):
                lost = _missing(job, tree, ranges, document)
                made.append(replace(lost, reason=reason, attempts=attempts, blocks=_blocks(tree, ranges, document)))
            own = common(left[number], ((tree.first, tree.first + tree.entries),))
            if own:
                made.append(_missing(job, tree, tuple((a - tree.first, b - tree.first) for a, b in own), document))
    return tuple(made)


def _joined(losses: list[tuple[Ranges, str, int]]) -> Iterator[tuple[Ranges, str, int]]:
    """Yield the ranges of a tree, those lost for one reason together."""
    found: dict[str, tuple[Ranges, int]] = {}
    for ranges, reason, attempts in losses:
        before, most = found.get(reason, ((), 0))
        found[reason] = joined(before, ranges), max(most, attempts)
    yield from ((ranges, reason, attempts) for reason, (ranges, attempts) in found.items())


def _unopened(tree: InputTree) -> Missing:
    assert tree.bad is not None
    return Missing(tree.sample, tree.path, tree.name or "", tree.bad.message, 1)


def _missing(job: Job, tree: InputTree, ranges: Ranges, document: Document) -> Missing:
    """Return what entries of a tree stand for, by themselves not read yet."""
    events = count(ranges)
    known = job.sample.kind != "data" and job.sample.xsec is not None and document.luminosity is not None
    weight = events * sample_weight(job.sample, document.luminosity, job.entries) if known else None
    return Missing(tree.sample, tree.path, tree.found, NOT_READ, 0, tree.entries, ranges, events, weight)


def _blocks(tree: InputTree, ranges: Ranges, document: Document) -> Blocks:
    """Return the luminosity blocks of lost entries by run, where those columns can still be read."""
    names = [n.text("name") for n in document.identifiers][:2]
    made: dict[int, Ranges] = {}
    if tree.bad is not None:
        return {}
    try:
        with tree.reading() as source:
            if len(names) < 2 or any(n not in source.columns for n in names):
                return {}
            for start, stop in ranges:
                read = source.read(names, start, stop)
                pairs = np.unique(np.stack([read[n].content.astype(np.int64) for n in names], axis=1), axis=0)
                for run, block in pairs.tolist():
                    old = made.get(run, ())
                    made[run] = old if common(old, ((block, block + 1),)) else joined(old, ((block, block + 1),))
    except HzdslError:
        return {}
    return {run: tuple((a, b - 1) for a, b in blocks) for run, blocks in sorted(made.items())}


def told(missing: list[Missing], result: Result) -> list[str]:
    """Return a line per file of what it lacks."""
    lines = [_line(m, result) for m in missing[:TOLD]]
    return [*lines, *([f"and {len(missing) - TOLD} more"] if missing[TOLD:] else [])]


def _line(m: Missing, result: Result) -> str:
    if m.events is None:
        return f"{m.path}: all of its events, how many is not known: {m.reason}"
    sample = result.samples[m.sample]
    planned = sample.events + sum(x.events or 0 for x in result.missing if x.sample == m.sample)
    parts = [f"{m.path}: {m.events} of {m.entries} events ({spelled(m.ranges)})"]
    share = m.events / planned
    of = f" of sample {m.sample}" if m.sample else ""
    parts.append(f"{100 * share:.3g} % of the events{of}")
    if m.weight is not None and result.luminosity is not None:
        parts.append(
            f"{share * result.luminosity:.4g} of {result.luminosity:.4g} /pb, "
            f"a yield of {m.weight:.4g} before any selection"
        )
    if m.blocks:
        blocks = "; ".join(f"run {run}: {spelled_blocks(of_run)}" for run, of_run in m.blocks.items())
        parts.append(f"luminosity blocks {blocks}")
    attempts = f" ({m.attempts} attempts)" if m.attempts > 1 else ""
    return f"{', '.join(parts)}: {m.reason}{attempts}"


def missing_notes(result: Result) -> list[str]:
    """Return remarks on what a result lacks: per file what could not be read, in one line what was not read yet."""
    lost = [m for m in result.missing if m.reason != NOT_READ]
    unread = sum(m.events or 0 for m in result.missing if m.reason == NOT_READ)
    notes = [f"missing: {line}" for line in told(lost, result)]
    if unread:
        files = len({m.path for m in result.missing if m.reason == NOT_READ})
        notes.append(f"missing: {unread} events of {files} file{'' if files == 1 else 's'} had not been read")
    return notes


def spelled(ranges: Ranges) -> str:
    """Return ranges of entries as text, the last of each included.

    Examples
    --------
    >>> spelled(((0, 10), (20, 21)))
    'entries 0 to 9, 20'
    """
    return f"entries {spelled_blocks(tuple((a, b - 1) for a, b in ranges))}"


def spelled_blocks(ranges: Ranges) -> str:
    """Return ranges whose last number is included as text."""
    shown = [str(a) if a == b else f"{a} to {b}" for a, b in ranges[:5]]
    return ", ".join(shown) + (f" and {len(ranges) - 5} more ranges" if ranges[5:] else "")
