"""The node of the graph: immutable, hash-consed, typed at construction.

Equal expressions are the same object, so a dictionary keyed by nodes is common-subexpression elimination, and
equality of meaning is ``is``. The interning table is weak and locked: it is the one piece of module-level state.
"""

from __future__ import annotations

import struct
import threading
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator

from hzdsl.ir.types import DType, Type

_FLOAT, _BITS = struct.Struct("<d"), struct.Struct("<q")

Attrs = tuple[tuple[str, Hashable], ...]


class Node:
    """One operation applied to other nodes. Made by `make` only.

    Attributes
    ----------
    op : str
        The name of an operation of `hzdsl.ir.ops`.
    args : tuple of Node
        Its operands.
    attrs : tuple of (str, value)
        What is fixed when the graph is built (a branch name, a constant's bits).
    type : Type
        Inferred at construction.
    """

    #: `spelling` is how the node is written, found once: see `hzdsl.ir.spelling`.
    __slots__ = ("__weakref__", "args", "attrs", "op", "spelling", "type")
    op: str
    args: tuple[Node, ...]
    attrs: Attrs
    type: Type

    def __init__(self, op: str, args: tuple[Node, ...], attrs: Attrs, type_: Type) -> None:
        for name, value in (("op", op), ("args", args), ("attrs", attrs), ("type", type_)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a node of the graph never changes")

    def attr(self, name: str) -> Hashable:
        """Return the attribute called `name`."""
        for key, value in self.attrs:
            if key == name:
                return value
        raise KeyError(name)

    def text(self, name: str) -> str:
        """Return an attribute that is a string."""
        value = self.attr(name)
        assert isinstance(value, str)
        return value

    def number(self, name: str) -> int:
        """Return an attribute that is an integer."""
        value = self.attr(name)
        assert isinstance(value, int)
        return value

    @property
    def is_axis(self) -> bool:
        """True for index spaces."""
        return self.type.dtype is DType.AXIS

    def __repr__(self) -> str:
        from hzdsl.ir.print import spell

        return f"<{self.op} {spell(self)} : {self.type}>"


_TABLE: weakref.WeakValueDictionary[tuple[Hashable, ...], Node] = weakref.WeakValueDictionary()
_LOCK = threading.Lock()


def make(op: str, *args: Node, **attrs: Hashable) -> Node:
    """Return the node ``op(*args)`` with these attributes, the same object for the same request.

    Raises
    ------
    HzdslError
        Where the operands do not fit the operation's declaration.
    """
    items: Attrs = tuple(sorted(attrs.items()))

    def infer() -> Type:
        from hzdsl.ir.ops import OPS

        return OPS[op].infer(args, attrs)

    return interned(op, args, items, infer)


def interned(op: str, args: tuple[Node, ...], attrs: Attrs, infer: Callable[[], Type]) -> Node:
    """Return the one node of this request; its type is inferred where there was none yet."""
    key = (op, args, attrs)
    with _LOCK:
        found = _TABLE.get(key)
    if found is not None:
        return found
    node = Node(op, args, attrs, infer())
    with _LOCK:
        return _TABLE.setdefault(key, node)


def topological(roots: Iterable[Node], onward: Callable[[Node], Iterable[Node]] | None = None) -> list[Node]:
    """Return every node reachable from `roots`, operands (and axes) before what uses them; never recursive.

    `onward` says what else than `dependencies` comes before a node.
    """
    onward = onward or dependencies
    order: list[Node] = []
    done: set[Node] = set()
    stack: list[tuple[Node, Iterator[Node]]] = []
    for root in roots:
        if root in done:
            continue
        done.add(root)
        stack.append((root, iter(onward(root))))
        while stack:
            node, rest = stack[-1]
            for child in rest:
                if child not in done:
                    done.add(child)
                    stack.append((child, iter(onward(child))))
                    break
            else:
                order.append(node)
                stack.pop()
    return order


def dependencies(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node, the axis it varies along and the one that it refers into."""
    axis, target = node.type.axis, node.type.target
    found = node.args if axis is None else (*node.args, axis)
    return found if target is None else (*found, target)


def float_bits(value: float) -> int:
    """Return the 64 bits of a float, so that constants are told apart by bits (-0.0, NaN)."""
    bits: int = _BITS.unpack(_FLOAT.pack(value))[0]
    return bits


def bits_float(bits: int) -> float:
    """Return the float with these 64 bits."""
    value: float = _FLOAT.unpack(_BITS.pack(bits))[0]
    return value
