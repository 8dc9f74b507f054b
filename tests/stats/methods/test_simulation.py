"""Statistics of simulation as a source of its own: against a model in which its parameters are explicit."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.stats.fits.fit import fit
from hzdsl.stats.methods.asimov import asimov_of
from hzdsl.stats.methods.breakdown import SIMULATION, STATISTICAL, breakdown, groups_of
from hzdsl.stats.methods.impacts import impacts
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.setup.pretended import ASIMOV, Pretended, asimov
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Added, Channel, Factor, Norm, Process, TemplateModel

SIGNAL, BACKGROUND = np.array([2.0, 12.0, 15.0]), np.array([40.0, 30.0, 9.0])
ERRORS, COUNTS = np.array([6.0, 4.0, 3.0]), np.array([52.0, 40.0, 31.0])
OWN = tuple(f"prop_binsr_bin{b}" for b in range(3))


def model(explicit: bool, group: str = "autoMCStats") -> TemplateLikelihood:
    lumi = (Norm("lumi", 1.2, 1 / 1.2),)
    added = Added(OWN, ERRORS) if explicit else None
    processes = (
        Process("signal", SIGNAL, factors=(Factor("r"),)),
        Process("background", BACKGROUND, errors=ERRORS, norms=lumi, added=added),
    )
    parameters = [
        Parameter("r", 1.0, -20.0, 20.0, interest=True),
        Parameter("lumi", constraint=Normal(), groups=("x",)),
    ]
    if explicit:
        parameters += [Parameter(n, constraint=Normal(), groups=(group,)) for n in OWN]
    channel = Channel("sr", processes, counts=COUNTS, profiled=None if explicit else np.ones(3, bool))
    return TemplateLikelihood(TemplateModel((channel,), Parameters(parameters)))


def test_the_breakdown_has_a_row_of_it() -> None:
    found, wanted = breakdown(model(explicit=False)), breakdown(model(explicit=True))
    assert list(found.in_turn) == list(wanted.in_turn) == ["x", SIMULATION, STATISTICAL]
    for kind in ("alone", "in_turn"):
        for name, sides in getattr(wanted, kind).items():
            assert getattr(found, kind)[name] == pytest.approx(sides, rel=2e-4), (kind, name)
    assert found.total == pytest.approx(wanted.total, rel=1e-4)
    parts = [np.square(found.in_turn[n]) for n in found.in_turn]
    np.testing.assert_allclose(np.sqrt(np.sum(parts, axis=0)), found.total, rtol=1e-6)


def test_groups_that_are_said_have_it_beside_them() -> None:
    likelihood = model(explicit=False)
    assert list(groups_of(likelihood, {"mine": ["lumi"]})) == ["mine", SIMULATION]
    assert not groups_of(likelihood.with_simulation_frozen(), {})
    explicit = groups_of(model(explicit=True))
    assert (explicit[SIMULATION].names, explicit[SIMULATION].simulation) == (OWN, False)
    assert list(groups_of(model(explicit=True, group="mine"))) == ["x", "mine"]


def test_impacts_have_it_as_a_group() -> None:
    found, wanted = impacts(model(explicit=False)), impacts(model(explicit=True))
    assert found.groups[SIMULATION]["r"] == pytest.approx(wanted.groups[SIMULATION]["r"], rel=2e-4)


def test_frozen_it_is_no_source() -> None:
    likelihood = model(explicit=False)
    frozen = likelihood.with_simulation_frozen(fit(likelihood).values)
    found = breakdown(frozen)
    assert SIMULATION not in found.in_turn
    assert found.in_turn[STATISTICAL] == pytest.approx(breakdown(likelihood).in_turn[STATISTICAL], rel=1e-5)


def test_asimov_data_a_priori_do_not_know_the_data() -> None:
    likelihood = model(explicit=False)
    x = likelihood.parameters.values
    nominal, fitted = asimov_of(likelihood, {"r": 2.0}), asimov_of(likelihood, {"r": 2.0}, x)
    np.testing.assert_array_equal(nominal.channels["sr"], 2 * SIGNAL + BACKGROUND)
    np.testing.assert_array_equal(nominal.statistics["sr"], np.zeros(3))
    assert np.abs(fitted.statistics["sr"]).min() > 0.01
    same = asimov(likelihood, Pretended(ASIMOV, (("r", 2.0),))).observation
    np.testing.assert_array_equal(same.channels["sr"], nominal.channels["sr"])
