"""The ledger: every range of entries of every tree is accounted for exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """Entries `start` up to, not including, `stop` of tree number `tree` of a run."""

    tree: int
    start: int
    stop: int


@dataclass
class Ledger:
    """How many entries each tree has to give, and how far each has come.

    Its errors are mistakes of hzdsl, never of the user.

    Examples
    --------
    >>> ledger = Ledger({0: 20})
    >>> ledger.enter(Span(0, 0, 10), 10)
    >>> ledger.close()
    Traceback (most recent call last):
      ...
    AssertionError: tree 0: 10 of 20 entries were processed
    >>> ledger.enter(Span(0, 10, 20), 10)
    >>> ledger.close()
    """

    expected: Mapping[int, int]
    reached: dict[int, int] = field(default_factory=dict)

    def enter(self, span: Span, entries: int) -> None:
        """Record that a range has been processed; it begins where the one before ended."""
        at = self.reached.get(span.tree, 0)
        if span.start != at or entries != span.stop - span.start:
            raise AssertionError(f"{span} gave {entries} entries, and the tree had come to {at}")
        self.reached[span.tree] = span.stop

    def close(self) -> None:
        """Check that every tree has been processed to its end."""
        for tree, entries in self.expected.items():
            if self.reached.get(tree, 0) != entries:
                raise AssertionError(f"tree {tree}: {self.reached.get(tree, 0)} of {entries} entries were processed")
