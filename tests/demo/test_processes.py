import numpy as np
import pytest

from hzdsl.demo.events import ELECTRON_COLUMNS, MUON_COLUMNS
from hzdsl.demo.four_vectors import FourVectors
from hzdsl.demo.processes import ABSENT, ELECTRON, MUON, higgs_to_4l, z_to_2l, zz_to_4l
from hzdsl.demo.samples import SAMPLES, pseudo_data, simulated, stream_seeds

SPEC = {s.name: s for s in SAMPLES}
N = 20_000


@pytest.fixture
def rng():
    return np.random.Generator(np.random.PCG64(11))


@pytest.fixture(scope="module")
def signal():
    return simulated(SPEC["SMHiggsToZZTo4L"], 5)


@pytest.fixture(scope="module")
def data():
    return pseudo_data("Run2012B", 5)


def four_body_mass(leptons):
    """Masses of events with exactly four isolated leptons, two of each charge."""
    events = leptons.take(np.nonzero(leptons.counts == 4)[0])
    table = {name: column.reshape(-1, 4).astype(np.float64) for name, column in events.columns.items()}
    good = (table["charge"].sum(axis=1) == 0) & (np.abs(table["pfRelIso03_all"]).max(axis=1) < 0.4)
    pt, eta, phi, mass = (table[name][good] for name in ("pt", "eta", "phi", "mass"))
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    e = np.sqrt(px**2 + py**2 + pz**2 + mass**2)
    return FourVectors(*(c.sum(axis=1) for c in (e, px, py, pz))).mass


def test_higgs_without_taus_is_125_gev_and_nothing_is_missing(rng):
    truth = higgs_to_4l(rng, N)
    whole = np.all(truth.flavour != ABSENT, axis=1) & (truth.missing.e == 0.0)
    mass = FourVectors(*(c.sum(axis=1) for c in truth.momentum)).mass[whole]
    np.testing.assert_allclose(mass, 125.0, atol=1.01)
    assert abs(np.median(mass) - 125.0) < 0.001


def test_higgs_flavours_follow_the_branching_fractions(rng):
    truth = higgs_to_4l(rng, N)
    whole = truth.missing.e == 0.0
    muons = np.sum(truth.flavour == MUON, axis=1)
    electrons = np.sum(truth.flavour == ELECTRON, axis=1)
    for condition, share in (
        (muons == 4, 0.1185),
        (electrons == 4, 0.1185),
        ((muons == 2) & (electrons == 2), 0.215),
    ):
        assert abs(np.mean(whole & condition) - share) < 5 * np.sqrt(share / N)


def test_taus_leave_momentum_to_neutrinos(rng):
    truth = higgs_to_4l(rng, N)
    assert 0.5 < np.mean(truth.missing.e > 0.0) < 0.6  # 1 - 2 × 0.1185 - 0.215


@pytest.mark.parametrize("flavours", [(MUON, MUON), (ELECTRON, ELECTRON), (ELECTRON, MUON)])
def test_zz_has_its_flavours_and_both_peaks(rng, flavours):
    truth = zz_to_4l(rng, N, flavours)
    assert sorted(set(truth.flavour.ravel())) == sorted(set(flavours))
    assert np.all(truth.charge.sum(axis=1) == 0)
    mass = FourVectors(*(c.sum(axis=1) for c in truth.momentum)).mass
    assert np.mean(abs(mass - 91.19) < 2.5) > 0.07
    assert 0.06 < np.mean(mass > 180.0) < 0.15


def test_z_has_two_opposite_leptons_at_its_mass(rng):
    truth = z_to_2l(rng, N)
    mass = FourVectors(*(c.sum(axis=1) for c in truth.momentum)).mass
    assert abs(np.median(mass) - 91.19) < 0.15
    assert np.all(truth.charge.sum(axis=1) == 0)
    assert np.all(truth.flavour[:, 0] == truth.flavour[:, 1])


def test_reconstructed_higgs_peaks_at_125(signal):
    for leptons, width in ((signal.muons, 1.5), (signal.electrons, 3.0)):
        mass = four_body_mass(leptons)
        assert len(mass) > 300
        assert abs(np.median(mass) - 124.5) < width
        low, high = np.percentile(mass, [25, 75])
        assert high - low < 2.5 * width


def test_reconstructed_zz_peaks_at_91():
    mass = four_body_mass(simulated(SPEC["ZZTo4mu"], 5).muons)
    content, edges = np.histogram(mass, bins=np.arange(70.0, 130.0, 3.0))
    assert 88.0 <= edges[np.argmax(content)] <= 91.0


@pytest.mark.parametrize(("kind", "columns"), [("muons", MUON_COLUMNS), ("electrons", ELECTRON_COLUMNS)])
def test_columns_have_their_types_and_counters_fit(signal, data, kind, columns):
    for events in (signal, data):
        leptons = getattr(events, kind)
        assert tuple(leptons.columns) == columns
        assert leptons.counts.dtype == np.int32
        for name, column in leptons.columns.items():
            assert column.dtype == (np.int32 if name == "charge" else np.float32)
            assert len(column) == leptons.counts.sum()
        assert np.all(np.isfinite(leptons.columns["pt"]))
        assert set(leptons.columns["charge"]) == {-1, 1}
        assert len(set(leptons.columns["mass"])) == 1


def test_leptons_are_ordered_by_falling_pt(signal, data):
    for leptons in (signal.muons, signal.electrons, data.muons, data.electrons):
        owner = np.repeat(np.arange(len(leptons.counts)), leptons.counts)
        pt = leptons.columns["pt"]
        same = owner[1:] == owner[:-1]
        assert np.all(pt[1:][same] <= pt[:-1][same])


def test_prompt_impact_parameters_have_unit_pulls(signal):
    muons = signal.muons.columns
    prompt = (muons["pt"] > 15.0) & (np.abs(muons["pfRelIso03_all"]) < 0.2)
    for value, error in (("dxy", "dxyErr"), ("dz", "dzErr")):
        pull = muons[value][prompt] / muons[error][prompt]
        low, high = np.percentile(pull, [15.87, 84.13])
        assert abs(0.5 * (high - low) - 1.0) < 0.05


def test_equal_seeds_give_equal_bits_and_others_differ():
    spec = SPEC["ZZTo4e"]
    first, second, other = (simulated(spec, seed).flat() for seed in (3, 3, 4))
    for name, column in first.items():
        assert column.tobytes() == second[name].tobytes(), name
    assert first["Electron_pt"].tobytes() != other["Electron_pt"].tobytes()


def test_streams_have_seeds_of_their_own():
    seeds = stream_seeds(2012)
    assert len(set(seeds.values())) == len(seeds) == 6
    assert seeds == stream_seeds(2012)
    assert not set(seeds.values()) & set(stream_seeds(2013).values())


def test_data_events_are_numbered_in_order(data):
    assert np.all(np.diff(data.per_event["run"]) >= 0)
    assert len(np.unique(data.per_event["event"])) == len(data)
    assert data.per_event["luminosityBlock"].min() >= 1


def test_take_follows_the_given_order(signal):
    chosen = np.array([17, 3, 3, 200])
    part = signal.take(chosen)
    starts = np.cumsum(signal.muons.counts) - signal.muons.counts
    rows = np.concatenate([np.arange(starts[i], starts[i] + signal.muons.counts[i]) for i in chosen])
    np.testing.assert_array_equal(part.muons.columns["pt"], signal.muons.columns["pt"][rows])
    np.testing.assert_array_equal(part.per_event["event"], chosen + 1)
    assert len(signal.take(np.array([], dtype=np.int64))) == 0
