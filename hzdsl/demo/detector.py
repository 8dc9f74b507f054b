"""What the detector makes of true leptons: losses, resolution, isolation, impact parameters, and fakes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hzdsl.demo.events import ELECTRON_COLUMNS, MUON_COLUMNS, Columns, Events, Leptons
from hzdsl.demo.four_vectors import Bools, Floats, Ints
from hzdsl.demo.processes import ELECTRON, LEPTON_MASS, MUON, Truth
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Response:
    """How one kind of lepton is seen; momenta in GeV, lengths in cm."""

    flavour: int
    lowest_pt: float  # stored from here on
    highest_eta: float
    plateau: float  # efficiency far above threshold
    turn_on: float  # scale in pt of the approach to the plateau
    resolution: tuple[float, float, float]  # sigma(pt)/pt: constant, per sqrt(pt), per unit of |eta|
    radiating: float  # chance to lose a visible share to photons
    hardest_loss: float  # largest share lost
    cone_energy: float  # mean energy within 0.3 of a prompt lepton, from pile-up
    vertex_error: tuple[float, float]  # of dxy: constant, per 1/pt
    fakes: float  # expected fakes per event
    fake_pt: float  # their mean pt above the lowest


MUON_RESPONSE = Response(
    flavour=MUON,
    lowest_pt=3.0,
    highest_eta=2.4,
    plateau=0.93,
    turn_on=1.6,
    resolution=(0.008, 0.0, 0.006),
    radiating=0.08,
    hardest_loss=0.30,
    cone_energy=1.7,
    vertex_error=(0.0012, 0.025),
    fakes=0.15,
    fake_pt=3.0,
)
ELECTRON_RESPONSE = Response(
    flavour=ELECTRON,
    lowest_pt=4.0,
    highest_eta=2.5,
    plateau=0.89,
    turn_on=7.5,
    resolution=(0.015, 0.16, 0.012),
    radiating=0.20,
    hardest_loss=0.20,
    cone_energy=2.0,
    vertex_error=(0.0020, 0.035),
    fakes=0.20,
    fake_pt=4.0,
)
NOT_COMPUTED = -999.0  # the isolation of a lepton that particle flow did not see


class _Candidates(NamedTuple):
    """Flat leptons of one flavour before they are written: which event, what, and whether a fake."""

    event: Ints
    charge: Ints
    pt: Floats
    eta: Floats
    phi: Floats
    fake: Bools

    def take(self, rows: Ints) -> _Candidates:
        return _Candidates._make(column[rows] for column in self)

    def followed_by(self, others: _Candidates) -> _Candidates:
        return _Candidates._make(np.concatenate(pair) for pair in zip(self, others, strict=True))


def reconstruct(rng: np.random.Generator, truth: Truth, fake_scale: float = 1.0) -> Events:
    """Turn true leptons into NanoAOD-like columns.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of every random number.
    truth : Truth
        The true leptons of n events.
    fake_scale : float
        Factor on the number of fake leptons: jets beside a Z make more of them.

    Returns
    -------
    Events
        n events without run, luminosity block and event number.
    """
    muons = _collection(rng, truth, MUON_RESPONSE, fake_scale)
    electrons = _collection(rng, truth, ELECTRON_RESPONSE, fake_scale)
    return Events(_event_columns(rng, truth), muons, electrons)


def _collection(rng: np.random.Generator, truth: Truth, response: Response, fake_scale: float) -> Leptons:
    prompt, fakes = _seen(rng, truth, response), _fakes(rng, len(truth.flavour), response, fake_scale)
    both = prompt.followed_by(fakes)
    leptons = both.take(np.lexsort((-both.pt, both.event)))
    counts = np.bincount(leptons.event, minlength=len(truth.flavour)).astype(np.int32)
    return Leptons(counts, _columns(rng, leptons, response))


def _seen(rng: np.random.Generator, truth: Truth, response: Response) -> _Candidates:
    """Leave out what is lost, radiate and smear the rest."""
    event, slot = np.nonzero(truth.flavour == response.flavour)
    true_pt, eta = truth.momentum.pt[event, slot], truth.momentum.eta[event, slot]
    n = len(event)
    loss = np.exp(rng.uniform(np.log(0.005), np.log(response.hardest_loss), n))
    radiated = true_pt * np.where(rng.random(n) < response.radiating, 1.0 - loss, 1.0)
    constant, stochastic, forward = response.resolution
    width = np.hypot(constant + forward * np.abs(eta), stochastic / np.sqrt(np.maximum(radiated, 1.0)))
    pt = radiated * np.maximum(1.0 + width * rng.normal(size=n), 0.05)
    efficiency = response.plateau * (1.0 - np.exp(-true_pt / response.turn_on))
    keep = (rng.random(n) < efficiency) & (np.abs(eta) < response.highest_eta) & (pt > response.lowest_pt)
    phi = truth.momentum.phi[event, slot] + rng.normal(0.0, 5e-4, n)
    everything = _Candidates(
        event, truth.charge[event, slot], pt, eta + rng.normal(0.0, 5e-4, n), phi, np.zeros(n, dtype=bool)
    )
    return everything.take(np.nonzero(keep)[0])


def _fakes(rng: np.random.Generator, events: int, response: Response, scale: float) -> _Candidates:
    """Soft leptons from hadrons, or hadrons taken for leptons: falling pt, flat in eta, either charge."""
    event = np.repeat(np.arange(events), rng.poisson(scale * response.fakes, events))
    n = len(event)
    pt = response.lowest_pt + rng.exponential(response.fake_pt, n)
    eta, phi = rng.uniform(-response.highest_eta, response.highest_eta, n), rng.uniform(-np.pi, np.pi, n)
    return _Candidates(event, rng.choice(np.array([-1, 1]), n), pt, eta, phi, np.ones(n, dtype=bool))


def _columns(rng: np.random.Generator, leptons: _Candidates, response: Response) -> Columns:
    n = len(leptons.event)
    wrapped = (leptons.phi + np.pi) % (2.0 * np.pi) - np.pi
    mass = np.full(n, LEPTON_MASS[response.flavour])
    values: dict[str, Floats] = {"pt": leptons.pt, "eta": leptons.eta, "phi": wrapped, "mass": mass}
    values |= _isolation(rng, leptons, response) | _impact(rng, leptons, response)
    names = MUON_COLUMNS if response.flavour == MUON else ELECTRON_COLUMNS
    charge = leptons.charge.astype(np.int32)
    return {name: charge if name == "charge" else values[name].astype(np.float32) for name in names}


def _isolation(rng: np.random.Generator, leptons: _Candidates, response: Response) -> dict[str, Floats]:
    """Draw energy around the lepton over its pt: little and often none when prompt, a jet's when fake."""
    n = len(leptons.pt)
    narrow = np.where(leptons.fake, rng.gamma(2.0, 0.5, n), rng.exponential(response.cone_energy, n) / leptons.pt)
    ring = np.where(leptons.fake, 0.3 * leptons.pt, 0.78 * response.cone_energy)
    wide = narrow + rng.exponential(1.0, n) * ring / leptons.pt
    lost = leptons.fake & (rng.random(n) < 0.1)
    return {
        "pfRelIso03_all": np.where(lost, NOT_COMPUTED, narrow),
        "pfRelIso04_all": np.where(lost, NOT_COMPUTED, wide),
    }


