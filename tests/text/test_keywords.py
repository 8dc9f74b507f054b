"""What breaks schema.json is what the package `jsonschema` finds, in documents that are damaged at random."""

from __future__ import annotations

import copy
import json
import random
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hzdsl.text.keywords import Mistake, mistakes
from tests.analyses.files import analyses

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads(resources.files("hzdsl.text").joinpath("schema.json").read_text(encoding="utf-8"))
DOCUMENTS = [p for p in analyses("toml") if "configs" not in p.parts]
VALUES = [None, True, False, 0, 1, 1.0, 2.5, float("inf"), -3, "", "x", "both", "data", [], ["x"], [1, 2], [[]], {}]
VALUES += [{"expr": "n"}, {"a": "b"}, {"a": "b", "c": "d"}, [{"name": "x"}], date(2026, 1, 1), 10**30]


def parts(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, str | int]]:
    """Yield each table or list with each of its keys or positions."""
    for key in list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield data, key
        yield from parts(data[key], (*path, key))


def damaged(data: Any, rng: random.Random) -> Any:
    """Return a document of which a few values are replaced, deleted, put elsewhere or named anew."""
    data = copy.deepcopy(data)
    for _ in range(rng.randint(1, 3)):
        at, key = rng.choice(list(parts(data)))
        kind = rng.randrange(4)
        if kind == 0:
            del at[key]
        elif kind == 1 and isinstance(at, dict):
            at[rng.choice(["nothing", "name", "expr", "region", f"{key}s"])] = rng.choice(VALUES)
        elif kind == 2:
            donor, other = rng.choice(list(parts(data)))
            at[key] = copy.deepcopy(donor[other])
        else:
            at[key] = copy.deepcopy(rng.choice(VALUES))
    return data


def ours(found: Mistake) -> tuple[Any, ...]:
    inner = {ours(m) for m in found.inner}
    return found.path, found.keyword, repr(found.value), json.dumps(found.schema), tuple(sorted(inner))


def theirs(error: Any) -> tuple[Any, ...]:
    inner = {theirs(e) for e in error.context or ()}
    path = tuple(error.absolute_path)
    return path, error.validator, repr(error.instance), json.dumps(error.schema), tuple(sorted(inner))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_the_same_mistakes_as_jsonschema(path: Path) -> None:
    rng, validator = random.Random(path.stem), jsonschema.Draft202012Validator(SCHEMA)
    data = tomllib.loads(path.read_text(encoding="utf-8").rpartition("\n---\n")[2])
    assert not list(mistakes(data, SCHEMA, SCHEMA))
    wrong = 0
    for _ in range(60):
        document = damaged(data, rng)
        expected = {theirs(e) for e in validator.iter_errors(document)}
        assert {ours(m) for m in mistakes(document, SCHEMA, SCHEMA)} == expected
        wrong += bool(expected)
    assert wrong > 30


def test_a_keyword_that_is_not_known_is_no_silent_yes() -> None:
    with pytest.raises(KeyError, match="pattern"):
        list(mistakes("x", {"type": "string", "pattern": "y"}, SCHEMA))
