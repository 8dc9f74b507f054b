"""The seed dialect's blocks mean what they mean there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hzdsl as hz
from hzdsl import GeV
from hzdsl.text import loads

ev = hz.events("nanoaod")
mu, el = ev.Muon, ev.Electron


def skipping(pairs: Any) -> Any:
    """Candidates without a positive, finite mass are no candidates in that dialect."""
    return pairs[(pairs.mass > 0) & hz.isfinite(pairs.mass)]


def test_objects() -> None:
    loaded = loads(
        """
        [objects.good]
        source = "Muon"
        cuts = ["pt > 5 GeV", "abs(eta) < 2.4"]
        [objects.Electron]
        source = "Electron"
        cuts = ["pt > 7 GeV"]
        [objects.same]
        source = "good"
        """
    )
    assert loaded.good.pt.node is mu[(mu.pt > 5 * GeV) & (abs(mu.eta) < 2.4)].pt.node
    assert loaded.same.pt.node is loaded.good.pt.node
    assert loaded.Electron.pt.node is el[el.pt > 7 * GeV].pt.node


PAIRS = """
[derived.first]
kind = "pair"
object = "Muon"
constraints = ["opposite_charge", "same_flavor"]
selection = "nearest_mass_truncated"
target = "91.2 GeV"
[derived_objects.second]
kind = "pair"
object = "Muon"
exclude = ["first"]
[derived.third]
kind = "pair"
object = "Muon"
selection = "nearest_mass"
target = 91.2
filters = ["dR > 0.3", "leading_pt > 20 GeV", "mass > 12 GeV"]
[derived.h]
kind = "candidate"
items = ["first", "second"]
"""


def test_pairs() -> None:
    loaded = loads(PAIRS)
    opposite = hz.pair(mu).opposite_charge().same_flavor()
    first = skipping(opposite).nearest_mass_truncated(91.2)
    assert loaded.first.mass.node is first.mass.node
    rest = (mu - first).sort(-(mu - first).pt)
    second = skipping(hz.pair(rest))[0]
    assert loaded.second.mass.node is second.mass.node
    assert loaded.h.mass.node is (first + second).mass.node


def test_filters() -> None:
    pairs = skipping(hz.pair(mu.sort(-mu.pt)))
    apart = hz.delta_r(pairs.leg1, pairs.leg2)
    leading = hz.maximum(pairs.leg1.pt, pairs.leg2.pt)
    chosen = pairs[(apart > 0.3) & (leading > 20 * GeV) & (pairs.mass > 12 * GeV)].nearest(91.2)
    loaded = loads(PAIRS)
    assert loaded.third.mass.node is chosen.mass.node
    assert loaded.third.min_delta_r.node is not None


def test_combinations() -> None:
    loaded = loads(
        """
        [objects.good]
        source = "Muon"
        [derived.z_mu]
        kind = "combine"
        items = ["good", "good"]
        filters = ["dR >= 0.02"]
        [derived.z_el]
        kind = "combine"
        items = ["Electron", "Electron"]
        [derived.h]
        kind = "combine"
        items = ["z_mu", "z_el"]
        filters = ["mass > 70 GeV"]
        """
    )
    near = mu[hz.delta_r(mu[0], mu[1]) >= 0.02]
    assert loaded.z_mu.mass.node is (near[0] + near[1]).mass.node
    assert loaded.z_el.mass.node is (el[0] + el[1]).mass.node
    assert loaded.h.mass.node.type.optional
    heavy = ((near[0] + near[1]) + (el[0] + el[1])).mass > 70 * GeV
    both = near[heavy], el[heavy]
    assert loaded.h.mass.node is ((both[0][0] + both[0][1]) + (both[1][0] + both[1][1])).mass.node


def test_a_filter_on_chosen_pairs_keeps_them_disjoint() -> None:
    loaded = loads(
        PAIRS + "[derived.heavy]\nkind = 'combine'\nitems = ['first', 'second']\nfilters = ['mass > 70 GeV']\n"
    )
    assert loaded.heavy.mass.node.type.optional
    text = PAIRS.replace(
        'object = "Muon"\nexclude', 'object = "Muon"\nselection = "nearest_mass"\ntarget = 91.2\nexclude'
    )
    chosen = loads(
        text + "[derived.heavy]\nkind = 'combine'\nitems = ['first', 'second']\nfilters = ['mass > 70 GeV']\n"
    )
    assert chosen.heavy.mass.node.type.optional


def test_what_lacks(refused: Callable[[str], str]) -> None:
    found = refused("[derived.z]\nkind = 'pair'\nobject = 'Muon'\nselection = 'nearest_mass'\n")
    assert found.startswith("error[spec-key]: derived.z lacks the key 'target'")
    assert refused("[derived.z]\nkind = 'pair'\nobject = 'MET'\n").startswith("error[arguments]:")
    assert refused("[objects.z]\nsource = 'MET'\n").startswith("error[arguments]: the source of objects.z is 'MET'")
