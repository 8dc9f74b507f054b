"""What models are refused, and what their size does to what is compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hzdsl.backends.passes.program import write
from hzdsl.errors import HzdslError
from hzdsl.stats.compiled import Graph
from hzdsl.stats.lists import THETA
from hzdsl.stats.parameters import Counted, Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Gammas, Norm, Process, Shape, TemplateModel
from tests.stats.templates.models import nuisances


def large(channels: int, bins: int, processes: int, effects: int, gammas: bool = True) -> TemplateModel:
    """Return a model of so many nuisance parameters, each with a norm in every process and a shape in one."""
    rng = np.random.default_rng(5)
    names = [f"n{k}" for k in range(effects)]
    made, parameters = [], [Parameter("r", 1.0, interest=True), *nuisances(*names)]
    for c in range(channels):
        own = names[c % max(1, effects // 10) :: max(1, effects // 10)] if channels > 1 else names
        found = []
        shared = Gammas(tuple(f"g{c}_{b}" for b in range(bins)))
        for p in range(processes):
            h = rng.uniform(5, 50, bins)
            norms = tuple(Norm(n, 1.05, 0.96) for n in own)
            shapes = tuple(Shape(n, 0.02 * h, -0.03 * h) for n in own[p::processes])
            factors = (Factor("r"),) if p == 0 else ()
            found.append(Process(f"p{p}", h, norms=norms, shapes=shapes, factors=factors, gammas=(shared,) * gammas))
        made.append(Channel(f"c{c}", tuple(found), np.sum([p.contents for p in found], axis=0)))
        parameters += [Parameter(f"g{c}_{b}", 1.0, constraint=Counted(50, 50)) for b in range(bins) if gammas]
    return TemplateModel(tuple(made), Parameters(parameters))


def texts(model: TemplateModel) -> list[str]:
    """Return what is compiled for a model."""
    graph: Graph = TemplateLikelihood(model)._code.graph
    assert graph.theta is THETA
    return [write(nodes)[0] for nodes in ([graph.result], [graph.result, *graph.slopes], graph.bends)]


def test_the_size_does_not_change_what_is_compiled() -> None:
    """10 or 1000 nuisance parameters, 1 or 3 channels: the same text, which object code is kept by."""
    assert texts(large(1, 7, 2, 10)) == texts(large(3, 50, 8, 1000))


def test_a_model_of_ten_thousand_parameters() -> None:
    """At nominal values the data are as expected: nothing moves."""
    model = large(100, 90, 3, 1000)
    assert len(model.parameters) > 10_000
    likelihood = TemplateLikelihood(model)
    _, slopes = likelihood.value_and_gradient(likelihood.parameters.values)
    assert np.max(np.abs(slopes)) < 1e-9


H = np.array([1.0, 2.0])
OK = Process("b", H)
Change = Callable[[Process], Process]
REFUSED: dict[str, tuple[Change, str]] = {
    "contents": (lambda p: replace(p, contents=np.ones(3)), "3 numbers for 2 bins"),
    "contents that are no numbers": (lambda p: replace(p, contents=np.array([1.0, np.nan])), "nan in bin 1"),
    "errors": (lambda p: replace(p, errors=np.ones(1)), "1 numbers for 2 bins"),
    "factors of bins": (lambda p: replace(p, gammas=(Gammas(("a",)),)), "1 numbers for 2 bins"),
    "shapes": (lambda p: replace(p, shapes=(Shape("a", H, np.ones(3)),)), "3 numbers for 2 bins"),
    "shapes that are infinite": (lambda p: replace(p, shapes=(Shape("a", H, H * np.inf),)), "inf in bin 0"),
    "mixed shapes": (lambda p: replace(p, shapes=(Shape("a", H, H), Shape("b", H, H, log=True))), "one way"),
    "other logarithms": (lambda p: replace(p, shapes=(Shape("a", H, H, "code4p", log=True),)), "'combine'"),
    "unknown parameters": (lambda p: replace(p, factors=(Factor("c"),)), "no parameter 'c'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_models_that_do_not_fit_are_refused(case: str) -> None:
    change, words = REFUSED[case]
    channel = Channel("c", (change(OK),), H)
    with pytest.raises(HzdslError, match=words) as caught:
        TemplateLikelihood(
            TemplateModel((channel,), Parameters([*nuisances("a"), Parameter("b", constraint=Normal())]))
        )
    assert caught.value.code in ("model", "name-unknown")


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (Channel("c", (), H), "no process"),
        (Channel("c", (OK,), np.array([1.0, np.nan])), "counts of channel 'c'"),
        (Channel("c", (OK,), np.array([1.0, np.inf])), "counts of channel 'c' are inf in bin 1"),
        (Channel("c", (OK,), np.array([1.0, -2.0])), "counts of channel 'c' are -2 in bin 1"),
        (Channel("c", (replace(OK, errors=np.array([-0.5, 1.0])),), H), "the errors of .* are -0.5 in bin 0"),
        (Channel("c", (replace(OK, errors=np.array([np.inf, 1.0])),), H), "the errors of .* are inf in bin 0"),
        (Channel("c", (OK,), H, profiled=np.ones(1, bool)), "flags"),
    ],
)
def test_channels_that_do_not_fit_are_refused(channel: Channel, words: str) -> None:
    with pytest.raises(HzdslError, match=words) as caught:
        TemplateLikelihood(TemplateModel((channel,), Parameters([])))
    assert caught.value.code == "model"


@pytest.mark.parametrize("rate", [np.nan, -np.inf])
def test_rates_that_are_no_numbers_are_refused(rate: float) -> None:
    with pytest.raises(HzdslError, match=f"the rate of process 'b': {rate}"):
        replace(OK, rate=rate)


def test_channels_of_one_name_are_refused() -> None:
    with pytest.raises(HzdslError, match="two channels have one name: c, c") as caught:
        TemplateLikelihood(TemplateModel((Channel("c", (OK,), H), Channel("c", (OK,), H)), Parameters([])))
    assert caught.value.code == "name-twice"


@pytest.mark.parametrize("given", [(0, 0), (0, -1), (0, np.nan), (0, np.inf), (np.nan, 1), (np.inf, 1), (0, 1, 0.0)])
def test_normal_constraints_that_are_no_measurements_are_refused(given: tuple[float, ...]) -> None:
    with pytest.raises(HzdslError, match="is no measurement") as caught:
        Normal(*given)
    assert (caught.value.code, caught.value.fix) == ("parameter", "Normal(center, sigma), sigma above 0")


@pytest.mark.parametrize("given", [(-1,), (np.inf,), (np.nan,), (3, 0.0), (3, np.inf)])
def test_counts_that_are_no_measurements_are_refused(given: tuple[float, ...]) -> None:
    with pytest.raises(HzdslError, match="is no measurement") as caught:
        Counted(*given)
    assert caught.value.code == "parameter"
