"""Spelling nodes as text, by the spellings declared in `hzdsl.ir.ops`.

The text reads like the language's text form. What the graph adds by itself (restrictions along the lineage, widening
casts) is not written: reading the text adds it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hzdsl.ir.node import Node, bits_float, topological
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.ops import BITS, OPS
from hzdsl.ir.sugar import recognise
from hzdsl.ir.types import DType
from hzdsl.ir.units import Unit

ATOM, POWER, COMPARISON = 13, 11, 4
#: LANGUAGE §6: | binds loosest, shifts tightest.
BIT_PRECEDENCE = {"or": 5, "xor": 5, "and": 6, "shl": 7, "shr": 7}


def plain_labels(n: int) -> tuple[str, ...]:
    """Return the labels of `n` alternatives that are given without: up and down, or numbers.

    Examples
    --------
    >>> plain_labels(2), plain_labels(3)
    (('up', 'down'), ('0', '1', '2'))
    """
    return ("up", "down") if n == 2 else tuple(map(str, range(n)))


def axis_name(axis: Node | None) -> str:
    """Return how an axis is called in messages and types."""
    return "event" if axis is None else spell(axis)


def spell(node: Node, limit: int = 4000, names: Mapping[Node, str] = MappingProxyType({})) -> str:
    """Return the text of a node, abbreviated in the middle beyond `limit` characters.

    `names` are what parts of it are called: definitions, spelled by name instead of in full.

    Examples
    --------
    >>> from hzdsl.ir.build import const
    >>> from hzdsl.ir.units import GEV
    >>> spell(const(91.2, GEV))
    '91.2 GeV'
    """
    known: dict[Node, tuple[str, int]] = {}
    for n in topological([node]):
        text, precedence = (names[n], ATOM) if n in names and n is not node else _spell(n, known)
        if len(text) > limit:
            text, precedence = f"{text[: limit // 2]} … {text[-limit // 2 :]}", ATOM
        known[n] = text, precedence
    return known[node][0]


def _spell(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    found = recognise(node, known)
    if found is not None:
        return found
    special = _SPECIAL.get(node.op)
    if special is not None:
        return special(node, known)
    op = OPS[node.op]
    precedence = BIT_PRECEDENCE[node.text("name")] if node.op == "bit" else op.precedence
    texts = [known[a][0] for a in node.args]
    values = [t if _enclosed(op.text, i) else _operand(node.args[i], precedence, i, known) for i, t in enumerate(texts)]
    attrs = {k: v.value if isinstance(v, DType) else v for k, v in node.attrs}
    names = {"args": ", ".join(texts), "keys": ", ".join(texts[1:]), "symbol": BITS.get(str(attrs.get("name")))}
    return op.text.format(*values, **{**names, **attrs}), precedence


def _enclosed(template: str, i: int) -> bool:
    """Return whether operand `i` stands between brackets of the spelling and needs none of its own."""
    before = template.partition(f"{{{i}}}")[0]
    return before.endswith(("(", "[", ", "))


def _operand(node: Node, outer: int, position: int, known: dict[Node, tuple[str, int]]) -> str:
    text, precedence = known[node]
    right = outer == POWER  # the one operator that groups to the right
    both = outer == COMPARISON  # a < b < c is a chain
    loose = precedence < outer or (precedence == outer < ATOM - 1 and (both or (position > 0) is not right))
    return f"({text})" if loose and outer < ATOM else text


def _const(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    text = _number(node.number("bits"), node)
    precedence = ATOM if not text.startswith("-") else OPS["neg"].precedence
    return text, precedence


def _number(bits: int, node: Node) -> str:
    """Return a number of the type of `node` as it is written."""
    unit, dtype = node.type.unit, node.type.dtype
    if dtype is DType.BOOL:
        return "true" if bits else "false"
    number = _decimal(bits_float(bits), unit) if dtype.floating else repr(bits)
    return f"{number} {unit}" if str(unit) else number


def _decimal(value: float, unit: Unit) -> str:
    text = repr(value)
    return text[:-2] if text.endswith(".0") and str(unit) else text


def _quantity(number: int | float, unit: Unit) -> str:
    text = repr(number) if isinstance(number, int) else _decimal(number, unit)
    return f"{text} {unit}" if str(unit) else text


def _numbers(node: Node, name: str, unit: Unit) -> str:
    found = node.attr(name)
    assert isinstance(found, Numbers)
    texts = [_quantity(x, unit) for x in found.values()]
    return "(" + ", ".join(texts) + (",)" if len(texts) == 1 else ")")


def _search(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    return f"search({known[node.args[0]][0]}, edges = {_numbers(node, 'edges', node.args[0].type.unit)})", ATOM


def _entry(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    return f"entry({known[node.args[0]][0]}, values = {_numbers(node, 'values', node.type.unit)})", ATOM


def _column(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    name = node.text("name")
    owner = node.args[0]
    if "default" in dict(node.attrs):
        return f'ev.get("{node.text("attr")}", default = {_number(node.number("default"), node)})', ATOM
    if owner.op == "collection":
        attr = node.text("attr")
        return f"{owner.text('name')}.{attr}" if attr else owner.text("name"), ATOM
    return node.text("attr") or name, ATOM


def _lift(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    value, axis = node.args
    text, precedence = known[value]
    own = value.type.axis
    if own is not None and own.op != "event":
        prefix = f"{known[own][0]}."
        if text.startswith(prefix) and " " not in text[len(prefix) :]:  # good_mu.pt: the attribute of the selection
            return f"{known[axis][0]}.{text[len(prefix) :]}", ATOM
        if text == prefix[:-1]:  # a list of bare numbers
            return known[axis]
    return text, precedence


def _take(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    """An attribute of the object; a value along its axis is spelled with the object in the axis' place."""
    value, reference = node.args
    owner, target = known[reference][0], value.type.axis
    text = known[value][0]
    prefix = f"{known[target][0]}." if target is not None else ""
    if prefix and text.startswith(prefix) and " " not in text[len(prefix) :]:
        return f"{owner}.{text[len(prefix) :]}", ATOM
    return owner if text == prefix[:-1] else f"{owner}.({text})", ATOM


