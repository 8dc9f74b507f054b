"""The ledger: every range of entries of every tree is accounted for exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """Entries `start` up to, not including, `stop` of one tree of one file, read for one sample."""

    sample: str
    path: str
    tree: str
    start: int
    stop: int


@dataclass
class Ledger:
    """What was planned, and what was done; `close` says whether they agree.

    Examples
    --------
    >>> plan = [Span("s", "a.root", "Events", 0, 10), Span("s", "a.root", "Events", 10, 20)]
    >>> ledger = Ledger(plan)
    >>> for span in plan:
    ...     ledger.enter(span, 10)
    >>> ledger.close()
    """

    planned: Iterable[Span]
    done: dict[Span, int] = field(default_factory=dict)

    def enter(self, span: Span, entries: int) -> None:
        """Record that a range has been processed."""
        if span in self.done:
            raise AssertionError(f"{span} was processed twice")
        if entries != span.stop - span.start:
            raise AssertionError(f"{span} gave {entries} entries")
        self.done[span] = entries

    def close(self) -> None:
        """Check that everything planned was done, without gap or overlap.

        Raises
        ------
        AssertionError
            A mistake of hzdsl, never of the user.
        """
        planned = list(self.planned)
        if set(planned) != set(self.done):
            raise AssertionError(f"not processed: {sorted(set(planned) - set(self.done))[:3]}")
        reached: dict[tuple[str, str, str], int] = {}
        for span in planned:
            if span.start != reached.get(span[:3], 0):
                raise AssertionError(f"{span} does not follow entry {reached.get(span[:3], 0)}")
            reached[span[:3]] = span.stop
