"""The ledger: every entry once, and what contradicts it is refused."""

from __future__ import annotations

import pytest

from hzdsl import HzdslError
from hzdsl.ir.analysis import Sample
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.parts.partials import Part, nothing
from hzdsl.run.plan.items import WorkItem
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.program.bind import bind
from hzdsl.run.work.done import Loss
from hzdsl.run.work.ledger import Ledger
from tests.run.muons import document


def test_ledger():
    bound = bind(document(), {})

    def part(start, stop, entries=None):
        made = nothing(bound.program)
        made.entries = stop - start if entries is None else entries
        return Part(0, ((start, stop),), made)

    tree = InputTree("", "a.root", entries=10)
    job = Job(Sample(""), (tree,), bound, {})
    ledger = Ledger(Plan((job,), bound, ()), tables=False)
    ledger.enter(part(5, 8))
    for bad in (part(5, 8), part(7, 10), part(9, 12), part(0, 5, entries=4)):
        with pytest.raises(AssertionError):
            ledger.enter(bad)
    ledger.lose(Loss(WorkItem(0, tree, 0, 2), HzdslError("remote", "gone"), 1))
    with pytest.raises(AssertionError, match="were not to be read"):
        ledger.enter(part(1, 3))
    assert (ledger.planned, ledger.done, ledger.lost, ledger.left) == (10, 3, 2, [((2, 5), (8, 10))])
    assert ledger.left_of(0, tree) == 7
    with pytest.raises(AssertionError, match="have not been accounted for"):
        ledger.close()
    ledger.enter(part(2, 5))
    ledger.enter(part(8, 10))
    ledger.close()
