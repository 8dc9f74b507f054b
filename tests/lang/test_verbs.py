"""What a class of the surface offers, text offers too: declared once, or with the reason why not."""

from __future__ import annotations

from typing import Any

import pytest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.lang.events import Family
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.lists import Numbers
from hzdsl.lang.objects import Object, Single, Sum
from hzdsl.lang.vectors import Vec3
from hzdsl.lang.verbs import INTERNAL, PYTHON_ONLY, verb_of, verbs_of
from hzdsl.text import parse_expression

#: (class, an expression of its kind)
KINDS: list[tuple[type, str]] = [
    (hz.Value, "MET.pt"),
    (Numbers, "LHEPdfWeight"),
    (Object, "Muon[0]"),
    (hz.Collection, "pair(Muon)"),
    (Single, "MET"),
    (Sum, "Muon[0] + Electron[0]"),
    (Vec4, "Muon[0].p4"),
    (Vec3, "Muon[0].p3"),
    (type(hz.events()), "ev"),
    (Family, "HLT"),
]
NAMES = [
    (kind, text, name)
    for kind, text in KINDS
    for name in sorted({n for owner in kind.__mro__ for n in vars(owner) if not n.startswith("_")})
]


@pytest.mark.parametrize(("kind", "text", "name"), NAMES, ids=[f"{k.__name__}.{n}" for k, _, n in NAMES])
def test_every_public_name_is_one_of_text_or_says_why_not(kind: type, text: str, name: str) -> None:
    ev = hz.events()
    assert type(parse_expression(text, ev)) is kind
    known: Any = vars(next(owner for owner in kind.__mro__ if name in vars(owner)))[name]
    reasons = [table[name] for table in (INTERNAL, PYTHON_ONLY) if name in table]
    if name in verbs_of(kind):
        assert not reasons
        with pytest.raises(HzdslError, match=f"error.arguments.: {name}"):  # known by name, with a wrong argument
            parse_expression(f"({text}).{name}(self = 1)", ev)
        return
    with pytest.raises(HzdslError, match=r"attribute|name-unknown"):
        parse_expression(f"({text}).{name}(1)", ev)
    if reasons:
        assert reasons[0]
    else:
        assert isinstance(known, property), f"{kind.__name__}.{name}: @verb(), or a reason in hzdsl.lang.verbs"
        assert parse_expression(f"({text}).{name}", ev) is not None


def test_scopes_and_slots_are_declared_with_the_verb() -> None:
    scoped = {name for kind, _ in KINDS for name, f in verbs_of(kind).items() if verb_of(f).scoped}
    assert scoped == {"sort", "argmin", "argmax", "assign", "pick_truncated"}
    slots = {name for kind, _ in KINDS for name, f in verbs_of(kind).items() if verb_of(f).slot}
    assert slots == {"nearest", "nearest_mass_truncated"}
