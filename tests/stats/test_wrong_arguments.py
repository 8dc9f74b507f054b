"""Everything public in statistics, with wrong arguments: it works all the same, or says what is wrong and how to mend it."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.stats.roles import ROLES, role_of
from tests.stats import wrong_arguments as given

FUNCTIONS = [name for name in hz.stats.__all__ if inspect.isfunction(getattr(hz.stats, name))]
#: Of results of runs, which have tests of their own, and of files.
ELSEWHERE = {"filled_channel", "filled_rows", "read"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused_in_words(call: Callable[..., Any], right: dict[str, Any], then: Callable[[Any], Any] = repr) -> int:
    """Call with each argument replaced by each wrong thing; return how many were refused, all of them in words."""
    refused = 0
    for name in right:
        for what, make in given.WRONG.items():
            if name == "how" and what == "none":
                continue  # a thousand toys, which is right
            try:
                then(call(**{**right, name: make()}))
            except HzdslError as error:
                refused += 1
                assert error.fix, (name, what, str(error))
                assert error.place is not None, (name, what, str(error))
                assert error.place.source in (__file__, given.__file__), (name, what, str(error))
            except Exception as error:
                raise AssertionError(f"{name} is {what}: {type(error).__name__}: {error}") from error
    return refused


def right_arguments(name: str) -> dict[str, Any]:
    """Return right arguments of a function: all it needs, and a way to throw few toys."""
    found = {}
    for p in inspect.signature(getattr(hz.stats, name)).parameters.values():
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and (p.default is p.empty or p.name == "how"):
            found[p.name] = given.RIGHT.get((name, p.name), given.RIGHT.get(p.name, lambda: None))()
    return found


@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - ELSEWHERE))
def test_functions(name: str) -> None:
    function, right = getattr(hz.stats, name), right_arguments(name)
    function(**right)
    optional = [p for p in inspect.signature(function).parameters.values() if p.name not in right]
    named = [p for p in optional if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    assert refused_in_words(function, {**right, **{p.name: p.default for p in named}}) >= 5 * len(right)


@pytest.mark.parametrize("name", given.MADE)
def test_densities_and_what_they_are_made_of(name: str) -> None:
    call, right = given.MADE[name]
    call(**right)
    assert refused_in_words(call, right) > 5


@pytest.mark.parametrize("name", given.RECORDS)
def test_records(name: str) -> None:
    right, then = given.RECORDS[name]
    record = getattr(hz.stats, name)
    then(record(**right))
    assert refused_in_words(record, right, then) > 5


def test_every_density_and_every_record_is_tried() -> None:
    assert {*hz.pdf.__all__} - given.MADE.keys() == set()
    made_by_others = {"FitResult", "FilledChannel", "Likelihood", "JointLikelihood", "BinnedPart"}
    assert {*hz.stats.__all__} - {*FUNCTIONS} - given.RECORDS.keys() - made_by_others == set()


def test_every_argument_has_a_role() -> None:
    """So that a new kind of argument is not forgotten in the table."""
    for name in FUNCTIONS:
        function = inspect.unwrap(getattr(hz.stats, name))
        for p in inspect.signature(function).parameters.values():
            if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                assert role_of(p, function.__globals__) is not None, f"{name}: {p}"
    assert len(ROLES) > 20


SAID: dict[str, tuple[Callable[[], Any], str, str]] = {
    "a model without data": (lambda: hz.stats.fit(given.UNBINNED), "arguments", "UnbinnedLikelihood(model, "),
    "a model of templates": (lambda: hz.stats.fit(given.TEMPLATES), "arguments", "fix: TemplateLikelihood(model)"),
    "a fit instead": (lambda: hz.stats.limits(given.fitted()), "arguments", "the likelihood that was fitted"),
    "a path instead": (lambda: hz.stats.fit("card.txt"), "arguments", "read('card.txt')"),
    "no grid": (lambda: hz.stats.scan(given.binned(), "r"), "arguments", "{'r': np.linspace(0, 3, 31)}"),
    "no parameter": (lambda: hz.stats.fit(given.binned(), fixed={"lum": 0}), "name-unknown", "did you mean lumi?"),
    "few values": (lambda: hz.stats.fit(given.binned(), start=[1.0]), "parameter", "2 numbers, one for each parameter"),
    "bounds": (lambda: hz.stats.fit(given.binned(), bounds={"r": (3, 1)}), "parameter", "low below high"),
    "a method": (lambda: hz.stats.fit(given.binned(), method="migard"), "arguments", "did you mean migrad?"),
    "no argument": (lambda: hz.stats.fit(given.binned(), minoss="r"), "arguments", "minoss"),
    "no covariance": (
        lambda: hz.stats.postfit(given.binned(), given.without_covariance()), "fit", "covariance=True",
    ),
    "no correlations": (lambda: hz.stats.correlations(given.without_covariance()), "fit", "has no covariance"),
    "another fit": (
        lambda: hz.stats.postfit(hz.stats.UnbinnedLikelihood(given.UNBINNED, given.ROWS), given.fitted()),
        "arguments", "a fit of another model: its parameters are others (r)",
    ),
    "a name of nothing": (lambda: hz.stats.signficance, "attribute", "did you mean significance?"),
    "bounds of a parameter": (lambda: hz.parameter("a", 1.0, bounds=(5, 1)), "parameter", "reversed"),
    "NaN as a bound": (lambda: hz.parameter("a", 1.0, bounds=(float("nan"), 1)), "parameter", "a bound of"),
    "a constraint": (lambda: hz.parameter("a", 1.0, constraint=(1, 2)), "parameter", "hz.normal(center, sigma)"),
    "bounds of a record": (
        lambda: hz.stats.TemplateLikelihood(
            hz.stats.TemplateModel(given.BINS, hz.stats.Parameters([hz.stats.Parameter("r", 1, 5, 0), given.PARAMETERS[1]]))
        ),
        "parameter", "low below high",
    ),
    "fields": (lambda: hz.stats.Rows(column={}), "arguments", "no value of columns and no field column"),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def test_how_it_is_said(what: str) -> None:
    call, code, said = SAID[what]
    with pytest.raises(HzdslError) as caught:
        call()
    assert caught.value.code == code
    assert said in str(caught.value)
    assert caught.value.place is not None
    assert caught.value.place.source == __file__


def test_what_is_meant_is_understood() -> None:
    """One name for several, a fit for its values, values by name for all, one channel for a model of one."""
    likelihood, result = given.binned(), given.fitted()
    assert [*hz.stats.fit(likelihood, minos="r").minos] == ["r"]
    assert hz.stats.fit(likelihood, start={"r": 3.0}).valid
    assert hz.stats.fit(likelihood, start=result).valid
    assert hz.stats.fit(likelihood, bounds={"r": (0, None)}).valid
    assert hz.stats.scan(likelihood, {"r": [1.0]}, best=result).minus_2_delta_ln_l.shape == (1,)
    assert hz.stats.UnbinnedModel(given.CHANNEL).channels == (given.CHANNEL,)
    assert len(hz.stats.UnbinnedLikelihood(given.UNBINNED, given.ROWS["mumu"]).observation.channels["mumu"]) == 20
    assert hz.parameter("a", 1.0, groups="theory").node.attrs == hz.parameter("a", 1.0, groups=["theory"]).node.attrs
    assert isinstance(hz.stats.Process("a", [1.0]).contents, np.ndarray)


def test_functions_are_found_again() -> None:
    """By pickle, which sends them to other processes by name, and by whoever reads their help."""
    assert pickle.loads(pickle.dumps(hz.stats.fit)) is hz.stats.fit
    assert (hz.stats.fit.__doc__ or "").startswith("Find the minimum")
    assert "minos" in inspect.signature(hz.stats.fit).parameters


def test_rows_are_drawn_after_a_fit() -> None:
    from hzdsl.plot.inference import plot_rows

    result = hz.stats.fit(hz.stats.UnbinnedLikelihood(given.UNBINNED, given.ROWS))
    for values in (result, result.named()):
        legend = plot_rows(given.CHANNEL, given.ROWS["mumu"], values).axes[0].get_legend()
        assert legend is not None
    with pytest.raises(HzdslError, match="values are"):
        plot_rows(given.CHANNEL, given.ROWS["mumu"], "r")
