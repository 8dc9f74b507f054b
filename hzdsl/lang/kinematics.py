"""Four-vectors and angles as expressions.

Arithmetic of four-vectors is in f64 from (pt, eta, phi, mass), with the formulae and the order of operations of ROOT's
`ROOT::Math::PtEtaPhiM4D` and `PxPyPzE4D` (GenVector, headers of the same names), so that masses agree in every bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError, UnknownName, did_you_mean
from hzdsl.io.schema.model import with_unit
from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.places import user_place
from hzdsl.lang.values import Value, absolute, to_node
from hzdsl.lang.vectors import Vec3

TWO_PI = 2 * math.pi


@dataclass(frozen=True, repr=False)
class Vec4:
    """A four-vector (px, py, pz, energy), each an f64 value."""

    px: Value
    py: Value
    pz: Value
    energy: Value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self if name == "p4" else self._derived(name)

    def _derived(self, name: str) -> Value:
        if name not in DERIVED:
            fix = did_you_mean(name, dir(self)) or f"it has {', '.join(dir(self))}"
            raise UnknownName("attribute", f"a four-vector has no attribute '{name}'", fix=fix, place=user_place())
        return derived(self, name)

    def __dir__(self) -> list[str]:
        return [*COMPONENTS, *DERIVED, "p3", "in_frame", "otherwise", "exists"]

    def __repr__(self) -> str:
        return f"<four-vector : {self.px.node.type}>"

    def __add__(self, other: Vec4) -> Vec4:
        if not isinstance(other, Vec4):
            return NotImplemented
        return Vec4(self.px + other.px, self.py + other.py, self.pz + other.pz, self.energy + other.energy)

    def __sub__(self, other: Vec4) -> Vec4:
        if not isinstance(other, Vec4):
            return NotImplemented
        return Vec4(self.px - other.px, self.py - other.py, self.pz - other.pz, self.energy - other.energy)

    def __neg__(self) -> Vec4:
        return Vec4(-self.px, -self.py, -self.pz, -self.energy)

    @property
    def components(self) -> tuple[Value, Value, Value, Value]:
        """px, py, pz and energy."""
        return self.px, self.py, self.pz, self.energy

    @property
    def p3(self) -> Vec3:
        """The momentum as a three-vector."""
        return Vec3(self.px, self.py, self.pz)

    @property
    def exists(self) -> Value:
        """Whether the vector is there."""
        return self.energy.exists

    def attribute(self, name: str) -> Any:
        """Return a component or what derives from them, by name."""
        if name in (*COMPONENTS, "p3", "exists"):
            return getattr(self, name)
        return self if name == "p4" else self._derived(name)

    def mapped(self, move: Callable[[Node], Node]) -> Vec4:
        """Return the vector with every component moved along the axes."""
        return Vec4(*(Value(move(getattr(self, c).node)) for c in COMPONENTS))

    def otherwise(self, other: Any) -> Vec4:
        """Return the vector, or another one where it is missing; 0 is the null vector."""
        if not isinstance(other, Vec4) and not (isinstance(other, int | float) and other == 0):
            raise HzdslError("dtype", f"a four-vector cannot be replaced by {other!r}", fix="use 0 or a four-vector")
        instead = [getattr(other, c) if isinstance(other, Vec4) else 0.0 for c in COMPONENTS]
        return Vec4(*(getattr(self, c).otherwise(y) for c, y in zip(COMPONENTS, instead, strict=True)))

    def in_frame(self, other: Any) -> Vec4:
        """Return the vector in the rest frame of another object: a pure boost, axes kept.

        The formula is that of ROOT's ``VectorUtil::boost`` (GenVector), with the velocity reversed.
        """
        frame = other if isinstance(other, Vec4) else other.attribute("p4")
        bx, by, bz = (-c / frame.energy for c in (frame.px, frame.py, frame.pz))
        b2 = bx * bx + by * by + bz * bz
        gamma = 1.0 / sqrt(1.0 - b2)
        along = bx * self.px + by * self.py + bz * self.pz
        gamma2 = where(b2 > 0, (gamma - 1.0) / b2, 0.0)
        px, py, pz = (
            c + gamma2 * along * b + gamma * b * self.energy
            for c, b in zip((self.px, self.py, self.pz), (bx, by, bz), strict=True)
        )
        return Vec4(px, py, pz, gamma * (self.energy + along))


def where(condition: Value, x: object, y: object) -> Value:
    """Return x where the condition holds, else y."""
    return Value(build.where(condition.node, to_node(x), to_node(y)))


def function(name: str, x: object) -> Value:
    """Return a function of the `math` table."""
    return Value(build.function(name, to_node(x)))


def sqrt(x: object) -> Value:
    """Return the square root."""
    return function("sqrt", x)


def in_principal_range(phi: Value) -> Value:
    """Return an f64 angle moved to (-π, π], as PtEtaPhiM4D::RestrictPhi does; one in range keeps its bits."""
    moved = phi - function("floor", phi / TWO_PI + 0.5) * 2.0 * math.pi
    return where((phi <= -math.pi) | (phi > math.pi), moved, phi)


def from_pt_eta_phi_mass(pt: Value, eta: Value, phi: Value, mass: Value) -> Vec4:
    """Return the Cartesian four-vector: PtEtaPhiM4D's Px, Py, Pz and E (a negative mass counts as -m²)."""
    pt, eta, phi, mass = (v.as_f64() for v in (pt, eta, phi, mass))
    angle = in_principal_range(phi)
    p = pt * function("cosh", eta)
    energy2 = p * p + mass * absolute(mass)
    return Vec4(
        pt * function("cos", angle),
        pt * function("sin", angle),
        pt * function("sinh", eta),
        sqrt(where(energy2 > 0, energy2, 0.0)),
    )


