"""Methods with toys: the same bits on any number of threads, exact probabilities, failures that are counted."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import exp, factorial

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.blas import _Inside, _pools, one_thread
from hzdsl.stats.methods.bias import bias, spurious_signal
from hzdsl.stats.methods.coverage import coverage, written
from hzdsl.stats.methods.feldman_cousins import Region, feldman_cousins
from hzdsl.stats.methods.goodness import goodness, statistic_of
from hzdsl.stats.methods.look_elsewhere import global_significance, local_scan, toy_scans
from hzdsl.stats.methods.probabilities import ToyPValue, p_from_toys
from hzdsl.stats.methods.repeated import repeated
from hzdsl.stats.methods.significance import toy_significance
from hzdsl.stats.methods.statistics import compared, q_zero
from hzdsl.stats.methods.toy_limits import toy_limits
from hzdsl.stats.methods.toys import How, Origin, ToyFailed, thrown
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from tests.stats.likelihoods import Gaussian, Templates, counting, on_off, r_of, templates, thirty
from tests.stats.templates.models import MODELS


def poisson(n: int, mean: float) -> float:
    return exp(-mean) * mean**n / factorial(n)


def test_the_same_bits_on_any_number_of_threads() -> None:
    likelihood = thirty(nuisances=20)
    x = likelihood.parameters.values
    one, two, three = (
        thrown(likelihood, x, partial(q_zero, poi="r"), How(55, seed=3, threads=n)).array for n in (1, 2, 3)
    )
    assert one.tobytes() == two.tobytes() == three.tobytes()


class Owned(Templates):
    """Is evaluated by the thread alone that made it, or a copy of it."""

    owner: int | None = None

    def fresh(self):
        made = super().fresh()
        made.owner = threading.get_ident()
        return made

    def data_terms(self, x):
        assert self.owner == threading.get_ident()
        return super().data_terms(x)

    def toy(self, x, rng, centers=True):
        assert self.owner == threading.get_ident()
        return super().toy(x, rng, centers)


@pytest.mark.parametrize("threads", [1, 3])
def test_no_thread_uses_the_likelihood_of_another(threads: int) -> None:
    plain = counting(5, 8, 9)
    owned = Owned(plain.parameters, plain.counts(), plain.model)
    how = How(60, threads=threads)
    work = partial(q_zero, poi="r")
    assert thrown(owned, np.ones(1), work, how).array.tolist() == thrown(plain, np.ones(1), work, how).array.tolist()


def test_compiled_likelihoods_have_the_same_toys_on_any_number_of_threads() -> None:
    likelihood = TemplateLikelihood(MODELS["several channels"])

    def counts(toy, origin):
        return np.concatenate([np.asarray(n) for n in toy.observation.channels.values()])

    x = likelihood.parameters.values
    one, four = (thrown(likelihood, x, counts, How(200, seed=2, threads=n)).array for n in (1, 4))
    assert one.tobytes() == four.tobytes()


def test_linear_algebra_has_one_thread_meanwhile() -> None:
    """And as many as before afterwards."""
    pools = _pools()
    before = [get() for get, _ in pools]
    with one_thread():
        assert [get() for get, _ in pools] == [1] * len(pools)
    assert [get() for get, _ in pools] == before
    if sys.platform == "linux":
        assert pools


def test_linear_algebra_of_several_threads_has_one_until_the_last_is_done() -> None:
    """Threads that overlap without one being within the other: the first to enter leaves first."""
    threads = [4]
    inside = _Inside([(lambda: threads[-1], threads.append)])
    inside.enter()
    inside.enter()
    inside.leave()
    assert threads[-1] == 1
    inside.leave()
    assert threads == [4, 1, 4]
    first, second = one_thread(), one_thread()
    before = [get() for get, _ in _pools()]
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert [get() for get, _ in _pools()] == [1] * len(before)
    second.__exit__(None, None, None)
    assert [get() for get, _ in _pools()] == before


def test_the_first_toys_of_more_are_the_same() -> None:
    likelihood = counting(5, 8, 9)
    few, many = (
        thrown(likelihood, np.ones(1), lambda toy, origin: toy.counts()[0], How(n, seed=3)).array for n in (7, 80)
    )
    assert few.tolist() == many[:7].tolist()
    other = thrown(likelihood, np.ones(1), lambda toy, origin: toy.counts()[0], How(7, seed=3, stream=1)).array
    assert few.tolist() != other.tolist()


def made() -> Templates:
    """What is made where the work is done: a local function of the model cannot be pickled."""
    return on_off(20, 10, 2)


def test_other_processes_make_their_own_likelihood() -> None:
    here = thrown(made(), np.array([5.0, 5.0]), partial(q_zero, poi="r"), How(30, seed=2))
    with ProcessPoolExecutor(2) as executor:
        how = How(30, seed=2, executor=executor)
        there = thrown(made, np.array([5.0, 5.0]), partial(q_zero, poi="r"), how)
    assert here.array.tobytes() == there.array.tobytes()


def test_failures_are_counted_with_their_reasons() -> None:
    told = []

    def picky(toy, origin):
        if toy.counts()[0] % 2:
            raise ToyFailed("an odd number of events")
        return toy.counts()[0]

    toys = thrown(counting(5, 8, 9), np.ones(1), picky, How(50, progress=lambda *a: told.append(a)))
    assert toys.failures == {"an odd number of events": toys.failed}
    assert toys.failed + len(toys.results) == 50
    assert [n for n in range(50) if n not in toys.numbers]
    assert told[-1] == (50, 50, "toys")
    assert "toys failed" in p_from_toys(1.0, toys.array, toys.failed).text()


def test_global_observables_are_drawn_or_stay() -> None:
    likelihood = on_off(20, 10, 2)

    def center(toy, origin):
        return toy.observation.centers[1]

    x = np.array([5.0, 5.0])
    assert set(thrown(likelihood, x, center, How(20, centers=False)).results) == {10.0}
    assert len(set(thrown(likelihood, x, center, How(20)).results)) > 3


def test_p_value_of_toys_is_exact() -> None:
    """One bin, b known: p is the tail of a Poisson distribution; toys equal to the data count."""
    n, b = 13, 8.0
    exact = 1 - sum(poisson(k, b) for k in range(n))
    found = toy_significance(counting(5, b, n), how=How(400, seed=4)).found
    assert abs(found.p - exact) < 4 * np.sqrt(exact * (1 - exact) / 400)
    assert found.z_error == pytest.approx(found.error / (np.exp(-0.5 * found.z**2) / np.sqrt(2 * np.pi)), rel=1e-9)


def test_no_excess_is_not_significant() -> None:
    found = toy_significance(counting(5, 20, 10), how=How(30)).found
    assert found.p == 1.0


def poisson_belt(mu: float, b: float, level: float) -> set[int]:
    """The counts that Feldman and Cousins accept, by their construction."""
    counts = range(60)
    ratio = {n: poisson(n, mu + b) / poisson(n, max(0.0, n - b) + b) for n in counts}
    accepted: set[int] = set()
    total = 0.0
    for n in sorted(counts, key=lambda n: -ratio[n]):
        if total >= level:
            break
        accepted.add(n)
        total += poisson(n, mu + b)
    return accepted


@pytest.mark.parametrize(("n", "low", "high"), [(5, 0.0, 6.99), (6, 0.15, 8.47), (7, 0.89, 9.53)])
def test_the_belt_of_the_paper(n, low, high) -> None:
    """Table IV of PRD 57 (1998) 3873: b = 3, 90 %. The construction that toys are compared with is the paper's."""
    grid = np.arange(0, 12, 0.01)
    inside = [mu for mu in grid if n in poisson_belt(mu, 3.0, 0.9)]
    assert (inside[0], inside[-1]) == pytest.approx((low, high), abs=0.016)


