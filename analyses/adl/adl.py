"""The eight tasks of the ADL benchmark (github.com/iris-hep/adl-benchmarks-index); ``adl.toml`` is the same analysis.

hzdsl run analyses/adl/adl.py Run2012B_SingleMu.root
"""

import hzdsl as hz
from hzdsl import GeV

ev = hz.events("nanoaod")
ana = hz.Analysis("adl")

jet, mu, met = ev.Jet, ev.Muon, ev.MET
lep = ev.Muon | ev.Electron

# 1: missing transverse momentum of all events
ana.histogram("q1", met.pt, bins=100, range=(0, 2000))

# 2: pt of all jets
ana.histogram("q2", jet.pt, bins=100, range=(15, 60))

# 3: pt of central jets
ana.histogram("q3", jet[abs(jet.eta) < 1].pt, bins=100, range=(15, 60))

# 4: missing pt of events with two hard jets
two_jets = ana.region("two_jets", hz.count(jet.pt > 40 * GeV) >= 2)
ana.histogram("q4", met.pt, bins=100, range=(0, 2000), region=two_jets)

# 5: missing pt of events with an opposite-charge muon pair near the Z
z_like = ana.region("z_like", hz.any(hz.pair(mu).opposite_charge().mass.between(60 * GeV, 120 * GeV)))
ana.histogram("q5", met.pt, bins=100, range=(0, 2000), region=z_like)

# 6: the three jets nearest to the top mass: their pt, and the greatest b-tag among them
tri = hz.triple(jet).nearest(172.5)
ana.histogram("q6_pt", tri.pt, bins=100, range=(15, 40))
ana.histogram("q6_btag", hz.max(tri.legs.btag), bins=100, range=(0, 1))

# 7: scalar sum of pt of the jets that are far from every hard lepton; 0 where there is none
hard = lep[lep.pt > 10 * GeV]
far = jet[(jet.pt > 30 * GeV) & ~hz.any(hz.delta_r(jet, hard.per(jet)) < 0.4)]
ana.histogram("q7", hz.sum(far.pt), bins=100, range=(15, 200))

# 8: three leptons: transverse mass of the missing momentum and the leading lepton outside the best Z
z = hz.pair(lep).same_flavor().opposite_charge().nearest(91.2)
m_t = hz.transverse_mass((lep - z).leading(), met)
r = ana.region("q8", hz.count(lep) >= 3, z.exists)
ana.histogram("q8", m_t, bins=100, range=(15, 250), region=r)
