"""Nodes as text: `spell` for messages, `written` for text that reads back to the same nodes.

`hzdsl.ir.spelling` says how one node is written in terms of others; here the texts are put together, from operands to
what uses them and never recursively. Parts that are used often, are long or deeply nested get names of their own, so
that a text grows with the number of nodes and not with that of the paths between them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from hzdsl.ir.literals import ATOM, POWER
from hzdsl.ir.node import Node, dependencies, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.spelling import COMPARISON, INPUT, PARAMETER, TRYING, Slot, Spelling, spelling
from hzdsl.ir.types import Type

#: Beyond this many characters, or levels of brackets, a part of a text gets a name of its own.
LONGEST, DEEPEST = 1500, 40
#: A part that is used more than once gets a name where it has at least this many characters: objects sooner.
WORTH_A_NAME, WORTH_A_NAME_OF_A_VALUE = 20, 60

Known = dict[Node, tuple[str, int, int]]
NO_NAMES: Mapping[Node, str] = MappingProxyType({})
#: How values are written that are those of a function from a file: as calls of it.
NO_CALLS: Mapping[Node, Spelling] = MappingProxyType({})


def axis_name(axis: Node | None) -> str:
    """Return how an axis is called in messages and types."""
    return "event" if axis is None or axis.op == "event" else spell(axis)


def typed(type_: Type, names: Mapping[Node, str]) -> str:
    """Return a type with its axes by the names of definitions, where they have one."""

    def called(axis: Node) -> str:
        return "event" if axis.op == "event" else names.get(axis) or spell(axis, names=names)

    parts = [f"ref {called(type_.target)}" if type_.target is not None else type_.dtype.value, str(type_.unit)]
    parts += ["" if type_.axis is None else f"@ {called(type_.axis)}", "?" if type_.optional else ""]
    return " ".join(part for part in parts if part)


def spell(node: Node, limit: int = 4000, names: Mapping[Node, str] = NO_NAMES) -> str:
    """Return the text of a node, abbreviated in the middle beyond `limit` characters.

    `names` are what parts of it are called: definitions, spelled by name instead of in full.

    Examples
    --------
    >>> from hzdsl.ir.build import const
    >>> from hzdsl.ir.units import GEV
    >>> spell(const(91.2, GEV))
    '91.2 GeV'
    """
    if TRYING.get():
        return "…"
    known: Known = {}
    given = {n.args[0] if n.op == "self" else n: name for n, name in names.items() if n is not node}
    given.pop(node.args[0] if node.op == "self" else node, None)
    for n in _needed([node], given):
        text, precedence, depth = (given[n], ATOM, 0) if n in given else _text(n, known)
        if len(text) > limit:
            text, precedence = f"{text[: limit // 2]} … {text[-limit // 2 :]}", ATOM
        known[n] = text, precedence, depth
    return _clean(known[node][0])


def written(
    roots: Iterable[Node],
    names: Mapping[Node, str] = NO_NAMES,
    fresh: Callable[[Node], str] | None = None,
    hidden: Collection[str] = (),
) -> tuple[list[tuple[str, str]], dict[Node, str]]:
    """Return definitions in the order of their use, and the text of each root in terms of them.

    Parameters
    ----------
    roots : nodes
        What is to be written.
    names : mapping of Node to str
        The names that nodes have already; each becomes a definition.
    fresh : callable, optional
        Gives a part that has none a name; ``part_1``, ``part_2``, … without it.
    hidden : collection of str
        Names of attributes: in the scope of a collection they hide parameters, which are then named outside of it.
    """
    asked = list(dict.fromkeys(roots))
    writer = Writer(asked, names, fresh, hidden)
    return writer.definitions, {r: writer.text(r) for r in asked}


class Writer:
    """Puts the texts of nodes together, with definitions for those that have, or deserve, a name: see `written`.

    Attributes
    ----------
    definitions : list of (str, str)
        Names and texts, in the order of their use.
    called : dict of Node to str
        The names of those nodes, in the same order.
    """

    def __init__(
        self,
        roots: Iterable[Node],
        names: Mapping[Node, str] = NO_NAMES,
        fresh: Callable[[Node], str] | None = None,
        hidden: Collection[str] = (),
        calls: Mapping[Node, Spelling] = NO_CALLS,
    ) -> None:
        self._calls = calls
        order = _needed([*dict.fromkeys(roots), *names], NO_NAMES, calls)
        self.definitions: list[tuple[str, str]] = []
        self.called: dict[Node, str] = {}
        self._texts: dict[Node, str] = {}
        self._known: Known = {}
        self._fresh = fresh or self._part
        self._hidden = re.compile("|".join(f"{PARAMETER}{re.escape(n)}\\b" for n in sorted(hidden)) or "(?!)")
        uses = Counter(s.node for n in order for s in _slots(n, calls))
        for n in order:
            self._outside_scopes(n)
            text, _, depth = self._known[n] = _text(n, self._known, calls)
            self._texts[n] = _clean(text)
            if n in names:
                self._call(n, names[n])
            elif OPS[n.op].precedence < ATOM and _deserves(n, text, depth, uses[n]):
                self._call(n, self._fresh(n))

    def text(self, node: Node) -> str:
        """Return the text of a root: its name, where it has one."""
        return self.called.get(node, self._texts[node])

    def writes(self, node: Node) -> bool:
        """Return whether the text of a node stands anywhere in what was asked for."""
        return node in self._texts

    def _outside_scopes(self, node: Node) -> None:
        """Give a name to what would be misread in the scope of a collection."""
        for slot in _slots(node, self._calls):
            if slot.scoped and slot.node not in self.called and self._hidden.search(self._known[slot.node][0]):
                self._call(slot.node, self._fresh(slot.node))

    def _call(self, node: Node, name: str) -> None:
        if name != self._texts[node]:
            self.definitions.append((name, self._texts[node]))
            self.called[node] = name
            self._known[node] = f"{PARAMETER}{name}", ATOM, 0

    def _part(self, node: Node) -> str:
        return f"part_{len(self.called) + 1}"


def whole(node: Node) -> str:
    """Return the text of a node in full: one line, or where parts are shared or long, definitions above it.

    Examples
    --------
    >>> from hzdsl.ir.build import arithmetic, const, param
    >>> whole(arithmetic("add", param("p", 1.0), const(2)))
    'p + 2'
    """
    definitions, texts = written([node])
    if not definitions:
        return texts[node]
    short = spell(node, LONGEST)
    if "…" not in short:
        return short
    return "\n".join([*(f"{name} = {text}" for name, text in definitions), texts[node]])


def _deserves(node: Node, text: str, depth: int, uses: int) -> bool:
    worth = WORTH_A_NAME if node.is_axis or node.type.target is not None else WORTH_A_NAME_OF_A_VALUE
    return (uses > 1 and len(text) >= worth) or len(text) > LONGEST or depth > DEEPEST


def _clean(text: str) -> str:
    return text.replace(INPUT, "").replace(PARAMETER, "")


def _spelling(node: Node, calls: Mapping[Node, Spelling]) -> Spelling:
    """Return how a node is written: as the call that it is the value of, or in terms of its operands."""
    return calls.get(node) or spelling(node)


def _slots(node: Node, calls: Mapping[Node, Spelling]) -> list[Slot]:
    return [p for p in _spelling(node, calls).pieces if isinstance(p, Slot)]


def _needed(roots: Iterable[Node], names: Mapping[Node, str], calls: Mapping[Node, Spelling] = NO_CALLS) -> list[Node]:
    """Return the nodes whose text is needed, those that stand in a text before what they stand in."""
    listed = list(roots)

    def before(node: Node) -> tuple[Node, ...]:
        inputs = (p.node for p in calls[node].pieces if isinstance(p, Slot)) if node in calls else ()
        return (*dependencies(node), *inputs)

    everything = topological(listed, before if calls else None)
    for n in everything:  # operands first: finding a spelling asks for theirs, and never goes deep
        spelling(n)
    needed = set(listed)
    for n in reversed(everything):
        if n in needed and n not in names:
            needed.update(s.node for s in _slots(n, calls))
    return [n for n in everything if n in needed]


def _text(node: Node, known: Known, calls: Mapping[Node, Spelling] = NO_CALLS) -> tuple[str, int, int]:
    """Return the text of a node, its precedence and how deep its brackets go."""
    found = _spelling(node, calls)
    texts, depth = [], 0
    for piece in found.pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        text, nested = _placed(piece, known)
        texts.append(text)
        depth = max(depth, nested)
    flat = len(found.pieces) == 3 and not isinstance(found.pieces[0], str)
    return "".join(texts), found.precedence, depth if flat and found.precedence < POWER else depth + 1


def _placed(slot: Slot, known: Known) -> tuple[str, int]:
    """Return the text of an operand in its place, bracketed where it must be."""
    text, precedence, depth = known[slot.node]
    if slot.scoped:
        text = text.replace(INPUT, "ev.")
    if slot.as_value and slot.node.op == "const" and precedence is not None:
        return f"value({text})", depth + 1
    loose = precedence < slot.outer or (precedence == slot.outer < ATOM - 1 and _groups_otherwise(slot))
    if slot.outer == ATOM:
        loose = precedence < ATOM - 1
    return (f"({text})", depth + 1) if loose else (text, depth)


def _groups_otherwise(slot: Slot) -> bool:
    if slot.outer == COMPARISON:  # a < b < c is a chain
        return True
    return slot.right is not (slot.outer == POWER)  # the one operator that groups to the right
