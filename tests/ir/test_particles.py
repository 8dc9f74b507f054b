"""The table of charges that comes with the package."""

from __future__ import annotations

from hzdsl.ir.particles import three_charges


def test_charges_are_sorted_and_antiparticles_opposite() -> None:
    ids, charges = three_charges()
    assert len(ids) == len(charges) > 500
    assert list(ids) == sorted(set(ids))
    known = dict(zip(ids, charges, strict=True))
    assert all(known[-i] == -q for i, q in known.items() if -i in known)
    assert {i: known[i] for i in (1, 2, 5, 6, 11, 12, 13, 15, 21, 25, 111, 321, 443, 521, 3122, 2112)} == {
        1: -1, 2: 2, 5: -1, 6: 2, 11: -3, 12: 0, 13: -3, 15: -3, 21: 0, 25: 0, 111: 0, 321: 3, 443: 0, 521: 3,
        3122: 0, 2112: 0,
    }  # fmt: skip


def test_charges_are_those_of_the_installed_table() -> None:
    import pytest

    particle = pytest.importorskip("particle", reason="the scikit-hep package particle is not installed")
    known = dict(zip(*three_charges(), strict=True))
    installed = {int(p.pdgid): int(p.three_charge) for p in particle.Particle.all() if p.three_charge is not None}
    assert known.keys() <= installed.keys()
    both = known.keys()
    assert len(both) > 500
    assert all(known[i] == installed[i] for i in both)
