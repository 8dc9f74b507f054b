"""Tree ensembles: XGBoost's JSON models as expressions, in f32 and in XGBoost's order.

A tree is a choice at each of its nodes, so its value costs a comparison and a selection per node, whatever the path.
Margins equal XGBoost's in every bit; probabilities are its formulae in f32, with the exponential of the C library.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hzdsl.corrections.numbers import Along
from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.jsonfile import read_json
from hzdsl.records import dataclass

#: Nodes of all trees together: 10 000 take two seconds to compile, and the time grows with their number.
MOST_NODES = 100_000

#: Objectives, and what their outputs are.
_OBJECTIVES = {
    "reg:squarederror": "value",
    "reg:linear": "value",
    "binary:logitraw": "value",
    "binary:logistic": "logistic",
    "reg:logistic": "logistic",
    "multi:softprob": "softmax",
    "multi:softmax": "softmax",
}


@dataclass(frozen=True)
class Tree:
    """A tree by its nodes; a node without children (-1) is a leaf, and its number is its value."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    feature: tuple[int, ...]
    number: tuple[float, ...]
    default_left: tuple[bool, ...]


@dataclass(frozen=True)
class Ensemble:
    """A model: its trees, the class that each adds to, and where the sums start."""

    features: tuple[str, ...]
    kind: str
    base: tuple[float, ...]
    trees: tuple[Tree, ...]
    classes: tuple[int, ...]


# ---- reading -------------------------------------------------------------------------------------------------------


def read_ensemble(path: str) -> Ensemble:
    """Return the model of a file that ``Booster.save_model("….json")`` wrote.

    Raises
    ------
    HzdslError
        ``unsupported`` for other models, ``spec-format`` and ``spec-value`` for a damaged file.
    """
    name = os.path.basename(path)
    if not path.endswith((".json", ".json.gz")):
        fix = 'of XGBoost: booster.save_model("model.json"); a network: evaluate it before, and store its output'
        raise HzdslError("unsupported", f"{name}: only XGBoost's JSON models are read in this version", fix=fix)
    document = read_json(path)
    try:
        return _ensemble(document["learner"], name)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError):
        raise HzdslError("spec-format", f"{name} is no XGBoost model, or is damaged") from None


def _ensemble(learner: Any, name: str) -> Ensemble:
    objective, booster = learner["objective"]["name"], learner["gradient_booster"]
    if objective not in _OBJECTIVES:
        fix = f"known: {', '.join(_OBJECTIVES)}"
        raise HzdslError("unsupported", f"{name}: the objective {objective} is not in this version", fix=fix)
    if booster["name"] != "gbtree":
        raise HzdslError(
            "unsupported", f"{name}: the booster {booster['name']} is not in this version", fix="use gbtree"
        )
    parameters, model = learner["learner_model_param"], booster["model"]
    count, classes = int(parameters["num_feature"]), max(1, int(parameters["num_class"]))
    features = tuple(map(str, learner.get("feature_names") or [f"f{i}" for i in range(count)]))
    base = [float(x) for x in str(parameters["base_score"]).strip("[]").split(",")]
    trees = tuple(_tree(t, count, name) for t in model["trees"])
    info = tuple(int(c) for c in model["tree_info"])
    if len(features) != count or len(info) != len(trees) or not all(0 <= c < classes for c in info):
        raise ValueError
    if sum(len(t.left) for t in trees) > MOST_NODES:
        raise HzdslError(
            "unsupported",
            f"{name} has more than {MOST_NODES} nodes: too many to compile",
            fix="fewer or shallower trees",
        )
    return Ensemble(features, _OBJECTIVES[objective], tuple(base * classes if len(base) == 1 else base), trees, info)


