"""Models opened by what is in their files, parameters changed, data pretended."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.parameters import Counted, Normal, random_value
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.adjusting import Adjustments, adjusted, without_effect
from hzdsl.stats.setup.channels import names_of, separated
from hzdsl.stats.setup.opening import Reading, kind_of, opened
from hzdsl.stats.setup.pretended import Pretended, asimov, named, origin

CARD = """
bin sr cr
observation 12 60
bin sr sr cr
process h b b
process 0 1 1
rate 5 8 50
lumi lnN 1.1 1.1 1.1
scale rateParam * b 1 [0,5]
side gmN 16 - 0.5 -
"""
SAMPLES = [
    {"name": "h", "data": [5.0, 3.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
    {"name": "b", "data": [50.0, 20.0], "modifiers": [
        {"name": "size", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}}]},
]  # fmt: skip
DOCUMENT = {
    "version": "1.0.0",
    "channels": [{"name": name, "samples": SAMPLES} for name in ("one", "two")],
    "observations": [{"name": "one", "data": [53.0, 24.0]}, {"name": "two", "data": [60.0, 24.0]}],
    "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
}


@pytest.fixture
def likelihood(tmp_path: Path) -> JointLikelihood:
    (tmp_path / "card.txt").write_text(CARD)
    return opened([str(tmp_path / "card.txt")]).likelihood


def test_files_are_told_apart_by_what_is_in_them(tmp_path: Path) -> None:
    contents = {
        "datacard": CARD.encode(),
        "HistFactory": json.dumps(DOCUMENT).encode(),
        "HS3": b'\n {"metadata": {"hs3_version": "0.2"}}',
    }
    for kind, content in contents.items():
        (tmp_path / "plain").write_bytes(content)
        (tmp_path / "packed").write_bytes(gzip.compress(content))
        assert kind_of(str(tmp_path / "plain")) == kind_of(str(tmp_path / "packed")) == kind


@pytest.mark.parametrize(
    ("content", "code"), [(b"root\0\0", "file-format"), (b'{"a": 1}', "file-format"), (b"{", "spec-format")]
)
def test_files_that_say_no_model(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(HzdslError) as caught:
        kind_of(str(tmp_path / "x"))
    assert caught.value.code == code


def test_documents_are_not_combined(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT))
    with pytest.raises(HzdslError, match="is no datacard"):
        opened([str(path), str(path)])
    with pytest.raises(HzdslError, match="says itself what multiplies its samples"):
        opened([str(path)], Reading(masks=True))


def test_documents_have_a_parameter_per_channel_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT))
    found = opened([str(path)])
    apart = separated(found.likelihood, found.per_channel, "mu", names_of("mu", ["one", "two"]))
    assert apart.parameters.interest == ("mu_one", "mu_two")
    x = found.likelihood.parameters.values
    assert apart.value(apart.parameters.values) == pytest.approx(found.likelihood.value(x), rel=1e-12)
    one, two = fit(apart).value("mu_one"), fit(apart).value("mu_two")
    assert one < two


def test_values_ranges_and_what_is_fixed(likelihood: JointLikelihood) -> None:
    wanted = Adjustments(
        values=(("rgx{l.*}", 0.5), ("r", 3.0), ("no", 1.0)), ranges=(("r", (2.0, np.nan)),), fixed=("scale",),
        optional=("no",),
    )  # fmt: skip
    found = adjusted(likelihood, wanted).parameters
    assert (found["lumi"].value, found["r"].value, found["r"].low, found["r"].high) == (0.5, 3, 2, 20)
    assert found["scale"].fixed
    moved = adjusted(likelihood, Adjustments(ranges=(("r", (2.0, 4.0)),))).parameters["r"]
    assert moved.value == 2  # it starts within its range where nobody said otherwise
    every = adjusted(likelihood, Adjustments(fixed=("allConstrainedNuisances",), floating=("lumi",))).parameters
    assert {p.name for p in every if p.fixed} == {"lumi", "side"}


def test_what_is_of_interest(likelihood: JointLikelihood) -> None:
    found = adjusted(likelihood, Adjustments(interest=("scale", "r"), only=("scale",))).parameters
    assert found.interest == ("scale",)
    assert found["r"].fixed
    both = adjusted(likelihood, Adjustments(interest=("scale", "r"), only=("scale",), others_float=True)).parameters
    assert not both["r"].fixed


def test_parameters_that_change_nothing(likelihood: JointLikelihood, tmp_path: Path) -> None:
    assert without_effect(likelihood, likelihood.parameters.names) == ()
    (tmp_path / "b.txt").write_text(CARD.replace("process 0 1 1", "process 2 1 1"))
    assert without_effect(opened([str(tmp_path / "b.txt")]).likelihood, ["r", "scale"]) == ("r",)


def test_asimov_data_are_of_nominal_parameters_or_of_a_fit(likelihood: JointLikelihood) -> None:
    wanted = named(likelihood, Pretended(-1, (("", 2.0),)))
    assert wanted.expected == (("r", 2.0),)
    counts = asimov(likelihood, wanted).observation.channels
    assert [float(np.asarray(counts[c])[0]) for c in ("sr", "cr")] == pytest.approx([18.5, 50])  # gmN starts at N + 1
    after = Pretended(-1, (("r", 2.0),), fitted=True)
    at = origin(likelihood, after)
    held = fit(likelihood, fixed={"r": 2.0})
    assert at == pytest.approx(held.values, abs=1e-4)
    moved = asimov(likelihood, after).observation.centers[likelihood.parameters.index("lumi")]
    assert moved == pytest.approx(held.value("lumi"), abs=1e-4)


def test_parameters_are_drawn_from_what_was_measured_of_them() -> None:
    rng = np.random.default_rng(1)
    several = [Normal(2.0, 0.5), Normal(0.0, 2.0, 1.0), Counted(16.0, 4.0)]
    means = [np.mean([random_value(c, rng) for _ in range(20_000)]) for c in several]
    # A bifurcated normal law has its mean at √(2/π) (σ₊ - σ₋) above the centre; a Γ variable of n + 1 at (n + 1)/scale.
    assert means == pytest.approx([2.0, np.sqrt(2 / np.pi), 17 / 4], abs=0.05)
