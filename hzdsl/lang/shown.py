"""Which values stand for an expression when it is looked at: `peek`, `to_numpy`, `to_awkward`, `to_pandas`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node
from hzdsl.ir.print import spell
from hzdsl.ir.view import View
from hzdsl.lang.kinematics import COMPONENTS, Vec4
from hzdsl.lang.objects import Object, Particle, Single
from hzdsl.lang.values import Value

#: What is shown of an object unless other attributes are asked for.
KINEMATIC = ("pt", "eta", "phi", "mass", "charge")
NAME_LENGTH = 60


def view_of(x: Any, attributes: Sequence[str] = (), name: str | None = None) -> View:
    """Return what is shown of a value, an object, a collection or a four-vector.

    Parameters
    ----------
    x : Value, Particle or Vec4
        The expression.
    attributes : sequence of str
        Of objects, those to be shown (``"pt"``, ``"leg1.pt"``); by default `KINEMATIC`, as far as it has them.
    name : str, optional
        How it is called; by default as it is spelled.

    Raises
    ------
    HzdslError
        ``dtype`` for anything else, ``arguments`` for attributes of a value, ``attribute`` for unknown ones.

    Examples
    --------
    >>> import hzdsl as hz
    >>> list(view_of(hz.events("nanoaod").MET).columns)
    ['pt', 'phi']
    """
    if isinstance(x, Value):
        _refuse_attributes(x, attributes)
        return _view(name or spell(x.node, NAME_LENGTH), {"": x.node}, (), None)
    if isinstance(x, Vec4):
        _refuse_attributes(x, attributes)
        return _view(name or "four-vector", {c: getattr(x, c).node for c in COMPONENTS}, (), None)
    if isinstance(x, Particle):
        columns = {a: _attribute(x, a) for a in attributes} if attributes else _usual(x)
        references = tuple(x.references())
        optional = any(r.type.optional for r in references)
        return _view(name or _spelled(x), columns, references, x.exists.node if optional else None)
    fix = "use a branch, an expression, an object or a collection"
    raise HzdslError("dtype", f"{x!r} is no expression to look at", fix=fix)


def _refuse_attributes(x: Any, attributes: Sequence[str]) -> None:
    if attributes:
        fix = f"of an object or collection: Muon.to_awkward(file, {', '.join(map(repr, attributes))})"
        raise HzdslError("arguments", f"{x!r} is a value and has no attributes to choose from", fix=fix)


def _view(name: str, columns: dict[str, Node], references: tuple[Node, ...], present: Node | None) -> View:
    """Return a view with all nodes lifted to the finest of their axes."""
    nodes = [*columns.values(), *references, *([] if present is None else [present])]
    lifted = dict(zip(nodes, build.on_common_axis(*nodes), strict=True))
    axis = lifted[nodes[0]].type.axis or EVENT
    lifted = {n: build.lift(m, axis) for n, m in lifted.items()}
    shown = {a: _in_a_named_unit(lifted[n]) for a, n in columns.items()}
    return View(name, axis, shown, tuple(lifted[r] for r in references), None if present is None else lifted[present])


def _in_a_named_unit(node: Node) -> Node:
    """Return a value in the unit of its file, where that has a name: MeV over GeV is shown as a plain number."""
    unit = node.type.unit
    return node if unit.named else build.to_unit(node, unit.natural())


def _spelled(x: Particle) -> str:
    if isinstance(x, Single):
        return repr(x).strip("<>").removesuffix(" @ event")
    if isinstance(x, Object):
        return spell(x.reference, NAME_LENGTH)
    return " + ".join(spell(r, NAME_LENGTH) for r in x.references())


def _attribute(x: Particle, dotted: str) -> Node:
    found: Any = x
    for name in dotted.split("."):
        found = found.attribute(name) if isinstance(found, Particle) else getattr(found, name)
    if not isinstance(found, Value):
        fix = f"name one of its attributes: '{dotted}.pt'"
        raise HzdslError("dtype", f"the attribute '{dotted}' of {x!r} is no value", fix=fix)
    return found.node


def _usual(x: Particle) -> dict[str, Node]:
    """Return the kinematic attributes that an object has, else all the values stored of it."""
    wanted = ("pt", "phi") if isinstance(x, Single) and x.record is not None and x.record.transverse else KINEMATIC
    found = _existing(x, wanted)
    if not found and x.record is not None:
        found = _existing(x, x.record.stored())
    if not found:
        raise HzdslError("attribute", f"{x!r} has no attribute that could be shown", fix="name the attributes")
    return found


def _existing(x: Particle, names: Sequence[str]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for name in names:
        try:
            found = x.attribute(name)
        except HzdslError:  # it has no such attribute, or none that derives
            continue
        if isinstance(found, Value):
            nodes[name] = found.node
    return nodes
