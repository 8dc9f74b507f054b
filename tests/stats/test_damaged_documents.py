"""Documents of which one value is another: read, or refused in the user's words, and never anything else."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats import histfactory, hs3
from hzdsl.stats.documents import parse_document, read_document
from hzdsl.stats.hs3.decoding import decode
from hzdsl.stats.hs3.densities import unbinned_model
from hzdsl.stats.hs3.reading import model_of
from hzdsl.stats.hs3.writing import document_of
from hzdsl.stats.templates.model import TemplateModel
from tests.stats.histfactory.test_errors import document as small_document
from tests.stats.hs3.models import full_model

OTHERS: list[Any] = [
    None,
    True,
    -1,
    0,
    1.5,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "mu",
    "SR",
    [],
    [1.0],
    {},
    {"a": 1},
]


def paths_in(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(p for k, x in inner for p in paths_in(x, (*path, k)))]


def damaged(data: Any, rng: random.Random) -> Any:
    found = copy.deepcopy(data)
    *outer, last = rng.choice(paths_in(found)[1:])
    at = found
    for key in outer:
        at = at[key]
    if rng.random() < 0.2:
        del at[last]
    else:
        at[last] = rng.choice(OTHERS)
    return found


def read_hs3(path: Path) -> TemplateModel:
    return model_of(decode(read_document(path)))


@pytest.mark.parametrize(
    ("document", "read"),
    [(small_document(), histfactory.read), (document_of(full_model(1, channels=1)), read_hs3)],
    ids=["histfactory", "hs3"],
)
def test_one_value_is_another(tmp_path: Path, document: dict[str, Any], read: Any) -> None:
    rng, refused = random.Random(4), 0
    for _ in range(150):
        (tmp_path / "a.json").write_text(json.dumps(damaged(document, rng), indent=1))
        try:
            model = read(tmp_path / "a.json")
        except HzdslError as error:
            assert str(error)
            refused += 1
        else:
            for channel in model.channels:
                assert all(np.isfinite(p.contents).all() for p in channel.processes)
                assert np.isfinite(channel.counts).all()
    assert refused > 75


DENSITIES: dict[str, Any] = {
    "metadata": {"hs3_version": "0.2"},
    "data": [
        {"name": "d", "type": "unbinned", "axes": [{"name": "x", "min": 0.0, "max": 10.0}], "entries": [[1.0], [4.0]]}
    ],
    "functions": [{"name": "f", "type": "generic_function", "expression": "m+1.5*s"}],
    "distributions": [
        {"name": "g", "type": "gaussian_dist", "x": "x", "mean": "f", "sigma": "s"},
        {"name": "b", "type": "bernstein_poly_dist", "x": "x", "coefficients": ["m", 1.0]},
        {"name": "p", "type": "mixture_dist", "summands": ["g", "b"], "coefficients": ["n", "m"], "extended": True},
        {"name": "c", "type": "gaussian_dist", "x": "s", "mean": "s_nom", "sigma": 0.1},
        {"name": "all", "type": "product_dist", "factors": ["p", "c"]},
    ],
    "domains": [{"name": "w", "type": "product_domain", "axes": [{"name": "s", "min": 0.1, "max": 5}]}],
    "likelihoods": [{"name": "l", "distributions": ["all"], "data": ["d"]}],
    "parameter_points": [
        {
            "name": "default_values",
            "parameters": [
                *({"name": x, "value": 2.0} for x in ("m", "s", "n")),
                {"name": "s_nom", "value": 2.0, "const": True},
            ],
        }
    ],
}


def test_one_value_of_densities_is_another() -> None:
    rng, refused = random.Random(5), 0
    assert unbinned_model(decode(parse_document(json.dumps(DENSITIES), "a.json")))[0].parameters.names
    for _ in range(150):
        text = json.dumps(damaged(DENSITIES, rng), indent=1)
        try:
            unbinned_model(decode(parse_document(text, "a.json")))
        except HzdslError as error:
            assert str(error)
            refused += 1
    assert refused > 75


def test_public_functions_read_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(document_of(full_model(1, channels=1))))
    assert hs3.read(tmp_path / "a.json").parameters.names == read_hs3(tmp_path / "a.json").parameters.names
