"""What may be called in text: declared where it is written, with the scope in which its arguments are read.

Text reaches the methods of the surface through `method_named` alone, and its functions through
`hzdsl.lang.functions.FUNCTIONS`; a method that is not marked does not exist there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from hzdsl.records import dataclass

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__verb__"

_FILES = "it opens a file: a document is run as a whole"
_NAMED = "text writes the name after a dot"
_PARTS = "it is what expressions are made of"
#: What belongs to Python alone, and why.
PYTHON_ONLY: Mapping[str, str] = MappingProxyType(
    {**dict.fromkeys(("peek", "to_numpy", "to_awkward", "to_pandas"), _FILES), "doc": "it is read at a prompt"}
)
#: What is for the package itself, and why; `dir` does not show it.
INTERNAL: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("attribute", "attributes", "lookup", "members"), _NAMED),
        **dict.fromkeys(("axis", "node", "nodes", "record", "reference", "references", "components", "schema"), _PARTS),
        **dict.fromkeys(("element", "mapped", "per_event"), _PARTS),
        **dict.fromkeys(("of_branch", "unknown"), "it words a message"),
    }
)


@dataclass(frozen=True)
class Verb:
    """How a call is read.

    Parameters
    ----------
    scoped : bool
        Whether the arguments of a method, or the second one of a function, are read in the scope of the collection.
    slot : bool
        Whether the last argument is a slot: a bare number there is in GeV, unless units are strict.
    """

    scoped: bool = False
    slot: bool = False


def verb(*, scoped: bool = False, slot: bool = False) -> Callable[[F], F]:
    """Mark a method or function as one of the surface, in both of its forms."""

    def mark(function: F) -> F:
        setattr(function, _MARK, Verb(scoped, slot))
        return function

    return mark


def verb_of(function: Callable[..., Any]) -> Verb:
    """Return how a call of a function is read; of one that says nothing, as it stands.

    Examples
    --------
    >>> from hzdsl.lang.functions import FUNCTIONS
    >>> verb_of(FUNCTIONS["count"]), verb_of(FUNCTIONS["sqrt"]).scoped
    (Verb(scoped=True, slot=False), False)
    """
    found: Verb = getattr(function, _MARK, Verb())
    return found


def verbs_of(kind: type) -> Mapping[str, Callable[..., Any]]:
    """Return the methods that objects of a class have in text, by name.

    Examples
    --------
    >>> from hzdsl.lang.kinematics import Vec4
    >>> sorted(verbs_of(Vec4))
    ['in_frame', 'otherwise']
    """
    classes = [vars(owner) for owner in reversed(kind.__mro__)]
    return MappingProxyType({name: x for own in classes for name, x in own.items() if hasattr(x, _MARK)})


def method_named(kind: type, name: str) -> Callable[..., Any] | None:
    """Return the method of that name that objects of a class have in text, or None."""
    found = next((vars(owner)[name] for owner in kind.__mro__ if name in vars(owner)), None)
    return found if hasattr(found, _MARK) else None
