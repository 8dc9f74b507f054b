"""Write `hzdsl/ir/particles.csv`, the electric charges of the PDG's particles, from the scikit-hep `particle` table.

pip install particle && python tools/particle_charges.py > hzdsl/ir/particles.csv
"""

from __future__ import annotations

from particle import Particle, __version__

NUCLEI = 1_000_000_000


def main() -> None:
    """Print PDG id and three times the charge of all particles and antiparticles but nuclei, by ascending id."""
    every = {int(p.pdgid): p.three_charge for p in Particle.all()}
    charges = {i: int(q) for i, q in every.items() if q is not None and abs(i) < NUCLEI}
    print(f"# PDG id, 3 x electric charge; particle {__version__}, {len(charges)} particles")
    for pdg_id in sorted(charges):
        print(f"{pdg_id},{charges[pdg_id]}")


if __name__ == "__main__":
    main()
