"""``hzdsl cache``."""

from __future__ import annotations

import json

import pytest

from hzdsl.io.catalogue import catalogue_cache
from hzdsl.native import kernel_cache


@pytest.fixture
def own(monkeypatch, tmp_path):
    monkeypatch.setenv("HZDSL_CACHE", str(tmp_path / "own"))
    return tmp_path / "own"


def test_a_run_leaves_a_kernel_that_can_be_cleared(own, here, hzdsl):
    hzdsl("run", "dimuon.toml", "zz.root")
    made = kernel_cache().sizes()  # of the analysis; that of the reader's loop, if it was not compiled before
    assert 1 <= len(made) <= 2
    shown = hzdsl("cache").stdout
    assert f"compiled kernels      {len(made):6} files {sum(made.values()) / 1e6:8.2f} MB  {own}/kernels\n" in shown
    assert "not kept" not in shown
    number = f"{len(made)} compiled kernel{'s' * (len(made) > 1)}"
    assert hzdsl("cache", "--clear").stdout.startswith(f"removed {number} from {own}/kernels\n")
    assert not any(path.exists() for path in made)
    assert hzdsl("cache", "--clear").stdout.startswith(f"removed 0 compiled kernels from {own}/kernels\n")


def test_a_run_leaves_a_catalogue_of_each_tree_that_can_be_cleared(own, here, hzdsl):
    hzdsl("run", "dimuon.toml", "zz.root")
    (made,) = catalogue_cache().sizes().values()
    assert f"catalogues                 1 files {made / 1e6:8.2f} MB  {own}/catalogues\n" in hzdsl("cache").stdout
    assert hzdsl("cache", "--clear").stdout.endswith(f"\nremoved 1 catalogue from {own}/catalogues\n")
    assert not catalogue_cache().sizes()


def test_the_second_run_compiles_nothing_and_says_the_same(own, here, hzdsl, monkeypatch):
    first = hzdsl("run", "dimuon.toml", "zz.root", "--json").stdout
    monkeypatch.setattr("hzdsl.backends.codegen.object_code", None)
    assert hzdsl("run", "dimuon.toml", "zz.root", "--json").stdout == first


def test_where_nothing_is_kept_the_reason_is_shown(own, here, hzdsl):
    (own / "kernels").mkdir(parents=True)
    (own / "kernels").chmod(0o777)
    hzdsl("run", "dimuon.toml", "zz.root")
    assert hzdsl("cache").stdout.endswith("compiled kernels are not kept: it can be written to by others\n")


def test_one_document_holds_it(own, here, hzdsl):
    hzdsl("run", "dimuon.toml", "zz.root")
    kernels, catalogues, events = json.loads(hzdsl("cache", "--json").stdout)
    assert [x["what"] for x in (kernels, catalogues, events)] == [
        "compiled kernels", "catalogues", "events of hzdsl demo",
    ]  # fmt: skip
    assert (kernels["files"], kernels["bytes"]) == (len(s := kernel_cache().sizes()), sum(s.values()))
    assert (catalogues["folder"], catalogues["files"], events["files"]) == (f"{own}/catalogues", 1, 0)
    assert "--json goes with showing" in hzdsl("cache", "--json", "--clear", status=2).stderr


def test_events_of_the_demo_are_shown_and_stay(own, hzdsl):
    (own / "demo").mkdir(parents=True)
    (own / "demo" / "a.root").write_bytes(bytes(2_500_000))
    assert f"events of hzdsl demo       1 files     2.50 MB  {own}/demo\n" in hzdsl("cache").stdout
    hzdsl("cache", "--clear")
    assert (own / "demo" / "a.root").exists()