@pytest.mark.parametrize(("n", "inside", "outside"), [(5, [3.0], [9.0]), (7, [4.0], [0.0])])
def test_feldman_cousins_of_a_poisson_number(n, inside, outside) -> None:
    likelihood = counting(1.0, 3.0, n, r_of(high=40.0))
    grid = np.array(sorted([*inside, *outside]))
    found = feldman_cousins(likelihood, {"r": grid}, How(120, seed=1), level=0.9)
    assert {p[0] for p in found.accepted} == set(inside)
    for (mu,), p in found.p.items():
        ratio = {k: poisson(k, mu + 3) / poisson(k, max(0.0, k - 3) + 3) for k in range(60)}
        exact = sum(poisson(k, mu + 3) for k in ratio if ratio[k] <= ratio[n] * (1 + 1e-9))
        assert abs(p.p - exact) < 0.01 + 4 * np.sqrt(exact * (1 - exact) / 120)


def test_feldman_cousins_of_a_bounded_normal() -> None:
    """Table X: a measured 0 with a mean that is not negative, 90 %: [0, 1.64]; of -1, [0, 0.81]."""

    def measured(x0):
        mean = Parameter("mean", 0.5, 0.0, 10.0, interest=True)
        return Gaussian([x0], mean, Parameter("sigma", 1.0, fixed=True))

    for x0, end in ((0.0, 1.64), (-1.0, 0.81)):
        found = feldman_cousins(measured(x0), {"mean": [end - 0.3, end + 0.3]}, How(200, seed=2), level=0.9)
        assert found.accepted == ((pytest.approx(end - 0.3),),)
        assert found.intervals[0][1] == pytest.approx(end, abs=0.3)


