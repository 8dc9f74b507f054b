"""How edits change the effects of systematic uncertainties: read, added in quadrature, converted, turned."""

from __future__ import annotations

from dataclasses import replace
from math import exp, hypot, isfinite, log

from hzdsl.errors import HzdslError, Place
from hzdsl.records import dataclass
from hzdsl.stats.cards.records import ASYMMETRIC, KINDS, ColumnName, Effect, Systematic
from hzdsl.stats.cards.words import CODE


@dataclass(frozen=True)
class Asked:
    """One edit: its arguments, its options."""

    action: str
    words: tuple[str, ...]
    options: frozenset[str]
    place: Place | None

    def wrong(self, message: str, fix: str | None = None) -> HzdslError:
        """Return the error of this edit."""
        return HzdslError(CODE, f"nuisance edit {self.action}: {message}", fix=fix, place=self.place)

    def missed(self, what: str) -> None:
        """Refuse an edit that found nothing, unless it said `ifexists`."""
        if "ifexists" not in self.options:
            raise self.wrong(f"there is no {what}", "correct the name, or write ifexists behind the edit")


def effect_of_edit(asked: Asked, kind: str, text: str) -> Effect | None:
    """Return the effect that an edit says, None where it is none."""
    if kind not in KINDS or kind in ("gmN", "unif"):
        kinds = ", ".join(k for k in KINDS if k not in ("gmN", "unif"))
        raise asked.wrong(f"nothing of the kind {kind} can be added", f"there are {kinds}")
    down, slash, up = text.rpartition("/")
    try:
        effect = Effect(float(up), float(down) if slash else None)
    except ValueError:
        raise asked.wrong(f"'{text}' is no effect", "write a number, or down/up") from None
    if slash and kind not in ASYMMETRIC:
        raise asked.wrong(f"'{text}' is asymmetric, which {kind} is not")
    factors = [effect.up] if effect.down is None else [effect.up, effect.down]
    if not all(isfinite(f) and (f > 0 or (not slash and (f == 0 or kind == "trG"))) for f in factors):
        raise asked.wrong(f"'{text}' is negative, or not finite")
    if not slash and effect.up == 1 and kind not in ("lnN", "lnU"):
        # Combine takes any 1 as no effect here, so that both readings of the card would differ
        raise asked.wrong(f"{kind} 1 adds nothing in Combine", "write the line itself: NAME KIND, a number per column")
    return None if not slash and effect.up in (0, 1) else effect


def quadrature(asked: Asked, kind: str, one: Effect, two: Effect) -> Effect:
    """Return two log-normals as one: logarithms add in quadrature, where they have one direction."""
    if kind not in ("lnN", "lnU"):
        raise asked.wrong(f"{kind} cannot be added in quadrature", "only lnN and lnU can")

    def total(a: float, b: float) -> float:
        if log(a) * log(b) < 0:
            raise asked.wrong(f"{a:g} and {b:g} go in different directions, and cannot be added in quadrature")
        both = exp(hypot(log(a), log(b)))
        return both if a > 1 else 1 / both

    if one.down is None and two.down is None:
        return Effect(total(one.up, two.up))
    return Effect(total(one.up, two.up), total(_down(one), _down(two)))


def _down(effect: Effect) -> float:
    return 1 / effect.up if effect.down is None else effect.down


def converted(asked: Asked, x: Systematic, kind: str) -> dict[ColumnName, Effect]:
    """Return the effects as another kind has them: widths of trG and unif are logarithms of κ."""
    factors, widths = ("lnN", "lnU"), ("trG", "unif")
    if (x.shape and kind in KINDS and kind.startswith("shape")) or (x.kind in factors and kind in factors):
        found = dict(x.effects)
    elif x.kind in factors and kind == "trG":
        found = {c: replace(e, up=log(e.up)) for c, e in x.effects.items()}
    elif x.kind in widths and kind in factors:
        found = {c: Effect(exp(e.up)) for c, e in x.effects.items()}
    else:
        raise asked.wrong(f"{x.name} is {x.kind}, which cannot become {kind}")
    if kind not in ASYMMETRIC and any(e.down is not None for e in found.values()):
        raise asked.wrong(f"{x.name} has asymmetric effects, which {kind} has not")
    return {c: e for c, e in found.items() if kind not in factors or e != Effect(1.0)}


def flipped(asked: Asked, effect: Effect) -> Effect:
    """Return a log-normal of the other direction, where the edit asks for those of its direction."""
    positive = effect.up > 1 if effect.down is None else effect.down < 1
    if ("p2n" if positive else "n2p") not in asked.options:
        return effect
    return Effect(1 / effect.up, None if effect.down is None else 1 / effect.down)
