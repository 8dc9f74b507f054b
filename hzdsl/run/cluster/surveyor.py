"""What a worker process does before a run: it looks at trees, and says what it has seen of each."""

from __future__ import annotations

from hzdsl.errors import HzdslError
from hzdsl.run.cluster.inquiry import Inquiry, Seen, unpacked_trees
from hzdsl.run.inputs.facts import Facts
from hzdsl.run.inputs.survey import survey_tree
from hzdsl.run.inputs.traffic import Traffic
from hzdsl.run.inputs.tree import InputTree


class Surveyor:
    """What one process needs to look at the trees of one run; used from any number of threads.

    Parameters
    ----------
    inquiry : bytes
        A packed `hzdsl.run.cluster.inquiry.Inquiry`.
    """

    def __init__(self, inquiry: bytes) -> None:
        self._told = Inquiry.unpacked(inquiry)

    def survey(self, trees: bytes) -> list[Seen]:
        """Return what is seen of trees (`hzdsl.run.cluster.inquiry.packed_trees`), in their order."""
        return [self._seen(tree) for tree in unpacked_trees(trees, self._told)]

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _seen(self, tree: InputTree) -> Seen:
        try:
            found: Facts | HzdslError = survey_tree(tree, self._told.question)
        except HzdslError as error:
            found = error
        record = tree.record()
        return Seen(found, Traffic(record.bytes_fetched, record.served_by, record.failures))
