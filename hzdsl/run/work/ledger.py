"""The ledger: every entry of every sample is accounted for exactly once."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.parts.partials import Part, Sum
from hzdsl.run.plan.plan import Plan
from hzdsl.run.spans import Ranges, common, count, joined, without
from hzdsl.run.work.done import Loss


class Ledger:
    """The account of a run: the entries of each sample that are to be read, what they gave, and which are lost.

    Entries of a sample are counted through its files. That an entry is entered twice, or was never planned, is a
    mistake of hzdsl, never of the user.

    Parameters
    ----------
    plan : Plan
        The samples.
    tables : bool
        Whether parts have tables.
    planned : sequence of Ranges, optional
        The entries to be read of each sample; all of them if it is not given.
    """

    def __init__(self, plan: Plan, tables: bool, planned: Sequence[Ranges] | None = None) -> None:
        self._planned = plan.entries() if planned is None else planned
        self._sums = [Sum(i, job.bound.program, tables) for i, job in enumerate(plan.jobs)]
        self._lost: list[Ranges] = [() for _ in plan.jobs]
        self.losses: list[Loss] = []

    @property
    def planned(self) -> int:
        """How many entries are to be read."""
        return sum(map(count, self._planned))

    @property
    def done(self) -> int:
        """How many have been entered."""
        return sum(s.entries for s in self._sums)

    @property
    def lost(self) -> int:
        """How many are lost."""
        return sum(map(count, self._lost))

    def enter(self, part: Part) -> None:
        """Record what entries gave."""
        outside = without(part.ranges, without(self._planned[part.job], self._lost[part.job]))
        assert not outside, f"entries {outside} of sample {part.job} were not to be read"
        assert part.partial.entries == count(part.ranges), f"{part.ranges} gave {part.partial.entries} entries"
        self._sums[part.job].add(part)

    def lose(self, loss: Loss) -> None:
        """Record that entries cannot be read."""
        item = loss.item
        own = ((item.tree.first + item.start, item.tree.first + item.stop),)
        outside = without(own, self.left[item.number])
        assert not outside, f"entries {outside} of sample {item.number} were not to be read"
        self._lost[item.number] = joined(self._lost[item.number], own)
        self.losses.append(loss)

    @property
    def left(self) -> list[Ranges]:
        """The entries of each sample that are neither entered nor lost."""
        return [
            without(without(planned, s.ranges), lost)
            for planned, s, lost in zip(self._planned, self._sums, self._lost, strict=True)
        ]

    def left_of(self, number: int, tree: InputTree) -> int:
        """Return how many entries of a tree of a sample are left."""
        own = ((tree.first, tree.first + tree.entries),)
        return count(without(common(own, self._planned[number]), self._sums[number].ranges))

    def parts(self) -> list[Part]:
        """Return the sum of what was entered of each sample."""
        return [s.part() for s in self._sums]

    def close(self) -> None:
        """Check that every entry that was to be read is entered or lost."""
        for number, left in enumerate(self.left):
            assert not left, f"the entries {left} of sample {number} have not been accounted for"
