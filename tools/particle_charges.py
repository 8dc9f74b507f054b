"""Write `hzdsl/io/particles.csv`, the electric charges of the PDG's particles, from the scikit-hep `particle` table.

pip install particle && python tools/particle_charges.py > hzdsl/io/particles.csv
"""

from __future__ import annotations

from particle import Particle, __version__


def main() -> None:
    """Print PDG id and three times the charge of every particle and antiparticle, by ascending id."""
    charges = {int(p.pdgid): int(p.three_charge) for p in Particle.all() if p.three_charge is not None}
    print(f"# PDG id, 3 x electric charge; particle {__version__}, {len(charges)} particles")
    for pdg_id in sorted(charges):
        print(f"{pdg_id},{charges[pdg_id]}")


if __name__ == "__main__":
    main()
