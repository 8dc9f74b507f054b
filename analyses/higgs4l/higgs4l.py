"""The Higgs boson in four leptons: the analysis of higgs4l.toml, in Python. Both have the same hash."""

import hzdsl as hz
from hzdsl import GeV, cm, fb, pb

ana = hz.Analysis("higgs4l")
ana.experiment, ana.energy, ana.luminosity = "CMS Open Data", "8 TeV", 11.58 / fb
ev = hz.events("nanoaod")
mu, el = ev.Muon, ev.Electron

# ---- the physics knobs ----

muon = {
    "min_pt": hz.param("muon_min_pt", 5 * GeV, bounds=(0, 200), doc="4mu: least pt of every muon"),
    "max_abs_eta": hz.param("muon_max_abs_eta", 2.4, bounds=(0, 5), doc="greatest |eta| of every muon"),
    "max_iso": hz.param(
        "muon_max_pf_rel_iso04_all", 0.40, bounds=(0, 100), doc="greatest relative isolation (cone 0.4)"
    ),
    "max_sip3d": hz.param("muon_max_sip3d", 4.0, bounds=(0, 1000), doc="greatest impact-parameter significance"),
    "max_dxy": hz.param("muon_max_abs_dxy", 0.5 * cm, bounds=(0, 100), doc="greatest transverse impact parameter"),
    "max_dz": hz.param("muon_max_abs_dz", 1 * cm, bounds=(0, 100), doc="greatest longitudinal impact parameter"),
}
electron = {
    "min_pt": hz.param("electron_min_pt", 7 * GeV, bounds=(0, 200), doc="4e: least pt of every electron"),
    "max_abs_eta": hz.param("electron_max_abs_eta", 2.5, bounds=(0, 5), doc="greatest |eta| of every electron"),
    "max_iso": hz.param(
        "electron_max_pf_rel_iso03_all", 0.40, bounds=(0, 100), doc="greatest relative isolation (cone 0.3)"
    ),
    "max_sip3d": hz.param("electron_max_sip3d", 4.0, bounds=(0, 1000), doc="greatest impact-parameter significance"),
    "max_dxy": hz.param("electron_max_abs_dxy", 0.5 * cm, bounds=(0, 100), doc="greatest transverse impact parameter"),
    "max_dz": hz.param("electron_max_abs_dz", 1 * cm, bounds=(0, 100), doc="greatest longitudinal impact parameter"),
}
leading_pt = hz.param(
    "mixed_channel_leading_pt", 20 * GeV, bounds=(0, 200), doc="2e2mu: pt that one lepton of a flavour exceeds"
)
subleading_pt = hz.param(
    "mixed_channel_subleading_pt", 10 * GeV, bounds=(0, 200), doc="2e2mu: pt that two of them exceed"
)
charge_balance_required = hz.param(
    "charge_balance_required", True, doc="whether the charges of each flavour add to zero"
)
m_z = hz.param("z_reference_mass", 91.2 * GeV, bounds=(50, 150), doc="the mass that Z1 is nearer to than Z2")
z1_min = hz.param("z1_mass_min", 40 * GeV, bounds=(0, 200), doc="least mass of Z1")
z1_max = hz.param("z1_mass_max", 120 * GeV, bounds=(0, 500), doc="greatest mass of Z1")
z2_min = hz.param("z2_mass_min", 12 * GeV, bounds=(0, 200), doc="least mass of Z2")
z2_max = hz.param("z2_mass_max", 120 * GeV, bounds=(0, 500), doc="greatest mass of Z2")
min_delta_r = hz.param("min_delta_r", 0.02, bounds=(0, 5), doc="least distance of the two leptons of a Z")


def binning(prefix, bins):
    """Return the arguments of a histogram whose bins and range are parameters."""
    low = hz.param(f"{prefix}_low", 70 * GeV, bounds=(0, 10000), doc="lower edge of the four-lepton mass")
    high = hz.param(f"{prefix}_high", 180 * GeV, bounds=(0, 10000), doc="upper edge of the four-lepton mass")
    number = hz.param(f"{prefix}_bins", bins, bounds=(1, 10000), doc="bins of the four-lepton mass")
    return {"bins": number, "range": (low, high), "label": "m(4ℓ)"}


# ---- leptons and Z candidates ----


def sip3d(lep):  # the significance of the impact parameter, in f32 as ROOT computes it
    return hz.sqrt(lep.dxy**2 + lep.dz**2) / hz.sqrt(lep.dxyErr**2 + lep.dzErr**2)


def vertex(lep, cut):
    return hz.all((sip3d(lep) < cut["max_sip3d"]) & (abs(lep.dxy) < cut["max_dxy"]) & (abs(lep.dz) < cut["max_dz"]))