def test_other_bounds_are_those_of_conditional_fits_too() -> None:
    """A nuisance parameter that stays above 1: at no point is it fitted below, neither to data nor to toys."""
    likelihood = templates([5.0], [100.0], [80.0], norms=[0.2], r=r_of(low=-20.0))
    bounds = {"norm0": (1.0, 3.0)}
    found = feldman_cousins(likelihood, {"r": [-8.4, -6.4]}, How(30, seed=3), bounds=bounds)
    mean = np.array([-8.4, -6.4]) * 5 + 100 * np.exp(0.2)
    assert found.best == (pytest.approx((80 - 100 * np.exp(0.2)) / 5, abs=1e-4),)
    rises = 2 * (mean - 80 - 80 * np.log(mean / 80))
    assert [p.observed for p in found.p.values()] == pytest.approx(rises, abs=1e-4)
    origin = Origin(likelihood.parameters.values, None)
    _, rise = compared(likelihood, origin, {"r": -6.4}, bounds)
    assert rise == pytest.approx(rises[1], abs=1e-4)


def test_feldman_cousins_of_two_parameters() -> None:
    likelihood = Gaussian(np.random.default_rng(1).normal(0, 1, 50))
    found = feldman_cousins(likelihood, {"mean": [0.0, 1.0], "sigma": [1.0]}, How(40))
    assert found.accepted == ((0.0, 1.0),)
    with pytest.raises(HzdslError, match="no interval"):
        _ = found.intervals


def test_a_region_may_be_empty() -> None:
    found = Region(("r",), (np.arange(2.0),), 0.95, (0.0,), {(float(k),): ToyPValue(1.0, 0, 99) for k in range(2)})
    assert found.intervals == ()
    assert "no r of the grid at 95 %" in found.text()


def test_feldman_cousins_intervals_with_a_gap() -> None:
    """Two intervals are told as two, at both levels; where the grid ends, that is said."""
    x = np.arange(6.0)
    p = {(float(v),): ToyPValue(1.0, n, 99) for v, n in zip(x, (9, 69, 0, 0, 39, 9), strict=True)}
    found = Region(("r",), (x,), 0.95, (1.0,), p)
    assert [pytest.approx(i) for i in found.intervals] == [(0.0, 1 + 65 / 69), (3.1025641, 5.0)]
    assert len(found.pieces(0.683)) == 2
    (table,) = found.tables()
    assert "r in [0, 1.94] or [3.10, 5.00] at 95 %, as far as the grid goes" in table.note
    assert "at 68.27 %" in table.note
    assert found.data()["intervals"]["0.95"] == found.intervals


