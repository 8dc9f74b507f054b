"""What `run` says of arguments that make no sense, and what it takes for a size of memory."""

from __future__ import annotations

import pytest

from hzdsl.errors import HzdslError
from hzdsl.run import run
from hzdsl.run.analysis import _bytes
from tests.run.muons import document, muon_file


def refused(*args, **options):
    with pytest.raises(HzdslError) as caught:
        run(document(), *args, **options)
    return caught.value


def test_sizes_of_memory(tmp_path):
    path = str(muon_file(tmp_path / "a.root", n=50))
    assert run(document(), path, max_memory="2GB").events == 50
    assert [_bytes(x) for x in ("1.5 GiB", 1000, None)] == [1_610_612_736, 1000, None]
    for wrong in ("2", "much", 1.5, True):
        error = refused(path, max_memory=wrong)
        assert (error.code, error.fix) == ("arguments", "give bytes, or a text such as '2GB' or '500MB'")
    assert str(refused(path, max_memory=1000)).startswith("error[memory]: 1.0 kB of memory is not enough")


def test_no_files():
    error = refused([])
    assert (error.code, error.message) == ("no-files", "the input has no files")
    assert "in Python ana.run(FILES)" in error.fix
    assert "--sample" not in error.fix


@pytest.mark.parametrize("options", [{"threads": 2}, {"max_memory": "2GB"}])
def test_what_workers_of_a_cluster_are_told_themselves(options):
    error = refused("a.root", client=object(), **options)
    assert error.code == "options"
    assert "not of a cluster" in error.message
    assert "dask worker" in error.fix
