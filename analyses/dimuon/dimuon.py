"""The spectrum of muon pairs: the analysis of dimuon.toml, in Python. Both have the same hash."""

import hzdsl as hz
from hzdsl import GeV

ana = hz.Analysis("dimuon")
mu = hz.events("nanoaod").Muon

low = hz.param("z_mass_min", 60 * GeV, bounds=(0, 500), doc="lower edge of the Z window")
high = hz.param("z_mass_max", 120 * GeV, bounds=(0, 500), doc="upper edge of the Z window")
z = hz.pair(mu.sort(-mu.pt)).opposite_charge()[0]  # the first pair in pt order of its legs
ana.define(z=z)

os_pair = ana.region("os_pair", {"an opposite-sign pair": z.exists})
z_window = ana.region("z_window", os_pair, {"Z mass": z.mass.between(low, high)})
ana.output("mass", z.mass)

marks = {"η": 0.548, "ρ, ω": 0.782, "φ": 1.019, "J/ψ": 3.0969, "ψ(2S)": 3.686}
marks |= {"Υ(1S, 2S, 3S)": 9.460, "Z": 91.19}
ana.histogram("mass", z.mass, bins=30000, range=(0.25 * GeV, 300 * GeV), region=os_pair, log="xy", label="m(μμ)",
              title="Dimuon spectrum", marks=marks)  # fmt: skip
ana.histogram("mass", z.mass, bins=60, range=(60 * GeV, 120 * GeV), region=z_window, label="m(μμ)", title="Z → μμ",
              marks={"Z": 91.19})  # fmt: skip
