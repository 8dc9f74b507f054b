"""Four-vectors, angles and choices between values, as expansions into the core.

Arithmetic of four-vectors is in f64 from (pt, eta, phi, mass), with the formulae and the order of operations of ROOT's
`ROOT::Math::PtEtaPhiM4D` and `PxPyPzE4D` (GenVector, headers of the same names), so that masses agree in every bit.
The surface builds with these functions, and the printer recognises what they build by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from weakref import WeakValueDictionary

import numpy as np

from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType

TWO_PI = 2 * math.pi


class Term:
    """A node with operators, so that a formula reads like one."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __add__(self, other: Operand) -> Term:
        return Term(build.arithmetic("add", self.node, _node(other)))

    def __radd__(self, other: Operand) -> Term:
        return Term(build.arithmetic("add", _node(other), self.node))

    def __sub__(self, other: Operand) -> Term:
        return Term(build.arithmetic("sub", self.node, _node(other)))

    def __rsub__(self, other: Operand) -> Term:
        return Term(build.arithmetic("sub", _node(other), self.node))

    def __mul__(self, other: Operand) -> Term:
        return Term(build.arithmetic("mul", self.node, _node(other)))

    def __rmul__(self, other: Operand) -> Term:
        return Term(build.arithmetic("mul", _node(other), self.node))

    def __truediv__(self, other: Operand) -> Term:
        return Term(build.arithmetic("div", self.node, _node(other)))

    def __rtruediv__(self, other: Operand) -> Term:
        return Term(build.arithmetic("div", _node(other), self.node))

    def __mod__(self, other: Operand) -> Term:
        return Term(build.arithmetic("mod", self.node, _node(other)))

    def __neg__(self) -> Term:
        return Term(build.neg(self.node))

    def __lt__(self, other: Operand) -> Term:
        return Term(build.compare("lt", self.node, _node(other)))

    def __le__(self, other: Operand) -> Term:
        return Term(build.compare("le", self.node, _node(other)))

    def __gt__(self, other: Operand) -> Term:
        return Term(build.compare("lt", _node(other), self.node))

    def __ge__(self, other: Operand) -> Term:
        return Term(build.compare("le", _node(other), self.node))

    def __or__(self, other: Term) -> Term:
        return Term(build.logic("or", self.node, other.node))

    def wide(self) -> Term:
        """Return the term in f64."""
        return Term(build.cast(self.node, DType.F64))


Operand = Term | int | float
Formula = Callable[..., Node]


def _node(x: Operand) -> Node:
    return x.node if isinstance(x, Term) else build.const(x)


def formula(function: Callable[..., Term]) -> Formula:
    """Return a formula of terms as one of nodes, found again as long as the node that it gave is in use."""
    known: WeakValueDictionary[tuple[Node, ...], Node] = WeakValueDictionary()

    def of_nodes(*nodes: Node) -> Node:
        found = known.get(nodes)
        if found is None:
            found = known[nodes] = function(*map(Term, nodes)).node
        return found

    of_nodes.__name__, of_nodes.__doc__ = function.__name__, function.__doc__
    return of_nodes


def where(condition: Term, x: Operand, y: Operand) -> Term:
    """Return x where the condition holds, else y."""
    return Term(build.where(condition.node, _node(x), _node(y)))


def _function(name: str, x: Term) -> Term:
    return Term(build.function(name, x.node))


def sqrt(x: Term) -> Term:
    """Return the square root."""
    return _function("sqrt", x)


def _absolute(x: Term) -> Term:
    return Term(make("abs", x.node))


# ---- components, from pt, eta, phi, mass ----------------------------------------------------------------------------


def _in_principal_range(phi: Term) -> Term:
    """An f64 angle moved to (-π, π], as PtEtaPhiM4D::RestrictPhi does; one in range keeps its bits."""
    moved = phi - _function("floor", phi / TWO_PI + 0.5) * 2.0 * math.pi
    return where((phi <= -math.pi) | (phi > math.pi), moved, phi)


@formula
def px(pt: Term, phi: Term) -> Term:
    """Return PtEtaPhiM4D's Px."""
    return pt.wide() * _function("cos", _in_principal_range(phi.wide()))


