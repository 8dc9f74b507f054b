"""Data classes with shared methods do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from hzdsl import records


def classes(dataclass: Callable[..., Any]) -> SimpleNamespace:
    @dataclass(frozen=True)
    class Base:
        name: str
        labels: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @dataclass(frozen=True)
    class Derived(Base):
        size: float = 1.0
        secret: str = dataclasses.field(default="s", repr=False, compare=False)

    @dataclass(frozen=True)
    class Own:
        x: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own)

        def __repr__(self) -> str:
            return "own"

    @dataclass(frozen=True, eq=False)
    class Alone:
        x: int = 0

    @dataclass
    class Changing:
        x: int = 0

    class Plain(Base):
        pass

    return SimpleNamespace(**{c.__name__: c for c in (Base, Derived, Own, Alone, Changing, Plain)})


def outcome(of: Callable[[SimpleNamespace], Any], made: SimpleNamespace) -> Any:
    """Return what a function gives of the classes, or the type of what it raises: ours may say more, as the same type."""
    try:
        return of(made)
    except Exception as error:
        return TypeError if isinstance(error, TypeError) else type(error)


def changed(x: Any, name: str, value: Any) -> Any:
    setattr(x, name, value)
    return getattr(x, name)


CASES: list[Callable[[SimpleNamespace], Any]] = [
    lambda c: repr(c.Base("a")),
    lambda c: repr(c.Derived("a", {"b": 1}, size=2.0)),
    lambda c: repr(c.Derived(name="a", secret="t")),
    lambda c: c.Base("a").labels is c.Base("a").labels,
    lambda c: (c.Base("a") == c.Base("a"), c.Base("a") == c.Base("b"), c.Base("a") == c.Derived("a"), c.Base("a") == 1),
    lambda c: c.Derived("a", secret="t") == c.Derived("a"),
    lambda c: hash(c.Base("a", ())) == hash(("a", ())),
    lambda c: hash(c.Base("a", {})),
    lambda c: hash(c.Changing()),
    lambda c: (repr(c.Own(1)), c.Own(1) == c.Own(2), hash(c.Own(1)) == hash((1,))),
    lambda c: c.Alone() == c.Alone(),
    lambda c: c.Changing(1) == c.Changing(1),
    lambda c: changed(c.Changing(), "x", 3),
    lambda c: changed(c.Base("a"), "name", "b"),
    lambda c: changed(c.Base("a"), "other", "b"),
    lambda c: changed(c.Plain("a"), "name", "b"),
    lambda c: changed(c.Plain("a"), "other", "b"),
    lambda c: delattr(c.Base("a"), "name"),
    lambda c: c.Base(),
    lambda c: c.Base("a", {}, 1),
    lambda c: c.Base("a", name="b"),
    lambda c: c.Base("a", size=1),
    lambda c: c.Base(label="a", labels={}),
    lambda c: c.Base.__match_args__,
    lambda c: repr(dataclasses.replace(c.Derived("a"), size=3.0)),
    lambda c: dataclasses.asdict(c.Derived("a", {"b": 1})),
    lambda c: [f.name for f in dataclasses.fields(c.Derived)],
    lambda c: list(vars(c.Derived(size=2.0, labels={}, name="a"))),
    lambda c: copy.deepcopy(c.Base("a", {"b": 1})) == c.Base("a", {"b": 1}),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_as_in_the_standard_library(case: int) -> None:
    ours, theirs = classes(records.dataclass), classes(dataclasses.dataclass)
    assert outcome(CASES[case], ours) == outcome(CASES[case], theirs)


def test_what_is_wrong_with_the_values_is_said() -> None:
    c = classes(records.dataclass)
    with pytest.raises(TypeError, match=r"Base: no value of name and no field size"):
        c.Base(size=1)
    with pytest.raises(TypeError, match=r"Base: a value given twice, or 3 values for 2"):
        c.Base("a", {}, 1)


@records.dataclass(frozen=True)
class Sent:
    x: int


def test_they_can_be_sent() -> None:
    assert pickle.loads(pickle.dumps(Sent(3))) == Sent(3)
