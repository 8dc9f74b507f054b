"""What travels when workers look at trees: the inquiry, told once; which trees; what they have seen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hzdsl.backends.base import Program
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.packed import pack
from hzdsl.records import dataclass
from hzdsl.run.cluster.messages import PROGRAM, unpacked
from hzdsl.run.inputs.facts import Facts
from hzdsl.run.inputs.survey import Question
from hzdsl.run.inputs.traffic import Traffic
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options
from hzdsl.version import __version__


class Seen(NamedTuple):
    """What a worker has found out about a tree, or why it cannot, and what has travelled over the network for that."""

    found: Facts | HzdslError
    traffic: Traffic


@dataclass(frozen=True)
class Inquiry:
    """A question (`hzdsl.run.inputs.survey.Question`) as data, and how files are opened.

    Attributes
    ----------
    version : str
        Of hzdsl.
    programs : tuple of Program
        Each once.
    of : mapping of str to (int, int)
        By sample, which of them is executed on it: where its events are not identified, and where they are.
    identifiers, generated, identified
        As those of the question.
    remote, trust, folder
        How and from where files are opened.
    """

    version: str
    programs: tuple[Program, ...]
    of: Mapping[str, tuple[int, int]]
    identifiers: tuple[str, ...]
    generated: tuple[str, ...]
    identified: bool | None
    remote: RemoteOptions | None
    trust: bool
    folder: str

    def packed(self) -> bytes:
        """Return it as bytes."""
        return pack(self)

    @classmethod
    def unpacked(cls, data: bytes) -> Inquiry:
        """Return the inquiry that bytes hold.

        Raises
        ------
        HzdslError
            `graph-format` where they are damaged, or of another version of hzdsl.
        """
        return unpacked(cls, data, (RemoteOptions, *PROGRAM))

    @property
    def question(self) -> Question:
        """The question."""
        return Question(self._program, self.identifiers, self.generated, self.identified)

    def _program(self, sample: str, identified: bool) -> Program:
        return self.programs[self.of[sample][identified]]


def inquiry(question: Question, samples: Iterable[str], options: Options) -> Inquiry:
    """Return a question on trees of some samples as data."""
    assert question.program is not None
    numbers: dict[int, int] = {}
    programs: list[Program] = []

    def number(program: Program) -> int:
        if id(program) not in numbers:
            numbers[id(program)] = len(programs)
            programs.append(program)
        return numbers[id(program)]

    of = {s: (number(question.program(s, False)), number(question.program(s, True))) for s in dict.fromkeys(samples)}
    asked = question.identifiers, question.generated, question.identified
    return Inquiry(__version__, tuple(programs), of, *asked, options.remote, options.trust_files, os.getcwd())


def packed_trees(trees: Sequence[InputTree]) -> bytes:
    """Return which trees are to be looked at, as bytes."""
    return json.dumps([(tree.sample, tree.path, tree.name) for tree in trees]).encode()


def unpacked_trees(data: bytes, told: Inquiry) -> list[InputTree]:
    """Return the trees that bytes name, none of them open; what is opened is closed when it has been looked at."""
    named: list[tuple[str, str, str | None]] = json.loads(data)
    return [InputTree(*of, told.remote, told.trust, kept=False, folder=told.folder) for of in named]
