"""Random events made to disagree on: df103's cut variables on, just below and just above every threshold.

Four leptons of a resonance, central enough to be selected often, then spoilt: values moved to thresholds, NaN
and infinities in isolation, impact parameters, their errors and eta (never in pt or phi, where ROOT's own
df103 passes NaN or is undefined), zero errors, collimated and mirrored pairs, masses scaled to the edges of
the windows, copies, extra leptons, any order, negative electron masses.
"""

from pathlib import Path

import numpy as np

from hzdsl.demo import spectra
from hzdsl.demo.events import ELECTRON_COLUMNS, EVENT_COLUMNS, MET_COLUMNS, MUON_COLUMNS, Events, Leptons
from hzdsl.demo.files import write_events
from hzdsl.demo.four_vectors import DecayAngles, boost, four_leptons

ELECTRON, MUON = 11, 13
MASS = {ELECTRON: np.float32(0.000511), MUON: np.float32(0.10566)}
KINDS = {"4mu": (1, 0, 0), "4e": (0, 1, 0), "2e2mu": (0, 0, 1), "mixed": (0.36, 0.32, 0.32)}
CODECS = (("ZLIB", 1), ("LZ4", 4), ("LZMA", 1), ("ZSTD", 3))
BASKETS = (97, 1000, 4096, 1_000_000)
FIRST_EVENTS = (0, 2**32 - 500, 2**53 - 500, 2**63 - 500)

THRESHOLDS = {
    "pt": (5.0, 7.0, 10.0, 20.0),
    "eta": (2.4, 2.5, -2.4, -2.5),
    "pfRelIso03_all": (0.4, -0.4),
    "pfRelIso04_all": (0.4, -0.4),
    "dxy": (0.5, -0.5),
    "dz": (1.0, -1.0),
}
SPOILT = ("eta", "pfRelIso03_all", "pfRelIso04_all", "dxy", "dxyErr", "dz", "dzErr")
STRANGE = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 3e38], dtype=np.float32)


