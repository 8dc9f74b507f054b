"""B0s -> mu mu: the selection of bsmm.toml, in Python. Both have the same hash."""

from pathlib import Path

import hzdsl as hz
from hzdsl import GeV, MeV

ev = hz.events(Path(__file__).with_name("inputs") / "schema.toml")
ana = hz.Analysis("bsmm", ev.schema)

max_chi2 = hz.param("max_vertex_chi2", 10, bounds=(0, 1000), doc="greatest chi2 of the vertex")
min_pt = hz.param("min_muon_pt", 4 * GeV, bounds=(0, 100), doc="least pt of both muons")
low = hz.param("mass_low", 4900 * MeV, bounds=(0, 10000), doc="lower end of the fit range")
high = hz.param("mass_high", 5800 * MeV, bounds=(0, 10000), doc="upper end of the fit range")

cuts = {
    "mass window": ev.B_mass.between(low, high),
    "vertex": ev.vertex_chi2 < max_chi2,
    "muon pt": ev.muon_pt > min_pt,
}
selected = ana.region("selected", cuts)
ana.weight("efficiency", ev.event_weight, on="both")
for name in "B_mass", "event_weight", "is_signal":
    ana.output(name, getattr(ev, name), region=selected)

ana.histogram("mass", ev.B_mass, bins=90, range=(4900 * MeV, 5800 * MeV), region=selected, label="m(μμ)",
              title="B⁰s → μμ candidates", marks={"B⁰s": 5366.9 * MeV})  # fmt: skip
ana.histogram("vertex_chi2", ev.vertex_chi2, bins=50, range=(0, 25), region=selected.without("vertex"),
              label="χ² of the vertex")  # fmt: skip
ana.histogram("muon_pt", ev.muon_pt, bins=50, range=(0 * GeV, 25 * GeV), region=selected.without("muon pt"),
              label="pt of the softer muon")  # fmt: skip