def test_goodness_of_the_true_model_is_uniform() -> None:
    """Saturated: the χ² of as many degrees of freedom as bins, less one for r."""
    likelihood = templates([5.0, 3.0, 2.0], [300.0, 400.0, 500.0], [310.0, 380.0, 505.0])
    found = goodness(likelihood, "saturated", How(300, seed=2))
    assert found.toys["all"].mean() == pytest.approx(2.5, abs=0.5)
    assert 0.02 < found.p["all"].p < 0.95


def test_goodness_of_a_wrong_model() -> None:
    wrong = templates([1.0, 1.0, 1.0], [300.0, 400.0, 500.0], [500.0, 400.0, 300.0])
    for statistic in ("saturated", "ks", "ad"):
        assert goodness(wrong, statistic, How(40)).p["all" if statistic == "saturated" else "bin"].p == 1 / 41


def test_kolmogorov_smirnov_by_hand() -> None:
    likelihood = templates([0.0, 0.0], [1.0, 1.0], [1.0, 3.0])
    assert statistic_of(likelihood, np.ones(1), "ks") == {"bin": 0.25}
    with pytest.raises(HzdslError, match="there is no test 'kss'"):
        goodness(likelihood, "kss")


def test_pulls_of_the_right_model() -> None:
    likelihood = thirty(nuisances=6)
    found = bias(likelihood, likelihood.parameters.values, how=How(60, seed=5))
    assert abs(found.mean) < 4 * found.mean_error
    assert abs(found.width - 1) < 4 * found.width_error + 0.1
    assert not found.failures


def test_another_background_is_a_bias() -> None:
    """Fitted with a background that is 10 % too low, whose signal must stand for the rest."""
    truth = templates([20.0], [100.0], [100.0], r=r_of(low=-20.0))
    fitted = templates([20.0], [90.0], [100.0], r=r_of(low=-20.0))
    found = bias(truth, np.array([1.0]), fitted, how=How(60, seed=5))
    assert found.values.mean() - 1 == pytest.approx(0.5, abs=0.3)


def test_spurious_signal() -> None:
    truth = templates([20.0], [100.0], [100.0], r=r_of(low=-20.0))
    fitted = {str(b): templates([20.0], [b], [100.0], r=r_of(low=-20.0)) for b in (90.0, 100.0)}
    found = spurious_signal(truth, np.array([0.0]), fitted)
    assert found.found["90.0"].signal == pytest.approx(0.5, abs=1e-6)
    assert found.found["90.0"].error == pytest.approx(0.5, abs=1e-6)
    assert found.found["100.0"].signal == pytest.approx(0.0, abs=1e-6)
    assert found.largest == pytest.approx(1.0, abs=1e-5)


def test_observations_go_from_one_model_to_another_by_name() -> None:
    """The other model has one more parameter, before those that both have."""
    truth = templates([20.0], [100.0], [100.0], norms=[0.1], r=r_of(low=-20.0))
    fitted = templates([20.0], [100.0], [100.0], norms=[0.2, 0.1], r=r_of(low=-20.0))
    renamed = fitted.with_parameters(
        Parameters(
            [fitted.parameters[0], Parameter("extra", constraint=Normal()), Parameter("norm0", constraint=Normal())]
        )
    )
    found = bias(truth, np.array([1.0, 0.0]), renamed, how=How(30, seed=5))
    assert abs(found.mean) < 5 * found.mean_error


