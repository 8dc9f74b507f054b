"""What is frozen, by names, words and groups: parameters, and bins whose statistics of simulation is profiled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.adjusting import Adjustments, adjusted, frozen_after_fit
from hzdsl.stats.setup.opening import opened
from tests.stats.combine.cards import write

CONSTRAINED = {"lumi", "asym", "scale", "tilt"}


@pytest.fixture(scope="module")
def likelihood(tmp_path_factory: pytest.TempPathFactory) -> JointLikelihood:
    """Bins 0 and 1 are profiled, 2 and 3 have parameters of single processes."""
    folder: Path = tmp_path_factory.mktemp("card")
    found = opened([str(write(folder, "sr autoMCStats 72\nG group = lumi asym\n"))]).likelihood
    assert found.profiled["sr"].tolist() == [True, True, False, False]
    return found


def left(likelihood: JointLikelihood) -> list[int]:
    """Return which bins are still profiled."""
    return [int(b) for flags in likelihood.profiled.values() for b in np.flatnonzero(flags)]


@pytest.mark.parametrize(
    ("fixed", "groups", "names", "bins"),
    [
        (("allConstrainedNuisances",), (), "all and bins", []),
        ((), ("autoMCStats",), "bins", []),
        ((), ("^autoMCStats",), "all", [0, 1]),
        ((), ("^G",), "others and bins", []),
        (("prop_binsr_bin1",), (), "", [0]),
        (("rgx{prop_binsr_bin[0-9]}",), (), "", []),
        (("rgx{prop_.*bkg}", "lumi"), (), "lumi and bkg", [0, 1]),
        ((), (), "", [0, 1]),
    ],
)
def test_what_is_meant(
    likelihood: JointLikelihood, fixed: tuple[str, ...], groups: tuple[str, ...], names: str, bins: list[int]
) -> None:
    of_bins = {n for n in likelihood.parameters.names if n.startswith("prop_")}
    wanted = {
        "all and bins": CONSTRAINED | of_bins, "bins": of_bins, "all": CONSTRAINED, "": set(),
        "others and bins": {"scale", "tilt"} | of_bins,
        "lumi and bkg": {"lumi"} | {n for n in of_bins if n.endswith("bkg")},
    }[names]  # fmt: skip
    found = adjusted(likelihood, Adjustments(fixed=fixed, groups=groups))
    assert {p.name for p in found.parameters if p.fixed} == wanted
    assert left(found) == bins
    x = likelihood.parameters.values
    if bins != [0, 1]:
        assert found.value(x) > likelihood.value(x)


def test_frozen_before_a_fit_they_are_nominal_and_after_it_at_their_best_values(likelihood: JointLikelihood) -> None:
    wanted = Adjustments(fixed=("allConstrainedNuisances", "MH"), optional=("MH",), fit_first=True)
    best = fit(likelihood)
    free = adjusted(likelihood, wanted)
    assert left(free) == [0, 1]
    after = frozen_after_fit(free, wanted)
    assert left(after) == []
    assert {p.name for p in after.parameters if not p.fixed} == {"r"}
    assert fit(after).value("r") == pytest.approx(best.value("r"), abs=1e-3)
    assert fit(after).minimum == pytest.approx(best.minimum, abs=1e-5)
    np.testing.assert_allclose(after.asimov(best.values).channels["sr"], likelihood.asimov(best.values).channels["sr"])
    before = adjusted(likelihood, Adjustments(fixed=("allConstrainedNuisances",)))
    assert fit(before).minimum > best.minimum + 0.01
    np.testing.assert_array_equal(before.asimov(best.values).statistics["sr"], np.zeros(4))


@pytest.mark.parametrize(("fixed", "groups"), [(("prop_binsr_bin2",), ()), (("rgx{prop_.*X}",), ()), ((), ("auto",))])
def test_what_does_not_exist(likelihood: JointLikelihood, fixed: tuple[str, ...], groups: tuple[str, ...]) -> None:
    with pytest.raises(HzdslError) as caught:
        adjusted(likelihood, Adjustments(fixed=fixed, groups=groups))
    assert caught.value.code == "name-unknown"
