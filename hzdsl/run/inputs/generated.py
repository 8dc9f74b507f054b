"""Numbers of generated events that the files themselves tell: the sum of generator weights in their Runs trees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hzdsl.errors import HzdslError
from hzdsl.io.source import Source
from hzdsl.ir.analysis import Sample
from hzdsl.results.sums import total_of
from hzdsl.run.inputs.tree import InputTree

TREE, BRANCH = "Runs", "genEventSumw"
#: As NanoAOD has called it: with an underscore up to version 6.
BRANCHES = (BRANCH, f"{BRANCH}_")


def generated(sample: Sample, trees: Iterable[InputTree]) -> Sample:
    """Return a sample with the number that its Runs trees hold, where ``nevt = "Runs"`` asks for it.

    Raises
    ------
    HzdslError
        `tree-missing`, `branch-missing`; `spec-value` where the sum is no number to divide by.
    """
    if sample.nevt != TREE:
        return sample
    total = total_of(x for found in {tree.path: tree.generated for tree in trees}.values() for x in _known(found))
    if not 0 < total < float("inf"):
        what = f"the sum of {BRANCH} in the {TREE} trees of sample '{sample.name}' is {total:g}"
        raise HzdslError("spec-value", what, fix="give nevt as a number")
    return replace(sample, nevt=total)


def _known(found: tuple[float, ...] | HzdslError) -> tuple[float, ...]:
    if isinstance(found, HzdslError):
        raise found
    return found


def summed_weights(tree: InputTree) -> tuple[float, ...]:
    """Return the sums of generator weights that the Runs tree in the file of a tree holds.

    Raises
    ------
    HzdslError
        `tree-missing`, `branch-missing`; `file-truncated`, `remote`.
    """
    with _opened(tree) as source:
        try:
            name = next((b for b in BRANCHES if b in source.columns and not source.columns[b].depth), None)
            if name is None:
                raise HzdslError(
                    "branch-missing",
                    f'the tree {TREE} of {tree.path} has no number {BRANCH}, and nevt = "{TREE}" of sample '
                    f"'{tree.sample}' is the sum of it",
                    fix="give nevt as a number",
                )
            return tuple(float(x) for x in source.read([name], 0, source.entries)[name].content)
        finally:
            tree.also_read(source)


def _opened(tree: InputTree) -> Source:
    try:
        return tree.other(TREE)
    except HzdslError as e:
        if e.code != "tree-missing":
            raise
        raise HzdslError(
            "tree-missing",
            f"{tree.path} has no tree {TREE}, whose sum of {BRANCH} is nevt = \"{TREE}\" of sample '{tree.sample}'",
            fix="give nevt as a number: NanoAOD has the tree, skims can lose it",
        ) from None