def _tree(t: Any, features: int, name: str) -> Tree:
    if any(t.get("split_type") or ()):
        raise HzdslError("unsupported", f"{name} splits by categories, which is not in this version")
    if str(t["tree_param"].get("size_leaf_vector", "1")) not in ("0", "1"):
        raise HzdslError("unsupported", f"{name} has leaves of several values, which are not in this version")
    left, right = (tuple(int(i) for i in t[k]) for k in ("left_children", "right_children"))
    found = Tree(
        left,
        right,
        tuple(int(i) for i in t["split_indices"]),
        tuple(float(x) for x in t["split_conditions"]),
        tuple(bool(x) for x in t["default_left"]),
    )
    n = len(left)
    if not n or {len(x) for x in (right, found.feature, found.number, found.default_left)} != {n}:
        raise ValueError
    for i in range(n):
        inner = left[i] != -1
        if inner and not (i < left[i] < n and i < right[i] < n and 0 <= found.feature[i] < features):
            raise ValueError  # (children come after their parents: no circles)
    return found


# ---- nodes ---------------------------------------------------------------------------------------------------------


class _Single:
    """Numbers in f32 along one axis."""

    def __init__(self, along: Along) -> None:
        self.along = along

    def number(self, x: float) -> Node:
        return build.cast(self.along.number(x), DType.F32)

    def one_over(self, x: Node) -> Node:
        return make("div", self.number(1.0), x)

    def exp(self, x: Node) -> Node:
        return make("math", x, name="exp")


def margins(model: Ensemble, features: Mapping[str, Node]) -> list[Node]:
    """Return the sum of the trees of each class, in f32, from the base score on.

    A feature that is missing, or NaN, takes the default branches.
    """
    axis = build.common_axis(tuple(features.values()))
    single = _Single(Along(axis))
    nan = single.number(float("nan"))
    columns = []
    for name in model.features:
        x = build.cast(build.lift(features[name], axis), DType.F32)
        columns.append(make("otherwise", x, nan) if x.type.optional else x)
    totals = [_start(model, b, single) for b in model.base]
    for tree, k in zip(model.trees, model.classes, strict=True):
        totals[k] = make("add", totals[k], _value(tree, columns, single))
    return totals


def _start(model: Ensemble, base: float, single: _Single) -> Node:
    """The margin of the base score; of a probability p it is -ln(1/p - 1)."""
    score = single.number(base)
    if model.kind != "logistic":
        return score
    odds = make("sub", single.one_over(score), single.number(1.0))
    return make("neg", make("math", odds, name="log"))


def _value(tree: Tree, columns: Sequence[Node], single: _Single) -> Node:
    """The value of one tree, from its leaves up: children come after their parents."""
    known: dict[int, Node] = {}
    for i in reversed(range(len(tree.left))):
        number = single.number(tree.number[i])
        if tree.left[i] == -1:
            known[i] = number
            continue
        x, left, right = columns[tree.feature[i]], known[tree.left[i]], known[tree.right[i]]
        if tree.default_left[i]:  # (no comparison holds for NaN)
            known[i] = make("where", make("le", number, x), right, left)
        else:
            known[i] = make("where", make("lt", x, number), left, right)
    return known[0]


def probability(model: Ensemble, found: Sequence[Node], label: int) -> Node:
    """Return what XGBoost predicts: the sigmoid or softmax of the margins, or the margin itself."""
    axis = found[0].type.axis
    assert axis is not None
    single = _Single(Along(axis))
    if model.kind == "logistic":
        return _sigmoid(found[0], single)
    return _softmax(found, label, single) if model.kind == "softmax" else found[label]


def _sigmoid(x: Node, single: _Single) -> Node:
    """XGBoost keeps the exponent below 88.7 and adds 1e-16 to the denominator."""
    negative, most = make("neg", x), single.number(88.7)
    power = single.exp(make("where", make("lt", most, negative), most, negative))
    return single.one_over(make("add", make("add", power, single.number(1.0)), single.number(1e-16)))


def _softmax(found: Sequence[Node], label: int, single: _Single) -> Node:
    """The exponentials are in f32, their sum is in f64."""
    greatest = found[0]
    for x in found[1:]:
        greatest = make("where", make("lt", greatest, x), x, greatest)
    powers = [single.exp(make("sub", x, greatest)) for x in found]
    total = single.along.number(0.0)
    for p in powers:
        total = make("add", total, build.cast(p, DType.F64))
    return make("div", powers[label], build.cast(total, DType.F32))
