import numpy as np
import pytest

from hzdsl.demo import spectra
from hzdsl.demo.four_vectors import DecayAngles, FourVectors, boost, four_leptons

N = 20_000


@pytest.fixture
def rng():
    return np.random.Generator(np.random.PCG64(7))


def total(p, columns=slice(None)):
    return FourVectors(*(component[:, columns].sum(axis=1) for component in p))


def random_angles(rng, n):
    return DecayAngles(*(rng.uniform(-w, w, n) for w in (1.0, np.pi, 1.0, np.pi, 1.0, np.pi)))


@pytest.fixture
def decays(rng):
    masses = np.full(N, 200.0), rng.uniform(20.0, 100.0, N), rng.uniform(5.0, 90.0, N)
    angles = random_angles(rng, N)
    leptons = four_leptons(masses, angles, (np.full(N, 0.10566), np.full(N, 0.000511)))
    return masses, angles, leptons


def test_four_leptons_have_the_masses_asked_for(decays):
    (mass, first, second), _, p = decays
    np.testing.assert_allclose(total(p).mass, mass, rtol=1e-9)
    np.testing.assert_allclose(total(p, slice(0, 2)).mass, first, rtol=1e-9)
    np.testing.assert_allclose(total(p, slice(2, 4)).mass, second, rtol=1e-9)
    np.testing.assert_allclose(p.mass[:, :2], 0.10566, rtol=1e-3)


def test_the_system_is_at_rest(decays):
    _, _, p = decays
    for component in total(p)[1:]:
        np.testing.assert_allclose(component, 0.0, atol=1e-9)


def test_direction_of_the_first_z(decays):
    _, angles, p = decays
    z = total(p, slice(0, 2))
    np.testing.assert_allclose(z.pz / np.sqrt(z.px**2 + z.py**2 + z.pz**2), angles.cos_star, atol=1e-9)
    turned = np.angle(np.exp(1j * (z.phi - angles.phi_star)))
    np.testing.assert_allclose(turned, 0.0, atol=1e-5)


def test_decay_angle_is_that_of_the_negative_lepton_in_its_z(decays):
    (_, first, _), angles, p = decays
    z, lepton = total(p, slice(0, 2)), FourVectors(*(c[:, 0] for c in p))
    momentum = np.sqrt(z.e**2 - first**2)
    energy = 0.5 * first  # of a lepton in the rest frame
    k = np.sqrt(energy**2 - 0.10566**2)
    cos = (first * lepton.e - z.e * energy) / (momentum * k)
    np.testing.assert_allclose(cos, angles.cos1, atol=1e-6)


def test_boost_gives_pt_phi_rapidity_and_keeps_masses(decays, rng):
    (mass, first, _), _, p = decays
    pt, phi, y = rng.exponential(30.0, N), rng.uniform(-np.pi, np.pi, N), rng.normal(0.0, 1.0, N)
    moved = boost(p, mass, pt, phi, y)
    whole = total(moved)
    np.testing.assert_allclose(whole.mass, mass, rtol=1e-8)
    np.testing.assert_allclose(total(moved, slice(0, 2)).mass, first, rtol=1e-7)
    np.testing.assert_allclose(whole.pt, pt, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(0.5 * np.log((whole.e + whole.pz) / (whole.e - whole.pz)), y, atol=1e-8)


def test_higgs_to_zz_has_one_z_on_shell_and_one_off(rng):
    m1, m2 = spectra.higgs_z_masses(rng, N)
    high, low = np.maximum(m1, m2), np.minimum(m1, m2)
    assert np.all(m1 + m2 < spectra.HIGGS_MASS)
    assert 0.48 < np.mean(m1 > m2) < 0.52
    assert abs(np.median(high) - 90.0) < 2.0
    assert 24.0 < np.median(low) < 28.0
    assert np.mean(low > 12.0) > 0.9


def test_transverse_cosine_follows_one_plus_square(rng):
    c = spectra.transverse_cosine(rng, 200_000)
    assert abs(np.mean(c)) < 0.01
    assert abs(np.mean(c**2) - 0.4) < 0.005  # integral of c²(1 + c²) 3/8


@pytest.mark.parametrize(("first", "second"), [(91.0, 8.0), (91.0, 15.0), (62.0, 62.0)])
def test_higgs_decay_angles_mix_longitudinal_and_transverse_z(rng, first, second):
    ratio = (125.0**2 - first**2 - second**2) / (2.0 * first * second)
    longitudinal, transverse = 4.0 * ratio**2 * (4.0 / 3.0) ** 2, 2.0 * (8.0 / 3.0) ** 2
    expected = (0.2 * longitudinal + 0.4 * transverse) / (longitudinal + transverse)  # sin² and 1 + cos²
    for cos in spectra.higgs_decay_angles(rng, np.full(N, first), np.full(N, second))[:2]:
        assert abs(np.mean(cos**2) - expected) < 0.01


def test_breit_wigner_peaks_at_its_mass_inside_its_window(rng):
    m = spectra.breit_wigner(rng, spectra.Z, (60.0, 120.0), N)
    assert m.min() >= 60.0
    assert m.max() <= 120.0
    assert abs(np.median(m) - spectra.Z_MASS) < 0.1


def test_tau_lepton_takes_a_third_of_the_energy(rng):
    assert abs(np.mean(spectra.tau_lepton_fraction(rng, (N,))) - 0.35) < 0.01


def test_rejection_of_nothing_gives_empty_arrays(rng):
    none = np.empty(0)
    assert [len(x) for x in spectra.higgs_decay_angles(rng, none, none)] == [0, 0, 0]
    assert len(spectra.mass_above_threshold(rng, 4.0, none, none)) == 0