def write_random_events(path, seed, entries, kind="mixed"):
    """Write `entries` adversarial events for df103 to a ROOT file.

    Parameters
    ----------
    path : str or Path
        The file, replaced if it exists.
    seed : int
        Decides everything: events, codec, basket size, first event number.
    entries : int
        Number of events.
    kind : str
        "mixed", or only "4mu", "4e" or "2e2mu".
    """
    events = random_events(seed, entries, kind)
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    codec, basket = CODECS[rng.integers(len(CODECS))], BASKETS[rng.integers(len(BASKETS))]
    write_events([events], Path(path), codec=codec, basket=max(basket, entries // 200))


def random_events(seed, entries, kind="mixed"):
    """Return the events of `write_random_events` as columns."""
    rng = np.random.Generator(np.random.PCG64([seed, 0]))
    table = _four_leptons(rng, entries, kind)
    for disturb in (_scale_masses, _scale_all, _collimate, _mirror, _copy_one, _misfit_charge):
        disturb(rng, table)
    flat = _flatten(table, rng.random((entries, 4)) < 0.97)
    flat = _join(flat, _extra_leptons(rng, flat, entries))
    flat["pt"] = np.maximum(flat["pt"], np.float32(1.0))  # a negative mass stays far below the momentum
    for disturb in (_touch_thresholds, _touch_significance, _make_strange, _touch_phi, _negative_mass):
        disturb(rng, flat)
    return _collect(rng, flat, entries)


# --- events of four leptons: arrays of shape (n, 4) --------------------------------------------------------


def _four_leptons(rng, n, kind):
    """Z1 and Z2 of wide mass ranges from a system between 80 and 400 GeV; charges alternate."""
    first = np.where(
        rng.random(n) < 0.6, spectra.breit_wigner(rng, spectra.Z, (60.0, 120.0), n), rng.uniform(30, 130, n)
    )
    second = np.where(rng.random(n) < 0.6, rng.uniform(8.0, 60.0, n), rng.uniform(60.0, 130.0, n))
    total = np.where(rng.random(n) < 0.5, 125.0, 0.0)
    total = np.maximum(total, (first + second) * (1.0 + rng.exponential(0.2, n)))
    angles = DecayAngles(*(rng.uniform(-w, w, n) for w in (1.0, np.pi, 1.0, np.pi, 1.0, np.pi)))
    rest = four_leptons((total, first, second), angles, (np.zeros(n), np.zeros(n)))
    pt, y = spectra.transverse_momentum(rng, 20.0, n), rng.normal(0.0, 0.5, n)
    p = boost(rest, total, pt, rng.uniform(-np.pi, np.pi, n), y)
    pairs = np.array([(MUON, MUON), (ELECTRON, ELECTRON), (ELECTRON, MUON), (MUON, ELECTRON)])
    share = np.array([*KINDS[kind][:2], KINDS[kind][2] / 2.0, KINDS[kind][2] / 2.0])
    chosen = rng.choice(4, size=n, p=share / share.sum())
    table = {name: getattr(p, name).astype(np.float32) for name in ("pt", "eta", "phi")}
    table["flavour"] = pairs[chosen].repeat(2, axis=1)
    table["charge"] = np.tile(np.array([-1, 1, -1, 1], dtype=np.int32), (n, 1))
    return table | _quality(rng, (n, 4))


def _quality(rng, shape):
    """Isolation and impact parameters that pass."""
    error, along = rng.uniform(0.001, 0.006, shape), rng.uniform(0.002, 0.01, shape)
    values = {
        "pfRelIso03_all": rng.exponential(0.05, shape),
        "pfRelIso04_all": rng.exponential(0.06, shape),
        "dxy": error * rng.normal(size=shape),
        "dxyErr": error,
        "dz": along * rng.normal(size=shape),
        "dzErr": along,
    }
    return {name: column.astype(np.float32) for name, column in values.items()}


def _chosen(rng, n, share):
    return np.nonzero(rng.random(n) < share)[0]


def _mass(table, rows, i, j):
    """Mass of massless leptons i and j in float64."""
    pt, eta, phi = (table[name][rows].astype(np.float64) for name in ("pt", "eta", "phi"))
    return np.sqrt(2.0 * pt[:, i] * pt[:, j] * (np.cosh(eta[:, i] - eta[:, j]) - np.cos(phi[:, i] - phi[:, j])))


def _scale_masses(rng, table):
    """Put a pair's mass on 12, 40, 120, on an integer (df103 truncates) or on m_Z, to the last bits."""
    for i, j in ((0, 1), (2, 3)):
        rows = _chosen(rng, len(table["pt"]), 0.15)
        k = len(rows)
        integers = rng.integers(80, 110, k).astype(np.float64)
        edges = rng.choice(np.array([12.0, 40.0, 120.0, 91.2]), k)
        factor = np.where(rng.random(k) < 0.4, integers, edges) / np.maximum(_mass(table, rows, i, j), 1e-3)
        for lepton in (i, j):
            scaled = (table["pt"][rows, lepton] * np.minimum(factor, 1e3)).astype(np.float32)
            table["pt"][rows, lepton] = _nudged(scaled, rng.integers(-1, 2, k))


def _scale_all(rng, table):
    """Make all pairs heavier than 183.4 GeV, farther from m_Z than the -1 with which df103 begins."""
    rows = _chosen(rng, len(table["pt"]), 0.01)
    table["pt"][rows] *= rng.choice(np.array([2.0, 20.0], dtype=np.float32), (len(rows), 1))


def _collimate(rng, table):
    """Put the leptons of both pairs 0.02 apart, so hard that their masses stay in the windows."""
    rows = _chosen(rng, len(table["pt"]), 0.05)
    k = len(rows)
    for (i, j), mass in (((0, 1), rng.uniform(35.0, 125.0, k)), ((2, 3), rng.uniform(10.0, 90.0, k))):
        apart = np.where(rng.random(k) < 0.7, 0.02, rng.uniform(0.0, 0.05, k))
        turn = np.where(rng.random(k) < 0.5, rng.integers(0, 4, k) * np.pi / 2.0, rng.uniform(-np.pi, np.pi, k))
        eta, phi = table["eta"][rows, i], table["phi"][rows, i]
        table["eta"][rows, j] = _nudged((eta + apart * np.cos(turn)).astype(np.float32), rng.integers(-1, 2, k))
        shifted = (phi + apart * np.sin(turn) + np.pi) % (2.0 * np.pi) - np.pi
        table["phi"][rows, j] = shifted.astype(np.float32)
        table["pt"][rows[:, None], [[i, j]]] = (mass / np.maximum(apart, 0.01)).astype(np.float32)[:, None]


def _mirror(rng, table):
    """Give Z2 the mass of Z1: the same leptons on the other side."""
    rows = _chosen(rng, len(table["pt"]), 0.03)
    table["pt"][rows, 2:] = table["pt"][rows, :2]
    table["eta"][rows, 2:] = -table["eta"][rows, :2]
    table["phi"][rows, 2:] = -table["phi"][rows, :2]


def _copy_one(rng, table):
    """Make one lepton an exact copy of another."""
    rows = _chosen(rng, len(table["pt"]), 0.02)
    source, target = rng.integers(0, 4, len(rows)), rng.integers(0, 4, len(rows))
    for column in table.values():
        column[rows, target] = column[rows, source]


def _misfit_charge(rng, table):
    """Draw charges anew, now and then 0 or 2."""
    rows = _chosen(rng, len(table["pt"]), 0.08)
    table["charge"][rows] = rng.choice(
        np.array([-1, 1, 0, 2], dtype=np.int32), (len(rows), 4), p=[0.48, 0.48, 0.02, 0.02]
    )


# --- leptons: flat arrays with the event they belong to ----------------------------------------------------


def _flatten(table, kept):
    event, slot = np.nonzero(kept)
    return {"event": event} | {name: column[event, slot] for name, column in table.items()}


def _join(first, second):
    return {name: np.concatenate([first[name], second[name]]) for name in first}


def _extra_leptons(rng, flat, entries):
    """Give some events up to five more leptons, good or bad, or copies of leptons of other events."""
    number = np.where(rng.random(entries) < 0.12, rng.integers(1, 6, entries), 0)
    event = np.repeat(np.arange(entries), number)
    n = len(event)
    if len(flat["event"]) == 0:
        event, n = event[:0], 0
    source = rng.integers(0, max(len(flat["event"]), 1), n)
    extra = {name: column[source] for name, column in flat.items()} | {"event": event}
    soft = rng.random(n) < 0.3
    extra["pt"] = np.where(soft, rng.uniform(3.0, 9.0, n), extra["pt"]).astype(np.float32)
    return extra


def _nudged(values, steps):
    """Move float32 values by -1, 0 or +1 unit in the last place."""
    return np.where(steps == 0, values, np.nextafter(values, np.where(steps < 0, -np.inf, np.inf).astype(np.float32)))


def _touch_thresholds(rng, flat):
    """Put one variable of some leptons on a threshold, the last float before it or the first after it."""
    for name, thresholds in THRESHOLDS.items():
        rows = _chosen(rng, len(flat["pt"]), 0.03)
        value = rng.choice(np.array(thresholds, dtype=np.float32), len(rows))
        flat[name][rows] = _nudged(value, rng.integers(-1, 2, len(rows)))
        if name in {"dxy", "dz"}:  # keep the significance below 4, so that the distance decides
            flat[f"{name}Err"][rows] = np.abs(value) * rng.choice(np.array([0.3, 1.0], dtype=np.float32), len(rows))


def _touch_significance(rng, flat):
    """Make sip3d exactly 4, or one float beside it."""
    rows = _chosen(rng, len(flat["pt"]), 0.04)
    for name in ("dxy", "dz"):
        side = rng.choice(np.array([-4.0, 4.0], dtype=np.float32), len(rows))
        flat[name][rows] = _nudged(side * flat[f"{name}Err"][rows], rng.integers(-1, 2, len(rows)))


def _make_strange(rng, flat):
    """Put NaN, infinities, zeros, the smallest and nearly the largest float where ROOT is defined on them."""
    for name in SPOILT:
        rows = _chosen(rng, len(flat["pt"]), 0.006)
        flat[name][rows] = rng.choice(STRANGE, len(rows))
    rows = _chosen(rng, len(flat["pt"]), 0.004)
    for name in ("dxyErr", "dzErr"):
        flat[name][rows] = 0.0
    rows = rows[rng.random(len(rows)) < 0.5]
    for name in ("dxy", "dz"):
        flat[name][rows] = 0.0


def _touch_phi(rng, flat):
    """Put phi on plus or minus pi as a float32, which is beyond pi, and beside it."""
    rows = _chosen(rng, len(flat["pt"]), 0.03)
    edge = rng.choice(np.array([-np.pi, np.pi, 0.0], dtype=np.float32), len(rows))
    flat["phi"][rows] = _nudged(edge, rng.integers(-1, 2, len(rows)))


def _negative_mass(rng, flat):
    """Give electrons and muons their mass, few electrons a negative one, as reconstruction sometimes does."""
    electron = flat["flavour"] == ELECTRON
    flat["mass"] = np.where(electron, MASS[ELECTRON], MASS[MUON])
    rows = np.nonzero(electron & (rng.random(len(electron)) < 0.02))[0]
    flat["mass"][rows] = -rng.choice(np.array([0.0, 1e-4, 0.005, 0.05], dtype=np.float32), len(rows))


# --- files -------------------------------------------------------------------------------------------------


def _collect(rng, flat, entries):
    """Sort most events by falling pt, leave the others in any order, and add the event columns."""
    sorted_event = rng.random(entries)[flat["event"]] < 0.7
    key = np.where(sorted_event, -flat["pt"].astype(np.float64), rng.random(len(flat["pt"])))
    order = np.lexsort((key, flat["event"]))
    flat = {name: column[order] for name, column in flat.items()}
    collections = []
    for flavour, names in ((MUON, MUON_COLUMNS), (ELECTRON, ELECTRON_COLUMNS)):
        mine = flat["flavour"] == flavour
        counts = np.bincount(flat["event"][mine], minlength=entries).astype(np.int32)
        collections.append(Leptons(counts, {name: flat[name][mine] for name in names}))
    first = np.uint64(FIRST_EVENTS[rng.integers(len(FIRST_EVENTS))])
    per_event = {
        name: rng.uniform(0, 100, entries).astype(kind) for name, kind in (EVENT_COLUMNS | MET_COLUMNS).items()
    }
    per_event["event"] = first + rng.permutation(entries).astype(np.uint64)
    return Events(per_event, *collections)
