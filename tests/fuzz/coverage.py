"""Which operation has been run on which dtypes and kinds of axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hzdsl.backends.base import Program
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS
from tests.fuzz.strategies import GROW

#: The kinds of axes: the operations that make one.
KINDS = tuple(name for name, op in OPS.items() if op.family == "axes")
#: Families whose operations take values of one axis, whatever it is.
ANYWHERE = ("arithmetic", "decisions", "functions", "tables", "alternatives")


def variant(node: Node) -> str:
    """Return over what an operation was used, as the strategies name it: dtypes, or a name and a dtype."""
    values = [a for a in node.args if not a.is_axis]
    if node.op in ("const", "param", "column"):
        return node.type.dtype.value
    if node.op == "event" or GROW[node.op].variants == ("-",):
        return "-"
    if node.op == "cast":
        return f"{values[0].type.dtype.value}→{node.type.dtype.value}"
    shown = values[1] if node.op == "where" else values[0]
    name = f"{node.text('name')} " if node.op in ("math", "bit") else ""
    return name + shown.type.dtype.value


def kind(node: Node) -> str:
    """Return the kind of axis a value varies along, or an axis is made from."""
    if node is EVENT:
        return "event"
    if node.is_axis:
        first = node.args[0]
        at = first if first.is_axis else first.type.axis
    else:
        at = node.type.axis
    return at.op if at is not None else "event"


class Coverage:
    """Counts of programs in which an operation occurred: by variant, and by kind of axis."""

    def __init__(self) -> None:
        self.programs = 0
        self.variants: Counter[tuple[str, str]] = Counter()
        self.kinds: Counter[tuple[str, str]] = Counter()

    def add(self, program: Program) -> None:
        """Count the operations of one program."""
        nodes = topological(program.roots())
        self.programs += 1
        self.variants.update({(n.op, variant(n)) for n in nodes})
        self.kinds.update({(n.op, kind(n)) for n in nodes})

    def merge(self, other: Coverage) -> None:
        """Add the counts of another run."""
        self.programs += other.programs
        self.variants.update(other.variants)
        self.kinds.update(other.kinds)

    def operation(self, op: str) -> int:
        """Return how often an operation occurred, counted by program and variant."""
        return sum(n for (name, _), n in self.variants.items() if name == op)

    def rare_variants(self, least: int) -> list[str]:
        """Return the operations and dtypes that occurred less often than this."""
        wanted = [(op, v) for op, s in GROW.items() if op != "event" for v in s.variants]
        return [f"{op} {v}" for op, v in wanted if self.variants[op, v] < least]

    def rare_kinds(self, least: int) -> list[str]:
        """Return the operations that take values of any axis and a kind of axis on which they occurred too rarely."""
        ops = [name for name, op in OPS.items() if op.family in ANYWHERE]
        return [f"{op} along {k}" for op in ops for k in KINDS if self.kinds[op, k] < least]

    def undeclared(self) -> list[str]:
        """Return what occurred although no strategy names it."""
        return sorted(f"{op} {v}" for op, v in self.variants if op != "event" and v not in GROW[op].variants)

    def table(self) -> str:
        """Return the counts as a table: a line per operation, with its kinds of axes and how its dtypes fared."""
        header = ("operation", *KINDS, "dtypes: reached, least")
        rows = [header, *(self._row(op) for op in OPS)]
        widths = [max(len(r[i]) for r in rows) for i in range(len(header))]
        return "\n".join(_line(r, widths) for r in rows)

    def _row(self, op: str) -> tuple[str, ...]:
        counts = [self.variants[op, v] for v in GROW[op].variants]
        reached = f"{sum(n > 0 for n in counts)}/{len(counts)}, {min(counts)}" if op != "event" else ""
        return (op, *(str(self.kinds[op, k] or ".") for k in KINDS), reached)


def _line(row: Iterable[str], widths: list[int]) -> str:
    first, *rest = row
    cells = [first.ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(rest, widths[1:], strict=True))]
    return "  ".join(cells).rstrip()
