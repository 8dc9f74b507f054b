"""Arguments of a document's functions: which parameter gets what, and when two calls are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.values import Value
from hzdsl.text.names import Entry


def identity(x: Any) -> Any:
    """Return a key that is equal for equal arguments."""
    if isinstance(x, Value):
        return x.node
    return (type(x), repr(x)) if isinstance(x, bool | int | float | str) else id(x)


def bound_arguments(entry: Entry, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments by the names of the function's parameters."""
    assert entry.formula is not None
    parameters = entry.formula.parameters or ()
    shape = ", ".join(p.name if p.default is None else f"{p.name} = …" for p in parameters)
    fix = f"{entry.name}({shape})"
    if len(arguments) > len(parameters):
        raise HzdslError("arguments", f"{entry.name} takes {len(parameters)} arguments, not {len(arguments)}", fix=fix)
    bound = {p.name: x for p, x in zip(parameters, arguments, strict=False)}
    for name, x in keywords.items():
        if name in bound:
            raise HzdslError("arguments", f"{entry.name}: the argument '{name}' is given twice", fix=fix)
        if name not in [p.name for p in parameters]:
            raise HzdslError("arguments", f"{entry.name} has no argument '{name}'", fix=fix)
        bound[name] = x
    lacking = [p.name for p in parameters if p.name not in bound and p.default is None]
    if lacking:
        raise HzdslError("arguments", f"{entry.name} lacks the argument '{lacking[0]}'", fix=fix)
    return bound