def _cast(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    value, dtype = node.args[0], node.type.dtype
    widening = dtype.floating and (value.type.dtype is not DType.F64 or value.op == "const")
    if (widening and not (dtype is DType.F32 and value.type.dtype is DType.F64)) or dtype.integer:
        return known[value]
    text, precedence = known[value]
    return f"{text if precedence >= ATOM - 1 else f'({text})'}.as_{dtype.value}()", ATOM


def _leg(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    return f"{known[node.args[0]][0]}.leg{node.number('k') + 1}", ATOM


def _choose(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    n, of = node.number("n"), known[node.args[0]][0]
    return {2: f"pair({of})", 3: f"triple({of})"}.get(n, f"combinations({of}, {n})"), ATOM


def _slice(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    start, stop = node.attr("start"), node.attr("stop")
    return f"{known[node.args[0]][0]}[{start or ''}:{'' if stop is None else stop}]", ATOM


def _uncast(node: Node, dtype: DType) -> Node:
    """Return what was rounded to the type that its place asks for: reading the text rounds it again."""
    rounded = node.op == "cast" and dtype is DType.F32 and node.args[0].type.dtype is DType.F64
    return node.args[0] if rounded else node


def _vary(node: Node, known: dict[Node, tuple[str, int]]) -> tuple[str, int]:
    labels, nominal = node.attr("labels"), node.args[0]
    texts = [known[nominal][0], *(known[_uncast(a, nominal.type.dtype)][0] for a in node.args[1:])]
    assert isinstance(labels, tuple)
    given = ", ".join(f"{label} = {text}" for label, text in zip(labels, texts[1:], strict=True))
    if labels == plain_labels(len(labels)):
        return f"vary({texts[0]}, {node.text('name')} = ({', '.join(texts[1:])}))", ATOM
    return f"vary({texts[0]}, {node.text('name')} = {{{given}}})", ATOM


_SPECIAL = {
    "vary": _vary,
    "const": _const,
    "column": _column,
    "lift": _lift,
    "take": _take,
    "cast": _cast,
    "leg": _leg,
    "choose": _choose,
    "slice": _slice,
    "search": _search,
    "entry": _entry,
}
