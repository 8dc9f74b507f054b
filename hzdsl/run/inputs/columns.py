"""Which branches of a file a program reads, checked before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hzdsl.backends.base import Program
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.source import ColumnInfo, Source
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, bits_float, topological
from hzdsl.ir.print import spell
from hzdsl.ir.types import STORED, DType
from hzdsl.run.program.bind import Bound

Why = Callable[[Node], str]


@dataclass(frozen=True)
class Reads:
    """What is read of one file.

    Attributes
    ----------
    columns : mapping of str to DType
        By branch, the type that the graph says.
    owners : mapping of str to tuple of str
        By branch of a collection, the collection; of a nested one, the collection around it first.
    lengths : mapping of str to str
        By collection, the branch that tells its lengths: the counter, which must agree with the lists that are read,
        or one of its lists.
    defaults : mapping of str to (DType, number)
        By optional branch that the file lacks, what it holds for every event.
    """

    columns: Mapping[str, DType]
    owners: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, str]
    defaults: Mapping[str, tuple[DType, bool | int | float]] = field(default_factory=dict)

    @cached_property
    def names(self) -> list[str]:
        """Every branch that is read."""
        return list(dict.fromkeys([*self.columns, *self.lengths.values()]))


def place(source: Source) -> str:
    """Return how messages call an open tree."""
    return f"tree {source.tree} of {source.path}" if source.tree else source.path


def plan_reads(source: Source, program: Program, why: Why = lambda node: "") -> Reads:
    """Return what the program reads of a file.

    Parameters
    ----------
    source : Source
        The open tree.
    program : Program
        What is to be executed.
    why : callable
        Says which parts of the analysis need a column; asked only when something is wrong.

    Raises
    ------
    HzdslError
        `branch-missing`, naming all that are missing; `branch-type`.
    """
    every = program.columns()
    nodes = [n for n in every if not _is_absent(source, n)]
    defaults = _defaults([n for n in every if _is_absent(source, n)])
    used = program.collections()
    lengths = {n: _length_branch(source, n) for n in used if not _has_column(n, nodes)}
    lengths |= {n: n.text("counter") for n in used if _has_column(n, nodes) and _is_counter(source, n.text("counter"))}
    missing = [(n.text("name"), n) for n in nodes if n.text("name") not in source.columns]
    missing += [(_length_name(n), n) for n, branch in lengths.items() if branch is None]
    if missing:
        raise _missing(source, missing, why)
    for node in nodes:
        _check_type(source, node, why)
    columns: dict[str, DType] = {}
    for node in nodes:
        if columns.setdefault(node.text("name"), node.type.dtype) is not node.type.dtype:
            raise HzdslError(
                "branch-type", f"the branch {node.text('name')} is declared with two types", fix="keep one"
            )
    owners = {n.text("name"): tuple(c.text("name") for c in _path(n)) for n in nodes if n.args[0] is not EVENT}
    known = {n.text("name"): branch for n, branch in lengths.items() if branch is not None}
    return Reads(columns, owners, known, defaults)


def _path(node: Node) -> list[Node]:
    """Return the stored collections, outermost first, that a column or collection lies in."""
    path: list[Node] = []
    while (node := node.args[0]) is not EVENT:
        path.insert(0, node)
    return path


def _is_absent(source: Source, node: Node) -> bool:
    """Return whether a column is optional, and the file lacks it."""
    name = node.text("name")
    return "default" in dict(node.attrs) and name not in source.columns and name not in source.unreadable


def _defaults(nodes: list[Node]) -> dict[str, tuple[DType, bool | int | float]]:
    found: dict[str, tuple[DType, bool | int | float]] = {}
    bits = {n.text("name"): n.number("default") for n in nodes}
    for node in nodes:
        name, dtype = node.text("name"), node.type.dtype
        if bits[name] != node.number("default"):
            raise HzdslError("spec-value", f"the branch {name} is given two defaults", fix="keep one")
        value = bits_float(bits[name]) if dtype.floating else bits[name]
        found[name] = dtype, bool(value) if dtype is DType.BOOL else value
    return found


def _has_column(collection: Node, columns: list[Node]) -> bool:
    return any(collection in _path(c) for c in columns)


def _is_counter(source: Source, name: str) -> bool:
    info = source.columns.get(name)
    return info is not None and info.depth == 0 and info.dtype.kind in "iu"


def _length_branch(source: Source, collection: Node) -> str | None:
    """Return the branch that tells the lengths of a collection: its counter, or any of its own lists."""
    counter, depth = collection.text("counter"), len(_path(collection)) + 1
    if _is_counter(source, counter):
        return counter
    return next((n for n in _lists(collection) if n in source.columns and source.columns[n].depth == depth), None)


def _lists(collection: Node) -> tuple[str, ...]:
    """Return the branches with a value per element, as the schema declares them."""
    lists = collection.attr("lists")
    assert isinstance(lists, tuple)
    return lists


def _length_name(collection: Node) -> str:
    return collection.text("counter") or next(iter(_lists(collection)), collection.text("name"))


def _missing(source: Source, missing: list[tuple[str, Node]], why: Why) -> HzdslError:
    known = [*source.columns, *source.unreadable]
    unreadable = [(name, node) for name, node in missing if name in source.unreadable]
    if unreadable:
        name, node = unreadable[0]
        return HzdslError(
            "branch-type",
            f"the branch {name} in {place(source)} is a {source.unreadable[name]}, not numbers{why(node)}",
            fix="use a branch of numbers or lists of numbers",
        )
    if len(missing) == 1:
        message = f"{place(source)} has no branch {missing[0][0]}{why(missing[0][1])}"
    else:
        lines = [f"\n    {name}{why(node)}" for name, node in missing]
        message = f"{place(source)} lacks {len(missing)} branches:{''.join(lines)}"
    return HzdslError("branch-missing", message, fix=_suggest([name for name, _ in missing], known))


def _suggest(names: list[str], known: list[str]) -> str:
    guesses = {name: guess for name in names if (guess := _massless(name) or did_you_mean(name, known)) is not None}
    if len(names) == 1 and guesses:
        return guesses[names[0]]
    if guesses:
        return "; ".join(f"{name}: {guess}" for name, guess in guesses.items())
    family = names[0].partition("_")[0] + "_"
    if len(names) == 1 and family in ("HLT_", "L1_", "Flag_"):  # which of them a file has depends on its year
        name = names[0].removeprefix(family)
        return f'where a file may lack it: {family[:-1]}.get("{name}", default=False) (text: default = false)'
    shown = ", ".join(known[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "")
    return f"its branches are {shown}; [analysis] schema = … can name other branches"


def _massless(name: str) -> str | None:
    """Return what to write where a file stores no mass, as NanoAOD from v12 on for photons; None for other branches."""
    owner = name.removesuffix("_mass")
    if owner == name or not owner:
        return None
    return f"what is massless: {owner}.assign(mass=0*GeV) (text: {owner}.assign(mass = 0 GeV))"


def _check_type(source: Source, node: Node, why: Why) -> None:
    name, wanted = node.text("name"), node.type.dtype
    info, stored = source.columns[name], STORED.get(str(source.columns[name].dtype))
    depth = len(_path(node))
    if info.depth != depth:
        shapes = ("one value", "a list", "a list of lists")
        message = f"the branch {name} in {place(source)} holds {shapes[info.depth]} per event, not {shapes[depth]}"
        raise HzdslError("branch-type", message + why(node), fix=f"correct where the schema declares {spell(node)}")
    if stored is None or not _preserves(stored, wanted):
        raise HzdslError(
            "branch-type",
            f"the branch {name} in {place(source)} is stored as {info.dtype}, "
            f"the schema says {wanted.value}{why(node)}",
            fix=_redeclare(node, info, stored),
        )


def _preserves(stored: DType, wanted: DType) -> bool:
    """Return whether stored values can become `wanted` unchanged (integers and bools are checked one by one)."""
    return stored is wanted or not stored.floating or (stored is DType.F32 and wanted is DType.F64)


def _redeclare(node: Node, info: ColumnInfo, stored: DType | None) -> str:
    if stored is None:
        return f"{info.dtype} is not read: write the file with another type"
    kind = f"{stored.value} {node.type.unit}".rstrip()
    return f'declare {spell(node)} as "{kind}" in a schema of your own: [analysis] schema = "FILE.toml"'


def reasons(bound: Bound) -> Why:
    """Return a function that says which cuts, histograms and outputs need a column."""

    def why(node: Node) -> str:
        users = _users(bound, node)
        if not users:
            return ""
        more = f" and {len(users) - 2} more" if len(users) > 2 else ""
        what = f" ({spell(node)})" if node.op == "column" and spell(node) != node.text("name") else ""
        return f"{what}, needed by {' and '.join(users[:2]) if not more else ', '.join(users[:2])}{more}"

    return why


def needed_by(bound: Bound) -> dict[Node, list[str]]:
    """Return for every column and stored collection which cuts, histograms and outputs need it."""
    found: dict[Node, list[str]] = {}
    for name, roots in _parts(bound):
        for node in topological(roots):
            if node.op in ("column", "collection"):
                users = found.setdefault(node, [])
                if name not in users:
                    users.append(name)
    return found


def _users(bound: Bound, node: Node) -> list[str]:
    return list(dict.fromkeys(name for name, roots in _parts(bound) if node in topological(roots)))


def _parts(bound: Bound) -> list[tuple[str, tuple[Node, ...]]]:
    """Return what a program consists of, by the words for it."""
    parts: list[tuple[str, tuple[Node, ...]]] = []
    for i, region in enumerate(bound.regions):
        parts += [(f"'{cut.label}' of region {region.name}", (cut.node,)) for cut in region.cuts]
        written = bound.program.selections[i].outputs[len(bound.identifiers) :]
        named = bound.outputs[i] if bound.outputs else ()
        parts += [(f"output {n} of region {region.name}", (o,)) for n, o in zip(named, written, strict=False)]
    parts += [(f"histogram {h.key}", tuple(a.node for a in h.axes)) for h in bound.histograms]
    parts += [("the event table", (n,)) for s in bound.program.selections for n in s.outputs[: len(bound.identifiers)]]
    return parts
