"""Patchsets, as pyhf applies them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyhf
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats import histfactory
from hzdsl.stats.documents import Value, parse_document
from hzdsl.stats.histfactory.patches import patched
from tests.stats.plain_templates import expected

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")


@pytest.mark.shared
def test_a_signal_is_added(shared: Path) -> None:
    """The document of pyhf's own example, once without its first signal."""
    files = shared / "pyhf/example_bkgonly.json", shared / "pyhf/example_patchset.json"
    patchset = pyhf.PatchSet(json.loads(files[1].read_text()))
    for patch in patchset:
        workspace = patchset.apply(json.loads(files[0].read_text()), patch.name)
        theirs = workspace.model(measurement_name="GaussExample")
        model = histfactory.read(files[0], "GaussExample", patchset=files[1], patch=patch.name)
        x = np.linspace(0.5, 1.5, len(model.parameters))
        ours = expected(model, x)
        rates = np.concatenate([ours[name] for name in theirs.config.channels])
        np.testing.assert_allclose(rates, theirs.expected_data(x, include_auxdata=False), rtol=1e-12)


@pytest.mark.shared
def test_what_has_to_be_chosen(shared: Path) -> None:
    files = shared / "pyhf/example_bkgonly.json", shared / "pyhf/example_patchset.json"
    with pytest.raises(HzdslError) as caught:
        histfactory.read(files[0], "GaussExample", patchset=files[1], patch="patch_channel1_signal_syst9")
    assert (caught.value.code, caught.value.fix) == ("name-unknown", "did you mean patch_channel1_signal_syst1?")
    with pytest.raises(HzdslError) as caught:
        histfactory.read(shared / "own/model50x8x100.json", patchset=files[1])
    assert "the patchset was made for another document" in caught.value.message


def applied(data: Any, *operations: dict[str, Any]) -> Any:
    patch = {"metadata": {"name": "p", "values": []}, "patch": list(operations)}
    patches = {"metadata": {}, "version": "1.0.0", "patches": [patch]}
    return patched(document(data), document(patches), None).data


def document(data: Any) -> Value:
    return parse_document(json.dumps(data), "a.json")


def test_one_of_several_patches_is_chosen() -> None:
    patches = [{"metadata": {"name": n, "values": []}, "patch": []} for n in ("p", "q")]
    with pytest.raises(HzdslError) as caught:
        patched(document({}), document({"metadata": {}, "version": "1.0.0", "patches": patches}), None)
    assert (caught.value.code, caught.value.fix) == ("options", 'choose one: patch="p"')


def test_operations() -> None:
    """RFC 6902, appendix A, and the escapes of RFC 6901."""
    start = {"a": [1, 2], "b/c": {"~d": 3}}
    assert applied(start, {"op": "add", "path": "/a/1", "value": 9})["a"] == [1, 9, 2]
    assert applied(start, {"op": "add", "path": "/a/-", "value": 9})["a"] == [1, 2, 9]
    assert applied(start, {"op": "replace", "path": "/a/0", "value": 9})["a"] == [9, 2]
    assert applied(start, {"op": "remove", "path": "/a/0"})["a"] == [2]
    assert applied(start, {"op": "replace", "path": "/b~1c/~0d", "value": 9})["b/c"] == {"~d": 9}
    assert applied(start, {"op": "move", "from": "/a/0", "path": "/x"}) == {"a": [2], "b/c": {"~d": 3}, "x": 1}
    assert applied(start, {"op": "copy", "from": "/a", "path": "/x"})["x"] == [1, 2]
    assert applied(start, {"op": "test", "path": "/a", "value": [1, 2]}) == start
    assert applied(start, {"op": "replace", "path": "", "value": {}}) == {}


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "remove", "path": "/x"}, "leads nowhere: there is no 'x'"),
        ({"op": "remove", "path": "/a/2"}, "leads nowhere: '2' is none of 2 places of a list"),
        ({"op": "add", "path": "/a/01", "value": 1}, "leads nowhere: '01' is none of 3 places of a list"),
        ({"op": "test", "path": "/a", "value": 1}, "does not hold: /a is something else"),
        ({"op": "add", "path": "a", "value": 1}, "begins with no /"),
        ({"op": "add", "path": "/n/x", "value": 1}, "leads into what is neither an object nor a list"),
        ({"op": "ad", "path": "/a"}, "is 'ad'"),
        ({"op": "add", "path": "/a"}, "lacks the key 'value'"),
    ],
)
def test_operations_that_do_not_fit(operation: dict[str, Any], said: str) -> None:
    with pytest.raises(HzdslError) as caught:
        applied({"a": [1, 2], "n": 1}, operation)
    assert said in caught.value.message
    assert caught.value.place is not None