@formula
def py(pt: Term, phi: Term) -> Term:
    """Return PtEtaPhiM4D's Py."""
    return pt.wide() * _function("sin", _in_principal_range(phi.wide()))


@formula
def pz(pt: Term, eta: Term) -> Term:
    """Return PtEtaPhiM4D's Pz."""
    return pt.wide() * _function("sinh", eta.wide())


@formula
def energy(pt: Term, eta: Term, mass: Term) -> Term:
    """Return PtEtaPhiM4D's E; a negative mass counts as -m²."""
    p = pt.wide() * _function("cosh", eta.wide())
    return _massive(p * p, mass.wide())


@formula
def energy_of_momentum(px: Term, py: Term, pz: Term, mass: Term) -> Term:
    """Return PxPyPzM4D's E; a negative mass counts as -m²."""
    px, py, pz = px.wide(), py.wide(), pz.wide()
    return _massive(px * px + py * py + pz * pz, mass.wide())


def _massive(momentum2: Term, mass: Term) -> Term:
    energy2 = momentum2 + mass * _absolute(mass)
    return sqrt(where(energy2 > 0, energy2, 0.0))


@formula
def _wide(x: Term) -> Term:
    return x.wide()


#: Each component with the coordinates it is made of.
COMPONENTS = MappingProxyType(
    {"px": (px, ("pt", "phi")), "py": (py, ("pt", "phi")), "pz": (pz, ("pt", "eta")),
     "energy": (energy, ("pt", "eta", "mass"))}
)  # fmt: skip


_MOMENTUM = {name: COMPONENTS[name] for name in ("px", "py", "pz")}
_CARTESIAN = {name: (_wide, (name,)) for name in _MOMENTUM}
#: The components by the coordinates that an object may have: ROOT's PtEtaPhiM4D, PtEtaPhiE4D, PxPyPzM4D, PxPyPzE4D.
SYSTEMS: Mapping[tuple[str, ...], Mapping[str, tuple[Formula, tuple[str, ...]]]] = MappingProxyType(
    {("pt", "eta", "phi", "mass"): COMPONENTS,
     ("pt", "eta", "phi", "energy"): {**_MOMENTUM, "energy": (_wide, ("energy",))},
     ("px", "py", "pz", "mass"): {**_CARTESIAN, "energy": (energy_of_momentum, ("px", "py", "pz", "mass"))},
     ("px", "py", "pz", "energy"): {**_CARTESIAN, "energy": (_wide, ("energy",))}}
)  # fmt: skip


def coordinates(names: Collection[str]) -> tuple[str, str, str, str] | None:
    """Return the coordinates of an object with these attributes, of which some may be implied to be 0.

    These are pt, eta, phi or px, py, pz (where both are stored, the former), and mass or energy (the former).

    Examples
    --------
    >>> coordinates(["pt", "eta", "phi", "energy"]), coordinates(["px", "py"])
    (('pt', 'eta', 'phi', 'energy'), ('px', 'py', 'pz', 'mass'))
    """
    last = "energy" if "energy" in names and "mass" not in names else "mass"
    if "pt" in names and "phi" in names:
        return ("pt", "eta", "phi", last)
    return ("px", "py", "pz", last) if "px" in names and "py" in names else None


# ---- derived, from px, py, pz, energy ------------------------------------------------------------------------------