def _impact(rng: np.random.Generator, leptons: _Candidates, response: Response) -> dict[str, Floats]:
    """Draw distances from the vertex in cm: unit pulls if prompt, displaced or of another vertex if fake."""
    n = len(leptons.pt)
    constant, per_momentum = response.vertex_error
    error = (constant + per_momentum / leptons.pt) * rng.lognormal(0.0, 0.2, n)
    along = 1.6 * error * np.cosh(0.5 * leptons.eta) * rng.lognormal(0.0, 0.2, n)
    flight = np.where(leptons.fake, rng.exponential(0.04, n) * (rng.random(n) < 0.75), 0.0)
    pile_up = leptons.fake & (rng.random(n) < 0.15)
    offset = np.where(pile_up, rng.normal(0.0, 5.0, n), flight * rng.normal(size=n))
    side = rng.choice(np.array([-1.0, 1.0]), n)
    return {
        "dxy": error * rng.normal(size=n) + side * flight,
        "dxyErr": error,
        "dz": along * rng.normal(size=n) + offset,
        "dzErr": along,
    }


def _event_columns(rng: np.random.Generator, truth: Truth) -> Columns:
    """Primary vertex and missing transverse momentum, f32 but for the number of vertices."""
    n = len(truth.flavour)
    vertices = (1 + rng.poisson(14.0, n)).astype(np.int32)
    spread = 2.5 * np.sqrt(vertices)
    px, py = (component + spread * rng.normal(size=n) for component in (truth.missing.px, truth.missing.py))
    floats = {
        "PV_x": rng.normal(0.070, 0.003, n),
        "PV_y": rng.normal(0.062, 0.003, n),
        "PV_z": rng.normal(0.0, 5.5, n),
        "MET_pt": np.hypot(px, py),
        "MET_phi": np.arctan2(py, px),
    }
    return {"PV_npvs": vertices} | {name: column.astype(np.float32) for name, column in floats.items()}