def balanced(lep):
    return ~charge_balance_required | ((hz.count(lep.charge == 1) == 2) & (hz.count(lep.charge == -1) == 2))


def hard(lep):
    return (hz.count(lep.pt > leading_pt) >= 1) & (hz.count(lep.pt > subleading_pt) >= 2)


def apart(z):
    return hz.delta_r(z.leg1, z.leg2) >= min_delta_r


def first(lep):  # the pair nearest to the Z, as ROOT finds it
    return hz.pair(lep).opposite_charge().nearest_mass_truncated(m_z)


def second(lep):  # the other two leptons
    return hz.pair(lep - first(lep))[0]


# ---- the channels ----


def declare(name, title, cuts, masses):
    """Declare one channel: ROOT's filters in ROOT's order, the masses it writes, its histograms."""
    z1, z2, higgs = masses
    windows = {"Z1 mass": z1.between(z1_min, z1_max), "Z2 mass": z2.between(z2_min, z2_max)}
    region = ana.region(name, cuts, windows)
    for output, mass in ("z1_mass", z1), ("z2_mass", z2), ("h_mass", higgs):
        ana.output(output, mass, region=region)
    ana.histogram("h_mass", higgs, **binning("histogram", 36), region=region, title=title)
    ana.histogram("single_signal", higgs, **binning("single_signal", 11), region=region)


for name, title, leptons, lep, iso, cut in (
    ("4mu", "H → ZZ → 4μ", "muons", mu, mu.pfRelIso04_all, muon),
    ("4e", "H → ZZ → 4e", "electrons", el, el.pfRelIso03_all, electron),
):
    a, b = first(lep), second(lep)
    pair = a.mass.as_f32(), b.mass.as_f32()
    cuts = {
        f"at least four {leptons}": hz.count(lep) >= 4,
        "isolation": hz.all(abs(iso) < cut["max_iso"]),
        "pt and eta": hz.all((lep.pt > cut["min_pt"]) & (abs(lep.eta) < cut["max_abs_eta"])),
        "impact parameters": vertex(lep, cut),
        "two positive, two negative": (hz.count(lep) == 4) & balanced(lep),
        "separation": apart(a) & apart(b),
    }
    declare(name, title, cuts, (hz.nearer(*pair, m_z), hz.farther(*pair, m_z), (a + b).mass.as_f32()))

z_mu, z_el = mu[0] + mu[1], el[0] + el[1]
cuts = {
    "at least two electrons and two muons": (hz.count(el) >= 2) & (hz.count(mu) >= 2),
    "eta": hz.all(abs(el.eta) < electron["max_abs_eta"]) & hz.all(abs(mu.eta) < muon["max_abs_eta"]),
    "pt": hard(mu) | hard(el),
    "separation": apart(z_mu) & apart(z_el),
    "isolation": hz.all(abs(el.pfRelIso03_all) < electron["max_iso"])
    & hz.all(abs(mu.pfRelIso04_all) < muon["max_iso"]),
    "electron impact parameters": vertex(el, electron),
    "muon impact parameters": vertex(mu, muon),
    "charges": ~charge_balance_required | ((hz.sum(el.charge) == 0) & (hz.sum(mu.charge) == 0)),
}
z1 = hz.nearer(z_mu.mass, z_el.mass, m_z).as_f32()
z2 = hz.farther(z_mu.mass, z_el.mass, m_z).as_f32()
declare("2e2mu", "H → ZZ → 2e2μ", cuts, (z1, z2, (z_mu + z_el).mass.as_f32()))

# ---- the eight files of CMS Open Data (record 12360), as skimmed by ROOT's tutorial ----

ana.sample("SMHiggsToZZTo4L", "SMHiggsToZZTo4L.root", role="signal", process="H(125)", label="m_H = 125 GeV",
           channels=["4mu", "4e", "2e2mu"], xsec=0.0065 * pb, nevt=299973)  # fmt: skip
for channel, xsec, nevt in ("4mu", 0.077, 1499064), ("4e", 0.077, 1499093), ("2e2mu", 0.18, 1497445):
    ana.sample(f"ZZTo{channel}", f"ZZTo{channel}.root", role="background", process="ZZ", label="ZZ → 4ℓ",
               channels=[channel], xsec=xsec * pb, nevt=nevt, scale=1.386)  # fmt: skip
for data, channels in ("DoubleMuParked", ["4mu", "2e2mu"]), ("DoubleElectron", ["4e"]):
    for run in "Run2012B", "Run2012C":
        name = f"{run}_{data}"
        ana.sample(name, f"{name}.root", role="data", process="data", label="data", channels=channels)