def from_coordinates(space: Mapping[str, Value], last: str, rest: Value) -> Vec4:
    """Return the Cartesian four-vector of (pt, eta, phi) or (px, py, pz) with a mass or an energy.

    The formulae are those of PtEtaPhiM4D, PtEtaPhiE4D, PxPyPzM4D and PxPyPzE4D.
    """
    if "pt" in space and last == "mass":
        return from_pt_eta_phi_mass(space["pt"], space["eta"], space["phi"], rest)
    if "pt" in space:
        pt, eta, phi = (space[n].as_f64() for n in ("pt", "eta", "phi"))
        angle = in_principal_range(phi)
        px, py = pt * function("cos", angle), pt * function("sin", angle)
        return Vec4(px, py, pt * function("sinh", eta), rest.as_f64())
    px, py, pz = (space[n].as_f64() for n in ("px", "py", "pz"))
    if last == "energy":
        return Vec4(px, py, pz, rest.as_f64())
    m = rest.as_f64()
    energy2 = px * px + py * py + pz * pz + m * absolute(m)
    return Vec4(px, py, pz, sqrt(where(energy2 > 0, energy2, 0.0)))


def mass(v: Vec4) -> Value:
    """Return the invariant mass √(E²-px²-py²-pz²), of a space-like vector -√(-m²): PxPyPzE4D::M."""
    m2 = v.energy * v.energy - v.px * v.px - v.py * v.py - v.pz * v.pz
    return where(m2 >= 0, sqrt(m2), -sqrt(-m2))


def pt(v: Vec4) -> Value:
    """Return the transverse momentum √(px²+py²)."""
    return sqrt(v.px * v.px + v.py * v.py)


def momentum(v: Vec4) -> Value:
    """Return the momentum √(px²+py²+pz²)."""
    return sqrt(v.px * v.px + v.py * v.py + v.pz * v.pz)


def eta(v: Vec4) -> Value:
    """Return the pseudorapidity asinh(pz/pt); ±infinity along the beam."""
    return function("asinh", v.pz / pt(v))


def phi(v: Vec4) -> Value:
    """Return the azimuth."""
    return Value(build.function2("atan2", v.py.node, v.px.node))


def rapidity(v: Vec4) -> Value:
    """Return the rapidity ½ ln((E+pz)/(E-pz))."""
    return 0.5 * function("log", (v.energy + v.pz) / (v.energy - v.pz))


def theta(v: Vec4) -> Value:
    """Return the polar angle."""
    return Value(build.function2("atan2", pt(v).node, v.pz.node))


def mt(v: Vec4) -> Value:
    """Return the transverse mass √(E²-pz²)."""
    return sqrt(v.energy * v.energy - v.pz * v.pz)


def et(v: Vec4) -> Value:
    """Return the transverse energy E·pt/p."""
    return v.energy * pt(v) / momentum(v)


#: Attributes of anything with a four-vector, beside px, py, pz and energy.
DERIVED = {
    "mass": mass,
    "pt": pt,
    "p": momentum,
    "eta": eta,
    "phi": phi,
    "rapidity": rapidity,
    "theta": theta,
    "mt": mt,
    "et": et,
}
#: The components of a four-vector, and what they mean.
COMPONENTS = MappingProxyType(
    {
        "px": "momentum along x",
        "py": "momentum along y",
        "pz": "momentum along the beam",
        "energy": "energy",
    }
)


def derived_meaning(name: str) -> str:
    """Return what a component or a derived attribute means.

    Examples
    --------
    >>> derived_meaning("theta")
    'the polar angle'
    """
    if name in COMPONENTS:
        return COMPONENTS[name]
    text = (DERIVED[name].__doc__ or "").splitlines()[0]
    return text.removeprefix("Return ").rstrip(".")


def derived(v: Vec4, name: str) -> Value:
    """Return a component of a four-vector, or what derives from it."""
    found = getattr(v, name) if name in COMPONENTS else DERIVED[name](v)
    return Value(found.node, with_unit(derived_meaning(name), found.node.type.unit))


def delta_phi(phi1: Value, phi2: Value) -> Value:
    """Return phi1 - phi2 in (-π, π], as ROOT::VecOps::DeltaPhi computes it.

    For f32 angles the difference is taken in f32, reduced in f64 with π rounded to f32, and rounded back to f32.
    """
    difference = phi1 - phi2
    narrow = difference.node.type.dtype is DType.F32
    half = float(np.float32(math.pi)) if narrow else math.pi
    wide = difference.as_f64()
    size = absolute(wide) % (2.0 * half)  # C's fmod, whose sign is that of the dividend
    turned = where(wide < 0, -size, size)
    result = where(turned <= -half, turned + 2.0 * half, where(turned > half, turned - 2.0 * half, turned))
    return result.as_f32() if narrow else result


def delta_r(eta1: Value, phi1: Value, eta2: Value, phi2: Value) -> Value:
    """Return √(Δη²+Δφ²), in the precision of the operands, as ROOT::VecOps::DeltaR."""
    d_eta, d_phi = eta1 - eta2, delta_phi(phi1, phi2)
    return sqrt(d_eta * d_eta + d_phi * d_phi)


def zero_like(value: Value, unit: Unit = NONE) -> Value:
    """Return 0 in f64 along the axis of `value`."""
    axis = value.node.type.axis
    assert axis is not None
    return Value(build.lift(build.const(0.0, unit), axis))


def distance(value: Value, target: Node) -> Value:
    """Return ``abs(value - target)``."""
    return Value(make("abs", build.arithmetic("sub", value.node, target)))
