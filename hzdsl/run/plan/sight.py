"""What is executed on each sample, and whether its trees have what that needs.

Which event a row is, is read where any file says it. So every tree is looked at as if it spoke for all; where trees
disagree, those that do not say it are looked at again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

from hzdsl.backends.base import Number, Program
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.run.inputs.columns import plan_reads, reasons
from hzdsl.run.inputs.generated import TREE
from hzdsl.run.inputs.survey import Question, Survey
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.inputs.trees import open_trees
from hzdsl.run.plan.plan import bound_samples
from hzdsl.run.program.bind import Bound


class Sight:
    """What trees are asked, and what follows from their answers."""

    def __init__(self, document: Document, values: Mapping[str, Number], tables: bool) -> None:
        self._document, self._values = document, values
        self._tables, self._matters = tables, tables and bool(document.identifiers)
        self._bounds: dict[bool, dict[str, Bound]] = {}
        self._lock = threading.Lock()

    def question(self, identified: bool | None = None) -> Question:
        """Return what is asked of every tree; `identified`: whether the events of all samples are."""
        document = self._document
        names = tuple(n.text("name") for n in document.identifiers)
        told = tuple(s.name for s in document.samples if s.nevt == TREE)
        return Question(self._program, names, told, identified)

    def settled(self, trees: Sequence[InputTree], survey: Survey) -> dict[str, Bound]:
        """Return what is executed on each sample, after checking that all trees have what it reads.

        Raises
        ------
        HzdslError
            `branch-missing`, `branch-type`, of the first tree that lacks something.
        """
        identified = any(t.identified for t in trees)
        bounds = self._bound(identified)
        if self._matters:
            open_trees([t for t in trees if t.identified != identified], self.question(identified), survey=survey)
        wrong = next((t for t in trees if t.wrong is not None), None)
        if wrong is not None and wrong.wrong is not None:
            raise _said(wrong, bounds[wrong.sample]) or wrong.wrong
        return bounds

    def _program(self, sample: str, identified: bool) -> Program:
        return self._bound(identified)[sample].program

    def _bound(self, identified: bool) -> dict[str, Bound]:
        key = self._matters and identified
        with self._lock:  # trees are looked at on threads
            if key not in self._bounds:
                self._bounds[key] = bound_samples(self._document, self._values, self._tables, key)
            return self._bounds[key]


def _said(tree: InputTree, bound: Bound) -> HzdslError | None:
    """Return what is wrong with the branches of a tree, and what needs them; nothing where it cannot be opened here."""
    with suppress(HzdslError), tree.looked_at() as source:
        try:
            plan_reads(source, bound.program, reasons(bound))
        except HzdslError as error:
            return error
    return None
