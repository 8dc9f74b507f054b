"""What functions that files hold have in common: they remember their calls, for an analysis to be written with them."""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.ir.analysis import FunctionOfFile
from hzdsl.ir.build import const_value
from hzdsl.ir.node import Node

Inputs = Mapping[str, Node | str]


class OfFile:
    """A function from a file: a correction or a model."""

    #: Where a document declares such functions.
    kind: str

    def __init__(self, **settings: str | int) -> None:
        self._settings = settings
        self._calls: dict[Node, tuple[tuple[str, Node | str], ...]] = {}

    def remember(self, value: Node, inputs: Inputs) -> None:
        """Note that a value is that of this function for these inputs, as they were given.

        A number is not noted: all equal numbers are one node, and would be written as calls.
        """
        if const_value(value) is None:
            self._calls.setdefault(value, tuple(inputs.items()))

    def called(self, name: str) -> FunctionOfFile:
        """Return the function as part of a document, under the author's name for it."""
        return FunctionOfFile(name, self.kind, self._settings, tuple(self._calls.items()))
