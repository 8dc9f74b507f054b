"""Looking at trees before any work starts: all that planning has to know of each, found out by one function.

It is called here, on threads, or by the workers of a cluster; what it finds is data (`Facts`), so it cannot matter by
whom.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

from hzdsl.backends.base import Program
from hzdsl.errors import HzdslError
from hzdsl.io.source import Source
from hzdsl.records import dataclass
from hzdsl.run.inputs.columns import place, plan_reads
from hzdsl.run.inputs.facts import Facts
from hzdsl.run.inputs.generated import summed_weights
from hzdsl.run.inputs.kinds import evidence
from hzdsl.run.inputs.tree import LOSABLE, InputTree
from hzdsl.run.pool import in_order

#: How many trees are looked at at a time, where some are on servers: these take longer to answer than to send.
AT_A_TIME = 8


@dataclass(frozen=True)
class Question:
    """What is asked of trees, beside whether they can be opened.

    Attributes
    ----------
    program : callable
        Returns what is executed on a sample (by its name) whose events are identified, or are not; nothing where only
        the number of entries is asked for.
    identifiers : tuple of str
        Columns that say which event it is.
    generated : tuple of str
        Samples whose numbers of generated events their files tell.
    identified : bool, optional
        Whether the events of all samples are identified; by default a tree answers that for itself.
    """

    program: Callable[[str, bool], Program] | None = None
    identifiers: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()
    identified: bool | None = None


#: Looks at trees, and yields what it has found in their order; an error, where a tree cannot be opened.
Survey = Callable[[Sequence[InputTree], Question], Generator[Facts | HzdslError, None, None]]


def survey_tree(tree: InputTree, question: Question) -> Facts:
    """Return what a tree is, and what of it is read.

    What is wrong with its branches is said when all trees have been looked at: it is returned, too.

    Raises
    ------
    HzdslError
        As `hzdsl.io.opening.open_source`; `file-truncated`, `remote`.
    """
    with tree.looked_at() as source:
        assert tree.fingerprint is not None
        found, where = tree.fingerprint, place(source)
        identified = any(name in source.columns for name in question.identifiers)
        if question.program is None:
            return Facts(found, where, identified)
        said = identified if question.identified is None else question.identified
        program = question.program(tree.sample, said)
        generated = _generated(tree) if tree.sample in question.generated else ()
        try:
            reads = plan_reads(source, program)
            read: dict[str, Any] = {"reads": reads, "evidence": evidence(source), **_extent(source, reads.names)}
        except HzdslError as error:
            if error.code in LOSABLE:
                raise
            read = {"wrong": error}
        return Facts(found, where, identified, generated=generated, **read)


def _extent(source: Source, names: Sequence[str]) -> dict[str, Any]:
    return {
        "column_bytes": sum(source.stored_bytes(name) for name in names),
        "marks": tuple(source.boundaries(names)),
    }


def _generated(tree: InputTree) -> tuple[float, ...] | HzdslError:
    try:
        return summed_weights(tree)
    except HzdslError as error:
        return error


def survey_here(trees: Sequence[InputTree], question: Question) -> Generator[Facts | HzdslError, None, None]:
    """Look at trees in this process, several at a time where servers are waited for."""

    def look(tree: InputTree) -> Facts | HzdslError:
        try:
            return survey_tree(tree, question)
        except HzdslError as error:
            return error

    far = any(tree.is_far for tree in trees)  # for files of this machine there is no waiting that threads would save
    threads = AT_A_TIME if far and len(trees) > 1 else 1
    with closing(in_order(look, trees, threads)) as seen:
        for _, found in seen:
            yield found