def test_coverage_of_a_normal_sample(tmp_path) -> None:
    likelihood = Gaussian(np.zeros(100))
    found = coverage(likelihood, np.array([3.0, 2.0]), ("mean", "sigma"), How(100, seed=9), model="normal")
    for c in found.parameters:
        assert abs(c.coverage - 0.6827) < 4 * c.coverage_error
        assert abs(c.mean) < 0.5
        assert 0.7 < c.width < 1.3
    path = tmp_path / "coverage.txt"
    written(path, [found], "Coverage, written by make toys")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("Coverage, written by make toys\n\ncoverage of normal\n")
    assert "seed 9" in text
    with pytest.raises(HzdslError, match="cannot be written"):
        written(tmp_path / "no" / "where.txt", [found], "")


def peak(n, bins=40) -> Templates:
    """A narrow peak at `mass` on a flat background: its mass has no meaning without signal."""
    at = (np.arange(bins) + 0.5) / bins
    width, b = 0.03, np.full(bins, 50.0)

    def model(x):
        shape = np.exp(-0.5 * ((at - x[1]) / width) ** 2) * 10
        slope = x[0] * shape * (at - x[1]) / width**2
        bend = shape * ((at - x[1]) ** 2 / width**4 - 1 / width**2)

        def second(w):
            cross = w @ (shape * (at - x[1]) / width**2)
            return np.array([[0.0, cross], [cross, x[0] * (w @ bend)]])

        zero = np.zeros_like(b)
        return {"s": x[0] * shape, "b": b}, {"s": np.vstack([shape, slope]), "b": np.vstack([zero, zero])}, second

    mass = Parameter("mass", 0.5, 0.0, 1.0)
    return Templates(Parameters([r_of(0.0, 0.0, 50.0), mass]), n, model)


def test_look_elsewhere() -> None:
    rng = np.random.default_rng(3)
    likelihood = peak(rng.poisson(50.0, 40).astype(float))
    counts = likelihood.counts().copy()
    counts[20:22] += 22
    found = local_scan(
        likelihood.given(type(likelihood.observation)({"bin": counts}, likelihood.observation.centers)),
        "mass",
        np.linspace(0.1, 0.9, 33),
    )
    assert found.peak[0] == pytest.approx(0.525, abs=0.03)
    assert found.failed == 0
    scans = toy_scans(likelihood, "mass", np.linspace(0.1, 0.9, 33), how=How(25, seed=1))
    mean = scans.mean_upcrossings()
    assert 1 < mean[0] < 9
    result = global_significance(found, mean)
    assert result.local_p < result.p < 1
    assert result.p == pytest.approx(result.local_p + mean[0] * np.exp(-0.5 * (found.peak[1] - 0.5)), rel=1e-9)
    assert scans.p(found.peak[1]).p <= 3 / 26


def always(toy, origin):
    raise ToyFailed("the moon is full")


def test_all_toys_failed_is_no_probability() -> None:
    with pytest.raises(HzdslError, match=r"toys: all 30 failed: the moon is full \(30\)") as caught:
        thrown(counting(5, 8, 9), np.ones(1), always, How(30, threads=2))
    assert caught.value.code == "fit"


def test_a_method_without_numbers_has_failed() -> None:
    def odd(toy):
        return {"events": toy.counts()[0]} if toy.counts()[0] % 2 else {}

    found = repeated(counting(5, 8, 9), np.ones(1), odd, How(40), what="parity")
    assert found.failures == {"there are no numbers": 40 - len(found.values["events"])}
    assert (found.values["events"] % 2 == 1).all()


@pytest.mark.parametrize("level", [95, 0, 1, -0.1, float("nan")])
def test_levels_are_probabilities(level: float) -> None:
    likelihood = counting(5, 8, 9)
    for method in (lambda: toy_limits(likelihood, level=level, points=[1.0], how=How(5)),
                   lambda: feldman_cousins(likelihood, {"r": [1.0]}, How(5), level=level)):  # fmt: skip
        with pytest.raises(HzdslError, match="is not between 0 and 1") as caught:
            method()
        assert caught.value.code == "options"


def test_of_which_there_must_be_some() -> None:
    with pytest.raises(HzdslError, match="0 toys on 1 threads"):
        thrown(counting(5, 8, 9), np.ones(1), partial(q_zero, poi="r"), How(0))
