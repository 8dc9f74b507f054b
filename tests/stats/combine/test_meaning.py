"""What cards mean: rates, shapes and statistics against plain formulas of STATS §3."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.combine.model import Meaning, read_model
from hzdsl.stats.combine.physics import FinalStates, FloatingProduction, multi_signal
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.parameters import Counted, Normal
from tests.stats.combine.cards import DATA, ERRORS, NOMINAL, log_normal, morphed, rate, write


def thetas(seed: int, size: float) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    found = {name: float(rng.normal(0, size)) for name in ("lumi", "asym", "scale", "tilt")}
    return {**found, "r": float(rng.uniform(0.2, 2))}


@pytest.mark.parametrize("size", [0.2, 1.0, 2.5])
@pytest.mark.parametrize("more", ["", "sr autoMCStats 1\n", "sr autoMCStats -1\n"])
def test_expectations(tmp_path: Path, size: float, more: str) -> None:
    likelihood = read_model(str(write(tmp_path, more))).likelihood()
    for seed in range(4):
        theta = thetas(seed, size)
        x = np.array([theta[n] for n in likelihood.parameters.names])
        found = likelihood.expected(x)["sr"]
        for process in NOMINAL:
            wanted = rate(process, theta) * morphed(process, theta, normalized=not more)
            np.testing.assert_allclose(found[process], wanted, rtol=2e-6, err_msg=process)


@pytest.mark.parametrize(("more", "normalized"), [("", True), ("sr autoMCStats -1\n", False)])
def test_bins_at_the_floor(tmp_path: Path, more: str, normalized: bool) -> None:
    """Cut bins: without autoMCStats what is left is the rate, with its classes of histograms (also at -1) more."""
    likelihood = read_model(str(write(tmp_path, more))).likelihood()
    theta = {"lumi": 0.0, "asym": 0.0, "scale": 0.0, "tilt": -15.0, "r": 1.0}
    x = np.array([theta[n] for n in likelihood.parameters.names])
    wanted = rate("bkg", theta) * morphed("bkg", theta, normalized=normalized)
    assert (wanted < 1e-6).any()
    np.testing.assert_allclose(likelihood.expected(x)["sr"]["bkg"], wanted, rtol=2e-6)


def test_the_likelihood_of_profiled_bins(tmp_path: Path) -> None:
    """One Gaussian parameter for each bin, at its minimum: found by a search beside."""
    likelihood = read_model(str(write(tmp_path, "sr autoMCStats 1\n"))).likelihood()
    theta = thetas(7, 0.7)
    x = np.array([theta[n] for n in likelihood.parameters.names])
    start = likelihood.parameters.values
    means = {p: rate(p, theta) * morphed(p, theta, normalized=False) for p in NOMINAL}
    wanted = best_nll(means, {p: rate(p, theta) for p in NOMINAL})
    theta0 = dict(zip(likelihood.parameters.names, start, strict=True))
    means0 = {p: rate(p, theta0) * morphed(p, theta0, normalized=False) for p in NOMINAL}
    before = best_nll(means0, {p: rate(p, theta0) for p in NOMINAL})
    constraints = 0.5 * sum(v * v for n, v in theta.items() if n != "r")
    assert likelihood.value(x) - likelihood.value(start) == pytest.approx(wanted - before + constraints, rel=1e-6)


def best_nll(means: dict[str, np.ndarray], rates: dict[str, float]) -> float:
    from scipy.optimize import minimize_scalar

    total = 0.0
    errors = {p: ERRORS[p] * NOMINAL[p] / NOMINAL[p].sum() for p in NOMINAL}
    for b, d in enumerate(DATA):
        n = sum(float(m[b]) for m in means.values())
        e = float(np.sqrt(sum((rates[p] * errors[p][b]) ** 2 for p in means)))

        def term(nu: float, n: float = n, e: float = e, d: float = d) -> float:
            return n + nu * e - d * float(np.log(max(n + nu * e, 1e-300))) + 0.5 * nu * nu

        total += float(minimize_scalar(term, bounds=(-6, 6), method="bounded", options={"xatol": 1e-10}).fun)
    return total


def test_statistics_of_single_processes(tmp_path: Path) -> None:
    """A threshold above the effective numbers: a parameter per process and bin; of few events a Poisson one."""
    model = read_model(str(write(tmp_path, "sr autoMCStats 1000\n")))
    names = [n for n in model.parameters.names if n.startswith("prop_bin")]
    assert len(names) == 12
    top = model.parameters["prop_binsr_bin0_top"].constraint
    effective = np.floor(0.5 + 1 / ERRORS["top"] ** 2)
    assert top == Counted(effective, effective)
    assert model.parameters["prop_binsr_bin2_sig"].groups == ("autoMCStats",)
    many = read_model(str(write(tmp_path, "sr autoMCStats 100\n"))).parameters
    assert "prop_binsr_bin0_sig" not in many  # more than 100 effective events
    assert many["prop_binsr_bin3_sig"].constraint == Normal()  # of absolute errors: Combine's type 3


@pytest.mark.parametrize("threshold", [10, 100, 1000])
def test_statistics_of_single_processes_and_shapes(tmp_path: Path, threshold: int) -> None:
    """Poisson parameters multiply what shapes made of a process, Gaussian ones add its error as it was simulated.

    Errors of sig, bkg and top are of 400, 100 and 6 effective events; every fourth one of bkg is more than its content.
    """
    path = write(tmp_path, f"sr autoMCStats {threshold}\n")
    table = tmp_path / "shapes.csv"
    kept = [x for x in table.read_text().splitlines() if not x.startswith("sr,bkg,nominal,3")]
    table.write_text("\n".join([*kept, "sr,bkg,nominal,3,10.0,144.0"]) + "\n")
    likelihood = read_model(str(path)).likelihood()
    theta = thetas(3, 0.8)
    given = {n: float(v) for n, v in zip(likelihood.parameters.names, likelihood.parameters.values, strict=True)}
    rng = np.random.default_rng(1)
    at = {n: theta.get(n, v + float(rng.normal(0, 0.3))) for n, v in given.items()}
    found = likelihood.expected(np.array([at[n] for n in likelihood.parameters.names]))["sr"]
    kinds = set()
    for process, nominal in NOMINAL.items():
        errors = np.array([ERRORS[process] * v for v in nominal])
        if process == "bkg":
            errors[3] = 12.0
        wanted = morphed(process, theta, normalized=False)
        for b in range(len(nominal)):
            nu = at.get(f"prop_binsr_bin{b}_{process}")
            ratio = nominal[b] / errors[b]
            few = ratio >= 0.999 and np.floor(0.5 + ratio**2) <= threshold
            if nu is not None:
                kinds.add(few)
                wanted[b] = wanted[b] * nu if few else wanted[b] + nu * errors[b] / nominal.sum()
        np.testing.assert_allclose(found[process], rate(process, theta) * wanted, rtol=3e-6, err_msg=process)
    assert kinds == {True, False}


@pytest.mark.parametrize(("effect", "up", "down"), [("0.3", 0.3, 1 / 0.3), ("0.9/0.4", 0.4, 0.9)])
def test_columns_without_histograms_do_not_join_shapes(tmp_path: Path, effect: str, up: float, down: float) -> None:
    """A `shape?` that is a log-normal has no part in where shapes of its process become straight lines (STATS §3.3)."""
    likelihood = read_model(str(write(tmp_path, f"other shape? - - {effect}\nboth shape? - {effect} -\n"))).likelihood()
    theta = {"lumi": 0.0, "asym": 0.0, "scale": 0.0, "tilt": 0.4, "r": 1.0, "other": 0.7, "both": -0.6}
    found = likelihood.expected(np.array([theta[n] for n in likelihood.parameters.names]))["sr"]
    wanted = rate("bkg", theta) * log_normal(-0.6, down, up) * morphed("bkg", theta, normalized=True)
    np.testing.assert_allclose(found["bkg"], wanted, rtol=2e-6)


FORMULA = "a rateParam sr top (@0*@1) b,c\nb extArg 3 [0,5]\nc extArg 1 [0,5]\n"


@pytest.mark.parametrize(
    "line", ["cr gmN 4 - - 5.75\n", "cr rateParam sr top 3 [0,5]\n", FORMULA], ids=["gmN", "rateParam", "formula"]
)
def test_effective_numbers_follow_yields(tmp_path: Path, line: str) -> None:
    """Yields are those where parameters start: of gmN α(N + 1), and with rate parameters that do not start at 1."""
    found = read_model(str(write(tmp_path, f"{line}sr autoMCStats 100\n")))
    likelihood = found.likelihood()
    means = likelihood.expected(likelihood.parameters.values)["sr"]
    n = means["bkg"] + means["top"]
    square = sum((ERRORS[p] * means[p]) ** 2 for p in ("bkg", "top"))
    wanted = np.floor(0.5 + n**2 / square) > 100
    assert not wanted[0]
    assert found.templates.channels[0].profiled is not None
    assert found.templates.channels[0].profiled.tolist() == wanted.tolist()


def without_contents(folder: Path, more: str, kind: str = "shape") -> Path:
    """Return the card with an empty bin of bkg, whose error is 2."""
    path = write(folder, more)
    path.write_text(path.read_text().replace(" shape ", f" {kind} "))
    table = folder / "shapes.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join("sr,bkg,nominal,3,0.0,4.0" if x.startswith("sr,bkg,nominal,3") else x for x in lines))
    return path


@pytest.mark.parametrize("kind", ["shape", "shapeN"])
def test_statistics_of_an_empty_bin(tmp_path: Path, kind: str) -> None:
    """What is added is absolute errors, above and below (STATS §3.4); the bin as a whole is not below the floor."""
    likelihood = read_model(str(without_contents(tmp_path, "sr autoMCStats 1000\n", kind))).likelihood()
    x = likelihood.parameters.values.copy()
    nu = likelihood.parameters.index("prop_binsr_bin3_bkg")
    for at in (1.0, 2.5, -0.5):
        x[nu] = at
        assert likelihood.expected(x)["sr"]["bkg"][3] == pytest.approx(2 * at, rel=1e-6)
    x[nu] = -6.0
    assert np.isfinite(likelihood.value(x))


def test_hist_mode_2_keeps_integrals(tmp_path: Path) -> None:
    """Variations as they are stored: no factor of the rate."""
    likelihood = read_model(str(write(tmp_path, "sr autoMCStats 1 0 2\n"))).likelihood()
    x = likelihood.parameters.values.copy()
    x[likelihood.parameters.index("tilt")] = 1.0
    up = np.array([44.0, 31.0, 18.0, 8.0])
    np.testing.assert_allclose(likelihood.expected(x)["sr"]["bkg"], up, rtol=1e-6)


def test_rate_parameters_and_formulas(tmp_path: Path) -> None:
    more = "a rateParam sr top 2 [0,5]\nb rateParam sr bkg (@0*@0/4) a\na param 2 0.1\n"
    model = read_model(str(write(tmp_path, more)))
    likelihood = model.likelihood()
    x = likelihood.parameters.values.copy()
    assert model.parameters["a"].constraint == Normal(2.0, 0.1)
    x[likelihood.parameters.index("a")] = 3.0
    found = likelihood.expected(x)["sr"]
    np.testing.assert_allclose(found["top"], 3 * NOMINAL["top"], rtol=1e-6)
    np.testing.assert_allclose(found["bkg"], 9 / 4 * NOMINAL["bkg"], rtol=1e-6)


def test_channel_masks(tmp_path: Path) -> None:
    likelihood = read_model(str(write(tmp_path)), Meaning(masks=True)).likelihood()
    x = likelihood.parameters.values.copy()
    x[likelihood.parameters.index("mask_sr")] = 1.0
    y = x.copy()
    y[likelihood.parameters.index("r")] = 1.7
    assert likelihood.value(x) == likelihood.value(y)


def test_asimov_data_are_met(tmp_path: Path) -> None:
    likelihood = read_model(str(write(tmp_path, "sr autoMCStats 1\n"))).likelihood()
    asimov = likelihood.given(likelihood.asimov(likelihood.parameters.values, profiled=False))
    start = asimov.parameters.values + np.random.default_rng(3).normal(0, 0.5, len(asimov.parameters))
    start[asimov.parameters.index("r")] = 0.3
    found = fit(asimov, start=start)
    assert found.status == "valid"
    assert abs(found.value("r") - 1) < 1e-6


def test_factors_of_rates_have_six_decimals(tmp_path: Path) -> None:
    """After the power of the column (STATS §3.3)."""
    (bkg,) = (p for p in read_model(str(write(tmp_path))).templates.channels[0].processes if p.name == "bkg")
    (norm,) = (n for n in bkg.norms if n.parameter == "scale")
    assert (norm.up, norm.down) == (round(1.03**0.5, 6), round(0.97**0.5, 6))


@pytest.mark.parametrize(
    ("changed", "size", "said"),
    [
        ("sr,sig,scaleUp", "1e-9", "from 13 to 4e-09, that of sr:sig:scaleUp"),
        ("sr,sig,nominal", "0", "from 0 to 13.6, that of sr:sig:scaleUp"),
    ],
)
def test_integrals_that_are_no_factors(tmp_path: Path, changed: str, size: str, said: str) -> None:
    """What is next to nothing has 0 in six decimals; the error says the line, the process and the file."""
    path, table = write(tmp_path), tmp_path / "shapes.csv"
    if size == "0":
        path.write_text(path.read_text().replace("rate     -1 ", "rate     0.005 "))
    rows = [r.split(",") for r in table.read_text().splitlines()]
    table.write_text("\n".join(",".join([*r[:4], size, r[5]] if ",".join(r[:3]) == changed else r) for r in rows))
    with pytest.raises(HzdslError) as caught:
        read_model(str(path))
    found = str(caught.value)
    assert f"scale changes the integral of sig in channel sr {said} in {table}" in found
    assert "card.txt:13" in found


def test_two_kinds_of_shapes_of_one_process(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text().replace("tilt     shape ", "tilt     shapeN "))
    with pytest.raises(HzdslError, match=r"has shape .* and shapeN tilt") as caught:
        read_model(str(path))
    line = next(k for k, text in enumerate(path.read_text().splitlines(), 1) if text.startswith("tilt"))
    assert f"card.txt:{line}" in str(caught.value)


# ---- physics models ----


def test_final_states_keep_the_sum() -> None:
    """STATS §4.4: whatever K1 and K2, cross sections add up to sigma; at 1 they are as predicted."""
    model = FinalStates(0.25, 0.27, {"4e": "4e", "4mu": "4mu", "2e2mu": "2e2mu"})
    nodes = {s: model.scale("c", f"H_{s}", True) for s in ("4e", "4mu", "2e2mu")}
    assert model.scale("c", "zz_4e", False) is None
    from hzdsl.lang.values import Value
    from hzdsl.stats.densities.evaluate import RowEvaluator

    values = RowEvaluator([Value(n) for n in nodes.values()])
    share = np.array([0.25, 0.27, 0.48])
    for at in ({"sigma": 1.0, "K1": 1.0, "K2": 1.0}, {"sigma": 3.0, "K1": 0.4, "K2": 1.7}):
        found = np.array(values.scalars(at))
        assert found @ share == pytest.approx(at["sigma"], rel=1e-12)
        if at["K1"] == 1:
            np.testing.assert_allclose(found, 1.0, rtol=1e-12)
        else:
            assert found[0] == pytest.approx(3.0 * 0.4)
    low, high = model.parameters[1].low, model.parameters[1].high
    assert (low, high) == (0.0, 4.0)


def test_floating_production() -> None:
    model = FloatingProduction(("ggH", "VH"))
    assert [p.name for p in model.parameters] == ["r_ggH", "r_VH"]
    found = [model.scale("c", p, True) for p in ("ggH", "ggH_hgg", "WH", "qqH", "other")]
    assert found == ["r_ggH", "r_ggH", "r_VH", None, None]


@pytest.mark.parametrize(
    ("maps", "said"),
    [
        ([".*/ggH:r_ggH"], "says no range of r_ggH"),
        (["nonsense"], "cannot be read"),
        ([".*/ggH:r[1,2]"], "has no three numbers"),
    ],
)
def test_maps_that_cannot_be_read(maps: list[str], said: str) -> None:
    with pytest.raises(HzdslError, match=said):
        multi_signal(maps)


# ---- lines of other kinds ----


def test_unif_is_a_linear_factor_of_a_free_parameter(tmp_path: Path) -> None:
    """Combine: 1 + 0.2 x with x uniform in its range, in whose middle it starts (ModelTools, ProcessNormalization)."""
    likelihood = read_model(str(write(tmp_path, "u unif -1 3 - 0.2 -\n"))).likelihood()
    u = likelihood.parameters["u"]
    assert (u.value, u.low, u.high, u.constraint) == (1.0, -1.0, 3.0, None)
    x = likelihood.parameters.values.copy()
    theta = {**dict.fromkeys(("lumi", "asym", "scale", "tilt"), 0.0), "r": 1.0}
    for at in (-1.0, 0.0, 0.5, 3.0):
        x[likelihood.parameters.index("u")] = at
        found = likelihood.expected(x)["sr"]["bkg"].sum()
        assert found == pytest.approx((1 + 0.2 * at) * rate("bkg", theta), rel=1e-9)


@pytest.mark.parametrize(
    "line",
    [
        "flat constr @0-2*@1 a,b 0.3",
        "flat constr @0-2*@1 {a,b} delta[0.3]",
        "flat constr a-2*b 0.3",
        "flat constr (a-2*b)*TMath::Exp(0) a,b 0.3",
    ],
)
def test_constr_is_a_normal_term_of_a_formula(tmp_path: Path, line: str) -> None:
    free = "a rateParam sr bkg 1 [0,5]\nb rateParam sr top 2 [0,5]\n"
    without = read_model(str(write(tmp_path, free))).likelihood()
    likelihood = read_model(str(write(tmp_path, f"{free}{line}\n"))).likelihood()
    assert likelihood.parameters.names == without.parameters.names
    x = likelihood.parameters.values.copy()
    a, b = (likelihood.parameters.index(n) for n in "ab")
    x[a], x[b] = 1.4, 0.9
    term = 0.5 * ((1.4 - 2 * 0.9) / 0.3) ** 2
    assert likelihood.value(x) - without.value(x) == pytest.approx(term, rel=1e-9)
    slope = np.zeros(len(x))
    slope[[a, b]] = np.array([1.0, -2.0]) * (1.4 - 2 * 0.9) / 0.3**2
    np.testing.assert_allclose(
        likelihood.value_and_gradient(x)[1] - without.value_and_gradient(x)[1], slope, rtol=1e-7, atol=1e-7
    )
    second = np.zeros((len(x), len(x)))
    second[np.ix_([a, b], [a, b])] = np.outer([1, -2], [1, -2]) / 0.3**2
    np.testing.assert_allclose(likelihood.hessian(x) - without.hessian(x), second, rtol=1e-7, atol=1e-7)
    assert fit(likelihood).valid


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("flat constr @0-2*@1 a,c 0.3", "the constr line flat is of c, which is no parameter"),
        ("flat constr a-2*other 0.3", "the constr line flat is of other, which is no parameter"),
        ("flat constr a-2*@0 a 0", "the width 0 of the constr line flat is no number above 0"),
        ("flat constr a delta", "the width delta of the constr line flat is no number above 0"),
        ("flat constr a-+ a 0.1", "the formula a-+ of the constr line flat: the formula cannot be read"),
    ],
)
def test_constr_lines_that_mean_nothing(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(HzdslError) as caught:
        read_model(str(write(tmp_path, f"a rateParam sr bkg 1 [0,5]\n{line}\n")))
    assert said in str(caught.value)
    assert "card.txt:16" in str(caught.value)
    assert caught.value.fix
