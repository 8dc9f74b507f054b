"""`dataclass` of the standard library, at a tenth of what a class costs there.

That one writes the source of six methods for every class and has it compiled, half a millisecond each time, which for
more than a hundred classes was a tenth of a start. Here all classes share the methods, which know the fields. Type
checkers see the standard library's, of which it is a part: `replace`, `fields`, `asdict` and `field` work as ever.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["dataclass"]

T = TypeVar("T")
_MISSING: Any = dataclasses.MISSING


def _dataclass(cls: type[T] | None = None, /, *, frozen: bool = False, eq: bool = True, repr: bool = True) -> Any:
    """Make a class one of values, with the methods that it does not define itself.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Cut:
    ...     label: str
    ...     least: float = 0.0
    >>> Cut("pt", least=5.0), Cut("pt") == Cut("pt", 0.0)
    (Cut(label='pt', least=5.0), True)
    """

    def made(cls: type[T]) -> type[T]:
        own = set(vars(cls))
        dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
        fields = dataclasses.fields(cls)  # type: ignore[arg-type] # now it is one
        methods: dict[str, Any] = {"__init__": _init(fields, getattr(cls, "__post_init__", None))}
        methods |= _guards(cls, fields) if frozen else {}
        methods |= {"__repr__": _repr(fields)} if repr else {}
        methods |= _equality(fields, frozen) if eq else {}
        for name, method in methods.items():
            if name not in own or (name == "__hash__" and vars(cls)[name] is None):  # Python's own, beside an __eq__
                setattr(cls, name, method)
        return cls

    return made if cls is None else made(cls)


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass

_Fields = tuple["dataclasses.Field[Any]", ...]


def _init(fields: _Fields, after: Callable[[Any], None] | None) -> Callable[..., None]:
    names = tuple(f.name for f in fields)
    known = frozenset(names)
    defaults = {f.name: f.default for f in fields if f.default is not _MISSING}
    factories: list[tuple[str, Any]] = [
        (f.name, f.default_factory) for f in fields if f.default_factory is not _MISSING
    ]
    put = object.__setattr__

    def begin(self: Any, *values: Any, **named: Any) -> None:
        if named or len(values) != len(names):
            given = dict(zip(names, values), **named)  # noqa: B905 (fewer values than names)
            every = defaults | given
            for name, make in factories:
                every[name] = given[name] if name in given else make()
            if every.keys() != known or len(given) != len(values) + len(named):
                raise _misfit(type(self), names, every.keys(), len(values))
            values = tuple(map(every.__getitem__, names))
        for name, value in zip(names, values):  # noqa: B905 (as many, and this is often done)
            put(self, name, value)
        if after is not None:
            try:
                after(self)
            except Exception as error:
                raise _placed(error) from None

    return begin


def _placed(error: Exception) -> Exception:
    """Return an error of what was given, at the user's line."""
    from hzdsl.errors import HzdslError
    from hzdsl.lang.places import user_place

    return error.at(user_place()) if isinstance(error, HzdslError) else error


def _misfit(of: type, names: tuple[str, ...], given: Iterable[str], values: int) -> TypeError:
    """Return the error of values that are missing, unknown or given twice.

    It is a `TypeError`, as of any call in Python, and one of hzdsl's, for many records are made by users.
    """
    from hzdsl.errors import WrongFields
    from hzdsl.lang.places import user_place

    missing, unknown = [n for n in names if n not in given], [n for n in given if n not in names]
    said = [f"no value of {', '.join(missing)}"] if missing else []
    said += [f"no field {', '.join(unknown)}"] if unknown else []
    what = f"{of.__name__}: {' and '.join(said) or f'a value given twice, or {values} values for {len(names)}'}"
    return WrongFields("arguments", what, fix=f"{of.__name__}({', '.join(names)})", place=user_place())


def _repr(fields: _Fields) -> Callable[[Any], str]:
    names = tuple(f.name for f in fields if f.repr)

    def shown(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{n}={getattr(self, n)!r}' for n in names)})"

    return shown


def _equality(fields: _Fields, hashable: bool) -> dict[str, Any]:
    values = _values(tuple(f.name for f in fields if f.compare))

    def same(self: Any, other: object) -> bool:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    return {"__eq__": same, "__hash__": hashed if hashable else None}


def _values(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the values of these attributes, always as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    single = [attrgetter(name) for name in names]
    return lambda x: tuple(get(x) for get in single)


def _guards(cls: type[Any], fields: _Fields) -> Mapping[str, Callable[..., None]]:
    """Return what refuses changes of the fields, and of all else but what a subclass adds."""
    names = frozenset(f.name for f in fields)

    def refuse_change(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def refuse_removal(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return {"__setattr__": refuse_change, "__delattr__": refuse_removal}