@formula
def mass(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the invariant mass √(E²-px²-py²-pz²), of a space-like vector -√(-m²): PxPyPzE4D::M."""
    m2 = e * e - x * x - y * y - z * z
    return where(m2 >= 0, sqrt(m2), -sqrt(-m2))


def _transverse(x: Term, y: Term) -> Term:
    return sqrt(x * x + y * y)


def _momentum(x: Term, y: Term, z: Term) -> Term:
    return sqrt(x * x + y * y + z * z)


@formula
def pt(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the transverse momentum √(px²+py²)."""
    return _transverse(x, y)


@formula
def momentum(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the momentum √(px²+py²+pz²)."""
    return _momentum(x, y, z)


@formula
def eta(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the pseudorapidity asinh(pz/pt); ±infinity along the beam."""
    return _function("asinh", z / _transverse(x, y))


@formula
def phi(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the azimuth."""
    return Term(build.function2("atan2", y.node, x.node))


@formula
def rapidity(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the rapidity ½ ln((E+pz)/(E-pz))."""
    return 0.5 * _function("log", (e + z) / (e - z))


@formula
def theta(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the polar angle."""
    return Term(build.function2("atan2", _transverse(x, y).node, z.node))


@formula
def mt(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the transverse mass √(E²-pz²)."""
    return sqrt(e * e - z * z)


@formula
def et(x: Term, y: Term, z: Term, e: Term) -> Term:
    """Return the transverse energy E·pt/p."""
    return e * _transverse(x, y) / _momentum(x, y, z)


#: Attributes of anything with a four-vector, beside px, py, pz and energy.
DERIVED = MappingProxyType(
    {"mass": mass, "pt": pt, "p": momentum, "eta": eta, "phi": phi, "rapidity": rapidity, "theta": theta, "mt": mt,
     "et": et}
)  # fmt: skip


# ---- of two objects ------------------------------------------------------------------------------------------------


def _delta_phi(phi1: Term, phi2: Term) -> Term:
    difference = phi1 - phi2
    narrow = difference.node.type.dtype is DType.F32
    half = float(np.float32(math.pi)) if narrow else math.pi
    wide = difference.wide()
    size = _absolute(wide) % (2.0 * half)  # C's fmod, whose sign is that of the dividend
    turned = where(wide < 0, -size, size)
    result = where(turned <= -half, turned + 2.0 * half, where(turned > half, turned - 2.0 * half, turned))
    return Term(build.cast(result.node, DType.F32)) if narrow else result


@formula
def delta_phi(phi1: Term, phi2: Term) -> Term:
    """Return phi1 - phi2 in (-π, π], as ROOT::VecOps::DeltaPhi computes it.

    For f32 angles the difference is taken in f32, reduced in f64 with π rounded to f32, and rounded back to f32.
    """
    return _delta_phi(phi1, phi2)


@formula
def delta_r(eta1: Term, phi1: Term, eta2: Term, phi2: Term) -> Term:
    """Return √(Δη²+Δφ²), in the precision of the operands, as ROOT::VecOps::DeltaR."""
    d_eta, d_phi = eta1 - eta2, _delta_phi(phi1, phi2)
    return sqrt(d_eta * d_eta + d_phi * d_phi)


@formula
def transverse_mass(pt1: Term, phi1: Term, pt2: Term, phi2: Term) -> Term:
    """Return √(2 pT pT′ (1 - cos Δφ))."""
    return sqrt(2 * pt1 * pt2 * (1 - _function("cos", _delta_phi(phi1, phi2))))


#: Functions of two objects, each with the attributes that it takes of both.
OF_TWO_OBJECTS = MappingProxyType(
    {"delta_phi": (delta_phi, ("phi",)), "delta_r": (delta_r, ("eta", "phi")),
     "transverse_mass": (transverse_mass, ("pt", "phi"))}
)  # fmt: skip


# ---- choices between values ----------------------------------------------------------------------------------------


@formula
def minimum(a: Term, b: Term) -> Term:
    """Return the lesser of two values; `a` where they are equal or one is NaN."""
    a, b = _in_one_unit("minimum", a, b)
    return where(b < a, b, a)


@formula
def maximum(a: Term, b: Term) -> Term:
    """Return the greater of two values; `a` where they are equal or one is NaN."""
    a, b = _in_one_unit("maximum", a, b)
    return where(a < b, b, a)


def _in_one_unit(name: str, a: Term, b: Term) -> tuple[Term, Term]:
    """Return both in the unit of the left one, which a comparison of `b` with `a` would not see."""
    one, other = build.same_unit(name, (a.node, b.node))
    return Term(one), Term(other)


@formula
def distance(value: Term, target: Term) -> Term:
    """Return ``abs(value - target)``."""
    return _absolute(value - target)


@formula
def nearer(a: Term, b: Term, target: Term) -> Term:
    """Return a if |a - target| < |b - target|, else b."""
    return where(_absolute(a - target) < _absolute(b - target), a, b)


@formula
def farther(a: Term, b: Term, target: Term) -> Term:
    """Return b if |a - target| < |b - target|, else a: the one that `nearer` leaves."""
    return where(_absolute(a - target) < _absolute(b - target), b, a)


OF_VALUES = MappingProxyType({"minimum": minimum, "maximum": maximum, "nearer": nearer, "farther": farther})
