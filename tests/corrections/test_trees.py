"""Tree ensembles against XGBoost itself: margins in every bit, probabilities within 2 units in the last place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

import hzdsl as hz
from hzdsl.backends.base import Backend, Chunk, Program
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, parse_unit
from hzdsl.lang.values import Value
from hzdsl.text import loads
from tests.backends.compare import same_bits
from tests.corrections.conftest import Write

NAMES = ("pt", "eta", "mass")
OBJECTIVES: dict[str, dict[str, Any]] = {
    "reg:squarederror": {},
    "binary:logistic": {},
    "binary:logitraw": {},
    "multi:softprob": {"num_class": 3},
}


def column(name: str, unit: Any = NONE) -> Value:
    return Value(make("column", EVENT, name=name, attr=name, dtype=DType.F32, unit=unit))


def data(seed: int, n: int) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    found = rng.normal(0, 2, (n, 3)).astype(np.float32)
    found[rng.random(found.shape) < 0.1] = np.nan
    return found


@pytest.fixture(scope="module", params=OBJECTIVES)
def trained(request, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, xgboost.Booster, str]:
    objective, x = request.param, data(1, 800)
    known = np.nan_to_num(x)
    target = known[:, 0] + known[:, 1] ** 2 - 1
    if objective.startswith("binary"):
        target = target > 0
    if objective.startswith("multi"):
        target = np.digitize(target, [0, 3])
    matrix = xgboost.DMatrix(x, label=target, feature_names=list(NAMES))
    options = {"objective": objective, "max_depth": 4, "nthread": 1, **OBJECTIVES[objective]}
    booster = xgboost.train(options, matrix, 12)
    path = str(tmp_path_factory.mktemp("models") / "model.json")
    booster.save_model(path)
    return objective, booster, path


def values(backend: Backend, found: list[Value], x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    chunk = Chunk(len(x), {n: np.ascontiguousarray(x[:, i]) for i, n in enumerate(NAMES)}, {})
    dumps = backend.compile(Program(dumps=tuple(v.node for v in found))).run(chunk, {}).dumps
    assert all(d.valid.all() for d in dumps)
    return np.squeeze(np.stack([d.values for d in dumps], 1))


def test_equal_to_xgboost(backend: Backend, trained: tuple[str, xgboost.Booster, str]) -> None:
    objective, booster, path = trained
    x = data(2, 500)
    trees = json.loads(Path(path).read_text())["learner"]["gradient_booster"]["model"]["trees"]
    for i, tree in enumerate(trees):  # on thresholds, too
        x[i, tree["split_indices"][0]] = np.float32(tree["split_conditions"][0])
    matrix = xgboost.DMatrix(x, feature_names=list(NAMES))
    labels = range(3) if objective.startswith("multi") else [None]
    features = {n: column(n) for n in NAMES}
    for output, margin in (("margin", True), ("probability", False)):
        found = values(backend, [hz.model(path, output=output, label=k)(**features) for k in labels], x)
        expected = booster.predict(matrix, output_margin=margin)
        assert len(np.unique(expected)) > 50
        if margin:
            assert same_bits(found, expected)
        else:
            assert np.max(np.abs(found.view(np.int32).astype(int) - expected.view(np.int32))) <= 2


def test_what_is_missing_is_a_missing_feature(backend: Backend, trained: tuple[str, xgboost.Booster, str]) -> None:
    objective, booster, path = trained
    label = 0 if objective.startswith("multi") else None
    nowhere = hz.entry(Value(make("cast", column("pt").node, dtype=DType.I64)) * 0 - 1, [1.0])
    value = hz.model(path, output="margin", label=label)(pt=column("pt"), eta=nowhere, mass=column("mass"))
    x = data(3, 50)
    found = values(backend, [value], x)
    x[:, 1] = np.nan
    expected = booster.predict(xgboost.DMatrix(x, feature_names=list(NAMES)), output_margin=True)
    assert same_bits(found, expected if expected.ndim == 1 else np.ascontiguousarray(expected[:, 0]))


def stump(**changes: Any) -> dict[str, Any]:
    """x < 20 is 1, else 2."""
    tree = {
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "split_indices": [0, 0, 0],
        "split_conditions": [20.0, 1.0, 2.0],
        "default_left": [1, 0, 0],
        "split_type": [0, 0, 0],
        "tree_param": {"size_leaf_vector": "1"},
    } | changes.pop("tree", {})
    learner = {
        "feature_names": ["x"],
        "objective": {"name": "reg:squarederror"},
        "learner_model_param": {"base_score": "[0.5]", "num_class": "0", "num_feature": "1"},
        "gradient_booster": {"name": "gbtree", "model": {"trees": [tree], "tree_info": [0]}},
    }
    return {"learner": {**learner, **changes}}


def test_energies_go_in_as_gev(backend: Backend, write: Write) -> None:
    model = hz.model(write(stump()))
    value = model(x=column("pt", parse_unit("MeV")))
    x = np.array([[19_999, 0, 0], [20_000, 0, 0], [np.nan, 0, 0]], np.float32)
    assert values(backend, [value], x).tolist() == [1.5, 2.5, 1.5]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ({}, "spec-format", "is no XGBoost model"),
        ([], "spec-format", "is no XGBoost model"),
        (stump(objective={"name": "survival:cox"}), "unsupported", "the objective survival:cox"),
        (stump(gradient_booster={"name": "dart"}), "unsupported", "the booster dart"),
        (stump(tree={"split_type": [1, 0, 0]}), "unsupported", "splits by categories"),
        (stump(tree={"tree_param": {"size_leaf_vector": "3"}}), "unsupported", "leaves of several values"),
        (stump(tree={"left_children": [0, -1, -1]}), "spec-format", "is damaged"),
        (stump(tree={"right_children": [3, -1, -1]}), "spec-format", "is damaged"),
        (stump(tree={"split_indices": [1, 0, 0]}), "spec-format", "is damaged"),
        (stump(tree={"split_conditions": [1.0]}), "spec-format", "is damaged"),
        (stump(feature_names=["x", "y"]), "spec-format", "is damaged"),
        (stump(learner_model_param={"base_score": "a", "num_class": "0", "num_feature": "1"}), "spec-format", "damaged"),
    ],
)  # fmt: skip
def test_bad_models(write: Write, content: Any, code: str, said: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        hz.model(write(content))
    assert error.value.code == code
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        (lambda path: hz.model("net.onnx"), "unsupported", "store its output"),
        (lambda path: hz.model("none.json"), "file-missing", "none.json"),
        (lambda path: hz.model(path, output="logit"), "arguments", "probability or margin"),
        (lambda path: hz.model(path, label=1), "arguments", "has 1 classes"),
        (lambda path: hz.model(path)(y=column("pt")), "arguments", "no feature 'y'; it lacks x"),
        (lambda path: hz.model(path)(column("pt")), "arguments", "by name"),
        (lambda path: hz.model(path)(x=hz.events("nanoaod").Muon), "dtype", "is an object"),
    ],
)
def test_refusals(write: Write, call: Any, code: str, said: str) -> None:
    path = write(stump())
    with pytest.raises(hz.HzdslError) as error:
        call(path)
    assert error.value.code == code
    assert said in str(error.value)
    assert error.value.place is not None


TEXT = """define = "y = bdt(x = Muon.pt)"
models.bdt = { file = "payload.json", output = "margin" }
"""


def test_text(write: Write, tmp_path: Path) -> None:
    path = write(stump())
    found = loads(TEXT, folder=str(tmp_path)).y
    assert found.node is hz.model(path, output="margin")(x=hz.events("nanoaod").Muon.pt).node


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("payload", "none", "file-missing"),
        ('"margin"', '"logit"', "spec-value"),
        ('output = "margin"', "label = 3", "arguments"),
        ("x = Muon.pt", "z = Muon.pt", "arguments"),
    ],
)
def test_text_refusals(write: Write, tmp_path: Path, old: str, new: str, code: str) -> None:
    write(stump())
    with pytest.raises(hz.HzdslError) as error:
        loads(TEXT.replace(old, new), folder=str(tmp_path))
    assert error.value.code == code
    assert error.value.place is not None
    assert error.value.place.line == (1 if "Muon" in new else 2)
