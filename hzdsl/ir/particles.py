"""What the PDG says of particles: their charges, from a file that `tools/particle_charges.py` writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hzdsl.ir import tables
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers


def charge(pdg_id: Node) -> Node:
    """Return the charge in e of the particle with a PDG id; missing for an id that the table does not list."""
    ids, thirds = three_charges()
    return tables.by_keys(pdg_id, ids, Numbers.of([third / 3 for third in thirds]))


@cache
def three_charges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the PDG ids of all particles and antiparticles, ascending, and three times their electric charges.

    The table is that of the scikit-hep package `particle`, without nuclei; ids that it does not list (of a generator's
    own) have no charge here.

    Examples
    --------
    >>> ids, charges = three_charges()
    >>> [charges[ids.index(pdg_id)] for pdg_id in (11, -11, 2, 211, 22, 23, 24, 2212, -521)]
    [-3, 3, 2, 3, 0, 0, 3, 3, -3]
    """
    text = Path(__file__).with_name("particles.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    return tuple(int(pdg_id) for pdg_id, _ in rows), tuple(int(charge) for _, charge in rows)
