"""A path that this machine does not have, read from a redirector, by every command that opens files."""

from __future__ import annotations

import json
import shutil

import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.ttree import TTreeSource
from tests.io.remote.web_server import serve


@pytest.fixture
def far(here):
    """The words that name a file of 400 events which is only on a server."""
    (here / "served").mkdir()
    shutil.move("zz.root", "served/zz.root")
    with serve(here / "served") as server:
        yield ["/zz.root", "--redirector", f"{server}/"]


def test_looking(hzdsl, far):
    assert "400" in hzdsl("browse", *far).stdout
    assert "both backends agree" in hzdsl("check", "dimuon.toml", *far).output
    assert json.loads(hzdsl("plan", "dimuon.toml", *far, "--json").stdout)["inputs"][0]["entries"] == 400


def test_running_again_and_in_slices(hzdsl, far):
    whole = hzdsl("run", "dimuon.toml", *far, "--json", "-o", "whole", "--resume").stdout
    assert json.loads(whole)["events"] == 400
    for i in (1, 2):
        hzdsl("run", "dimuon.toml", *far, "--slice", f"{i}/2", "-o", "slices")
    assert hzdsl("merge", "slices/slice_1_of_2.hzs", "slices/slice_2_of_2.hzs", "--json").stdout == whole


def test_going_on_with_what_was_kept(hzdsl, far, monkeypatch):
    how = "run", "dimuon.toml", *far, "--chunk-size", 40, "--backend", "interpret"
    whole = hzdsl(*how, "--json").stdout
    real = TTreeSource.read

    def read(self, names, start, stop, **more):
        if start >= 200:
            raise HzdslError("remote", "the server refused")
        return real(self, names, start, stop, **more)

    with monkeypatch.context() as patch:
        patch.setattr(TTreeSource, "read", read)
        hzdsl(*how, "-o", "out", "--retries", 0, "--checkpoint", 0, status=6)
    assert hzdsl(*how, "-o", "out", "--resume", "--json").stdout == whole
