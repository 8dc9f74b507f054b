"""The trees of a run, all together: opened once each, checked, limited, counted through, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hzdsl.errors import HzdslError
from hzdsl.io.source import Source
from hzdsl.ir.node import Node
from hzdsl.run.inputs.ahead import opened_ahead
from hzdsl.run.inputs.columns import Why, place, plan_reads
from hzdsl.run.inputs.kinds import evidence
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.program.bind import Bound

#: How many files stay open between the check and their turn.
KEPT_OPEN = 64


def open_trees(
    trees: Sequence[InputTree],
    identifiers: tuple[Node, ...],
    losable: tuple[str, ...] = (),
    look: Callable[[InputTree, Source], None] = lambda tree, source: None,
) -> None:
    """Open every tree once, so that a bad last file is known before the first is read.

    The first `KEPT_OPEN` stay open. Errors of the codes `losable` are kept as why a tree is bad. What else is to be
    seen of open trees, `look` looks at: opening a file takes longer than reading some thousand events.
    """
    for i, tree in enumerate(trees):
        tree.kept = i < KEPT_OPEN
    with opened_ahead(trees) as opened:
        for tree in opened:
            try:
                with tree.looked_at() as source:
                    tree.entries, tree.where = source.entries, place(source)
                    tree.identified = any(n.text("name") in source.columns for n in identifiers)
                    look(tree, source)
            except HzdslError as error:
                if error.code not in losable:
                    raise _of_sample(error, tree) from None
                tree.bad = error


def _of_sample(error: HzdslError, tree: InputTree) -> HzdslError:
    """Say, of a file that a sample of the analysis names and this machine lacks, how to name those that there are."""
    if error.code == "file-missing" and tree.sample and not tree.is_far:
        close = f"{error.fix} Or say" if error.fix and error.fix.startswith("did you mean") else "say"
        where = f"--base-url DIR, --sample {tree.sample}=FILES, or FILES alone instead of the samples"
        error.fix = f"{close} where the files of sample '{tree.sample}' are: {where}"
    return error


def check_tree(tree: InputTree, source: Source, bound: Bound, why: Why) -> None:
    """Plan what is read of an open tree, and see what it looks like.

    Raises
    ------
    HzdslError
        `branch-missing`, `branch-type`
    """
    tree.reads, tree.evidence = plan_reads(source, bound.program, why), evidence(source)
    tree.column_bytes = sum(source.stored_bytes(name) for name in tree.reads.names)
    tree.marks = tuple(source.boundaries(tree.reads.names))


def limit(trees: Iterable[InputTree], most: int | None) -> None:
    """Cut the entries of a sample's trees to the first `most`, and count them through."""
    first = 0
    for tree in trees:
        if most is not None:
            tree.entries = min(tree.entries, most - first)
        tree.first = first
        first += tree.entries


def check_not_empty(trees: list[InputTree]) -> list[str]:
    """Return a note per empty tree.

    Raises
    ------
    HzdslError
        `tree-empty` where there is not a single entry.
    """
    empty = [t.where for t in trees if t.entries == 0]
    if trees and len(empty) == len(trees):
        names = ", ".join(empty[:5]) + (" …" if len(empty) > 5 else "")
        raise HzdslError("tree-empty", f"there are no entries in {names}", fix="give files with events")
    return [f"{where} has no entries" for where in empty]


def close_all(trees: Iterable[InputTree]) -> None:
    """Close every tree."""
    for tree in trees:
        tree.close()
