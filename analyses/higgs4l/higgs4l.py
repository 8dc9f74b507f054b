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
    "max_iso": hz.param("muon_max_pf_rel_iso04_all", 0.40, bounds=(0, 100), doc="greatest relative isolation (cone 0.4)"),
    "max_sip3d": hz.param("muon_max_sip3d", 4.0, bounds=(0, 1000), doc="greatest impact-parameter significance"),
    "max_dxy": hz.param("muon_max_abs_dxy", 0.5 * cm, bounds=(0, 100), doc="greatest transverse impact parameter"),
    "max_dz": hz.param("muon_max_abs_dz", 1 * cm, bounds=(0, 100), doc="greatest longitudinal impact parameter"),
}
electron = {
    "min_pt": hz.param("electron_min_pt", 7 * GeV, bounds=(0, 200), doc="4e: least pt of every electron"),
    "max_abs_eta": hz.param("electron_max_abs_eta", 2.5, bounds=(0, 5), doc="greatest |eta| of every electron"),
    "max_iso": hz.param("electron_max_pf_rel_iso03_all", 0.40, bounds=(0, 100), doc="greatest relative isolation (cone 0.3)"),
    "max_sip3d": hz.param("electron_max_sip3d", 4.0, bounds=(0, 1000), doc="greatest impact-parameter significance"),
    "max_dxy": hz.param("electron_max_abs_dxy", 0.5 * cm, bounds=(0, 100), doc="greatest transverse impact parameter"),
    "max_dz": hz.param("electron_max_abs_dz", 1 * cm, bounds=(0, 100), doc="greatest longitudinal impact parameter"),
}
leading_pt = hz.param("mixed_channel_leading_pt", 20 * GeV, bounds=(0, 200), doc="2e2mu: pt that one lepton of a flavour exceeds")
subleading_pt = hz.param("mixed_channel_subleading_pt", 10 * GeV, bounds=(0, 200), doc="2e2mu: pt that two of them exceed")
charge_balance_required = hz.param("charge_balance_required", True, doc="whether the charges of each flavour add to zero")
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


def sip3d(l):  # the significance of the impact parameter, in f32 as ROOT computes it
    return hz.sqrt(l.dxy**2 + l.dz**2) / hz.sqrt(l.dxyErr**2 + l.dzErr**2)


def vertex(l, cut):
    return hz.all((sip3d(l) < cut["max_sip3d"]) & (abs(l.dxy) < cut["max_dxy"]) & (abs(l.dz) < cut["max_dz"]))


def balanced(l):
    return ~charge_balance_required | ((hz.count(l.charge == 1) == 2) & (hz.count(l.charge == -1) == 2))


def hard(l):
    return (hz.count(l.pt > leading_pt) >= 1) & (hz.count(l.pt > subleading_pt) >= 2)


def apart(z):
    return hz.delta_r(z.leg1, z.leg2) >= min_delta_r


def first(l):  # the pair nearest to the Z, as ROOT finds it
    return hz.pair(l).opposite_charge().nearest_mass_truncated(m_z)


def second(l):  # the other two leptons
    return hz.pair(l - first(l))[0]


# ---- the channels ----


def channel(name, title, cuts, z1, z2, higgs):
    """Declare one channel: ROOT's filters in ROOT's order, the masses it writes, its histograms."""
    windows = {"Z1 mass": z1.between(z1_min, z1_max), "Z2 mass": z2.between(z2_min, z2_max)}
    region = ana.region(name, cuts, windows)
    for output, mass in ("z1_mass", z1), ("z2_mass", z2), ("h_mass", higgs):
        ana.output(output, mass, region=region)
    ana.histogram("h_mass", higgs, **binning("histogram", 36), region=region, title=title)
    ana.histogram("single_signal", higgs, **binning("single_signal", 11), region=region)


for name, title, leptons, l, iso, cut in (
    ("4mu", "H → ZZ → 4μ", "muons", mu, mu.pfRelIso04_all, muon),
    ("4e", "H → ZZ → 4e", "electrons", el, el.pfRelIso03_all, electron),
):
    a, b = first(l), second(l)
    masses = a.mass.as_f32(), b.mass.as_f32()
    cuts = {
        f"at least four {leptons}": hz.count(l) >= 4,
        "isolation": hz.all(abs(iso) < cut["max_iso"]),
        "pt and eta": hz.all((l.pt > cut["min_pt"]) & (abs(l.eta) < cut["max_abs_eta"])),
        "impact parameters": vertex(l, cut),
        "two positive, two negative": (hz.count(l) == 4) & balanced(l),
        "separation": apart(a) & apart(b),
    }
    channel(name, title, cuts, hz.nearer(*masses, m_z), hz.farther(*masses, m_z), (a + b).mass.as_f32())

z_mu, z_el = mu[0] + mu[1], el[0] + el[1]
cuts = {
    "at least two electrons and two muons": (hz.count(el) >= 2) & (hz.count(mu) >= 2),
    "eta": hz.all(abs(el.eta) < electron["max_abs_eta"]) & hz.all(abs(mu.eta) < muon["max_abs_eta"]),
    "pt": hard(mu) | hard(el),
    "separation": apart(z_mu) & apart(z_el),
    "isolation": hz.all(abs(el.pfRelIso03_all) < electron["max_iso"]) & hz.all(abs(mu.pfRelIso04_all) < muon["max_iso"]),
    "electron impact parameters": vertex(el, electron),
    "muon impact parameters": vertex(mu, muon),
    "charges": ~charge_balance_required | ((hz.sum(el.charge) == 0) & (hz.sum(mu.charge) == 0)),
}
z1 = hz.nearer(z_mu.mass, z_el.mass, m_z).as_f32()
z2 = hz.farther(z_mu.mass, z_el.mass, m_z).as_f32()
channel("2e2mu", "H → ZZ → 2e2μ", cuts, z1, z2, (z_mu + z_el).mass.as_f32())

# ---- the eight files of CMS Open Data (record 12360), as skimmed by ROOT's tutorial ----

SKIMS = "https://eospublic.cern.ch//eos/root-eos/cms_opendata_2012_nanoaod_skimmed"


def simulation(name, role, process, label, channels, xsec, nevt, scale):
    ana.sample(name, f"{SKIMS}/{name}.root", role=role, process=process, label=label, channels=channels,
               xsec=xsec, nevt=nevt, scale=scale)  # fmt: skip


simulation("SMHiggsToZZTo4L", "signal", "H(125)", "m_H = 125 GeV", ["4mu", "4e", "2e2mu"], 0.0065 * pb, 299973, 1.0)
simulation("ZZTo4mu", "background", "ZZ", "ZZ → 4ℓ", ["4mu"], 0.077 * pb, 1499064, 1.386)
simulation("ZZTo4e", "background", "ZZ", "ZZ → 4ℓ", ["4e"], 0.077 * pb, 1499093, 1.386)
simulation("ZZTo2e2mu", "background", "ZZ", "ZZ → 4ℓ", ["2e2mu"], 0.18 * pb, 1497445, 1.386)
for data, channels in ("DoubleMuParked", ["4mu", "2e2mu"]), ("DoubleElectron", ["4e"]):
    for run in "Run2012B", "Run2012C":
        name = f"{run}_{data}"
        ana.sample(name, f"{SKIMS}/{name}.root", role="data", process="data", label="data", channels=channels)
