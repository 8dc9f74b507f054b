"""H -> WW -> e mu nu nu: the analysis of hww.toml, in Python. Both have the same hash."""

import hzdsl as hz
from hzdsl import GeV, fb, pb

ana = hz.Analysis("hww")
ana.experiment, ana.energy, ana.luminosity = "generated events", "13 TeV", 34.7 / fb
ev = hz.events("nanoaod")

# ---- objects ----

el = ev.Electron[ev.Electron.mvaIso_WP90 & (ev.Electron.pt > 13 * GeV)]
mu = ev.Muon[ev.Muon.tightId & (ev.Muon.pt > 13 * GeV)]
lep = (mu | el).sort(lambda lepton: -lepton.pt)
l1, l2 = lep[0], lep[1]
ll = l1 + l2

jet = ev.Jet[(ev.Jet.pt > 30 * GeV) & ~hz.any(hz.delta_r(ev.Jet, lep.per(ev.Jet)) < 0.4)]
n = hz.count(jet)
n_b = hz.count((ev.Jet.pt > 20 * GeV) & (ev.Jet.btagDeepFlavB > 0.28))
mth, mtw2 = hz.transverse_mass(ll, ev.MET), hz.transverse_mass(l2, ev.MET)

# ---- regions ----

min_pt = hz.param("min_pt", 25 * GeV, bounds=(13, 200), doc="least pt of the leading lepton")
njet = hz.category({"0jet": n == 0, "1jet": n == 1, "2jet": n >= 2})
preselection = {
    "e mu": hz.count(lep) == 2,
    "different flavour": l1.flavor != l2.flavor,
    "opposite charge": l1.charge * l2.charge < 0,
    "leading pt": l1.pt > min_pt,
    "m(ll)": ll.mass > 12 * GeV,
    "missing pt": ev.MET.pt > 20 * GeV,
    "pt(ll)": ll.pt > 30 * GeV,
}
base = ana.region("base", preselection)
sr = ana.region("SR", base, {"b veto": n_b == 0, "mt(H)": mth > 60 * GeV, "mt(l2)": mtw2 > 30 * GeV})
top = ana.region("CR_top", base, {"b tag": n_b > 0, "m(ll) of tops": ll.mass > 50 * GeV})
ana.exclusive(sr, top)

# ---- weights, and the seed's three systematic uncertainties of shapes ----


def steps(pt, edges, values):
    """Return a scale factor, or its error, as a function of pt."""
    return hz.table(pt, edges=edges, values=values, outside="clamp")


trigger_pt, lepton_pt = [13, 30, 40, 60, 200], [13, 20, 35, 50, 200]
trigger = steps(l1.pt, trigger_pt, [0.95, 0.97, 0.98, 0.99]).otherwise(1)
trigger_error = steps(l1.pt, trigger_pt, [0.02, 0.012, 0.008, 0.005]).otherwise(0)
el_sf, el_error = (steps(el.pt, lepton_pt, v) for v in ([0.94, 0.96, 0.975, 0.98], [0.030, 0.018, 0.010, 0.015]))
mu_sf, mu_error = (steps(mu.pt, lepton_pt, v) for v in ([0.97, 0.98, 0.985, 0.985], [0.015, 0.008, 0.005, 0.008]))

ana.weight("generator", ev.genWeight)
ana.weight("trigger", hz.vary(trigger, trigger=(trigger + trigger_error, trigger - trigger_error)))
ana.weight("electron", hz.vary(hz.prod(el_sf), ele_id=(hz.prod(el_sf + el_error), hz.prod(el_sf - el_error))))
ana.weight("muon", hz.vary(hz.prod(mu_sf), mu_id=(hz.prod(mu_sf + mu_error), hz.prod(mu_sf - mu_error))))

# ---- histograms: the fit variable, and what tells signal from background ----

ana.histogram("mt_higgs", mth, edges=[60, 80, 95, 110, 135, 200], region=[sr.split(njet), top.split(njet)],
              label="mt(ll, MET)")  # fmt: skip
ana.histogram("m_ll", ll.mass, bins=20, range=(0 * GeV, 200 * GeV), region=[sr, top], label="m(ll)")
ana.histogram("delta_phi", abs(hz.delta_phi(l1, l2)), bins=16, range=(0, 3.2), region=[sr, top], label="Δφ(ll)")
ana.histogram("n_b", n_b, bins=5, range=(0, 5), region=sr.without("b veto"), label="b tags")

# ---- samples: cross-sections are those of analyses/hww/processes.py ----

for process, xsec, label in (
    ("ggH_HWW", 0.245, "ggH, H → WW"),
    ("WW", 2.71, ""),
    ("Top_antitop", 19.4, "top pairs"),
    ("DY_to_Tau_Tau", 6.0, "Z → ττ"),
    ("Fakes", 0.9, "fakes"),
    ("ggWW", 0.131, "gg → WW"),
    ("Diboson", 0.30, "WZ, ZZ"),
    ("VG", 0.40, "Vγ"),
):
    role = "signal" if process == "ggH_HWW" else "background"
    ana.sample(process, f"{process}.root", role=role, label=label, xsec=xsec * pb, nevt="Runs")
