"""A correctionlib payload (schema version 2) as records, checked while it is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """An input: ``kind`` is ``real``, ``int`` or ``string``."""

    name: str
    kind: str
    description: str = ""

    def describe(self) -> str:
        """Return the input for a message: its name, kind and what the payload says of it."""
        return f"{self.name} ({self.kind}{': ' + self.description if self.description else ''})"


@dataclass(frozen=True)
class Uniform:
    """`n` equal bins between two numbers."""

    n: int
    low: float
    high: float


Edges = tuple[float, ...] | Uniform


@dataclass(frozen=True)
class Formula:
    """An expression of TFormula's kind, of some inputs; `parameters` is None for a generic one."""

    expression: str
    variables: tuple[str, ...]
    parameters: tuple[float, ...] | None


@dataclass(frozen=True)
class Transform:
    """`content` with one input replaced by what `rule` says."""

    input: str
    rule: Content
    content: Content


@dataclass(frozen=True)
class HashPrng:
    """A random number that the inputs determine."""

    inputs: tuple[str, ...]
    distribution: str


@dataclass(frozen=True)
class Binning:
    """One content for each cell of a grid, the last input fastest; `flow` is clamp, error, wrap or ``value``."""

    inputs: tuple[str, ...]
    edges: tuple[Edges, ...]
    content: tuple[Content, ...]
    flow: str
    default: Content | None
    multi: bool


@dataclass(frozen=True)
class Category:
    """One content for each key."""

    input: str
    content: tuple[tuple[str | int, Content], ...]
    default: Content | None


Content = float | Formula | Transform | HashPrng | Binning | Category


@dataclass(frozen=True)
class Correction:
    """One correction of a file."""

    name: str
    description: str
    inputs: tuple[Variable, ...]
    data: Content


@dataclass(frozen=True)
class Compound:
    """Corrections applied one after the other, each updating some inputs with its result."""

    name: str
    description: str
    inputs: tuple[Variable, ...]
    updated: tuple[str, ...]
    input_op: str
    output_op: str
    stack: tuple[Correction, ...]
