"""The trees of a run, all together: opened once each, checked, limited, counted through, closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from hzdsl.errors import HzdslError
from hzdsl.run.inputs.facts import Facts
from hzdsl.run.inputs.survey import Question, Survey, survey_here
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.watch import Watch

#: How many files stay open between the check and their turn.
KEPT_OPEN = 64


def open_trees(
    trees: Sequence[InputTree],
    question: Question | None = None,
    losable: tuple[str, ...] = (),
    survey: Survey = survey_here,
    watch: Watch | None = None,
) -> None:
    """Look at every tree once, so that a bad last file is known before the first is read.

    The first `KEPT_OPEN` stay open. Errors of the codes `losable` are kept as why a tree is bad; of all others the
    first in the order of the trees is raised, whoever has looked at them. `watch` is told of each.
    """
    for i, tree in enumerate(trees):
        tree.kept = i < KEPT_OPEN
    with closing(survey(trees, question or Question())) as seen:
        for number, (tree, found) in enumerate(zip(trees, seen, strict=True), 1):
            if isinstance(found, Facts):
                tree.learn(found)
            elif found.code in losable:
                tree.bad = found
            else:
                raise _of_sample(found, tree)
            if watch is not None:
                watch.tell("opened", file=tree.path, done=number, total=len(trees))


def _of_sample(error: HzdslError, tree: InputTree) -> HzdslError:
    """Say, of a file that a sample of the analysis names and this machine lacks, how to name those that there are."""
    if error.code == "file-missing" and tree.sample and not tree.is_far:
        close = f"{error.fix} Or say" if error.fix and error.fix.startswith("did you mean") else "say"
        where = f"--base-url DIR, --sample {tree.sample}=FILES, or FILES alone instead of the samples"
        error.fix = f"{close} where the files of sample '{tree.sample}' are: {where}"
    return error


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
