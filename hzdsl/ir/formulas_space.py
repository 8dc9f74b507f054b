"""Three-vectors and boosts, as expansions into the core: each component is a formula.

As those of `hzdsl.ir.formulas` they serve the surface, which builds with them, and the printer, which recognises them.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from hzdsl.ir import build
from hzdsl.ir.formulas import Formula, Term, formula, sqrt, where
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType

# ---- the rest frame of another object ----------------------------------------------------------------------------


def _boosted(name: str) -> Formula:
    @formula
    def component(*given: Term) -> Term:
        """Return a component of a vector (x, y, z, e) in the rest frame of another: a pure boost, axes kept.

        The formula is that of ROOT's ``VectorUtil::boost`` (GenVector), with the velocity reversed.
        """
        x, y, z, e, fx, fy, fz, fe = given
        bx, by, bz = (-c / fe for c in (fx, fy, fz))
        b2 = bx * bx + by * by + bz * bz
        gamma = 1.0 / sqrt(1.0 - b2)
        along = bx * x + by * y + bz * z
        if name == "energy":
            return gamma * (e + along)
        gamma2 = where(b2 > 0, (gamma - 1.0) / b2, 0.0)
        c, b = {"px": (x, bx), "py": (y, by), "pz": (z, bz)}[name]
        return c + gamma2 * along * b + gamma * b * e

    return component


#: Each component of a vector in the rest frame of another, from the components of both.
BOOST = MappingProxyType({name: _boosted(name) for name in ("px", "py", "pz", "energy")})

# ---- three-vectors ---------------------------------------------------------------------------------------------------


@formula
def dot(*given: Term) -> Term:
    """Return the scalar product of (x, y, z) and (x, y, z), summed from x to z."""
    ux, uy, uz, vx, vy, vz = given
    return ux * vx + uy * vy + uz * vz


@formula
def minor(uy: Term, uz: Term, vy: Term, vz: Term) -> Term:
    """Return the first component of a vector product, from the second and third of both."""
    return uy * vz - uz * vy


@formula
def length(x: Term, y: Term, z: Term) -> Term:
    """Return √(x²+y²+z²)."""
    return sqrt(x * x + y * y + z * z)


def cross(u: Sequence[Node], v: Sequence[Node]) -> tuple[Node, ...]:
    """Return the vector product."""
    (ux, uy, uz), (vx, vy, vz) = u, v
    return minor(uy, uz, vy, vz), minor(uz, ux, vz, vx), minor(ux, uy, vx, vy)


def unit(v: Sequence[Node]) -> tuple[Node, ...]:
    """Return a vector divided by its length."""
    size = length(*v)
    return tuple(build.arithmetic("div", c, size) for c in v)


def components(what: str, *given: Node) -> tuple[Node, ...]:
    """Return numbers as the components of one vector: along one axis, in one unit, in f64."""
    return tuple(build.cast(n, DType.F64) for n in build.same_unit(what, build.on_common_axis(*given)))
