"""What is kept on disk: what is trusted, what is made again, what goes first."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hzdsl.caches import Cache, Stored
from hzdsl.native import KERNELS

ENTRY = Stored(b"\x7fELF" + bytes(range(256)), {"slots": [["column", "Muon_pt"]], "n": 3})


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(KERNELS, tmp_path / "kernels")


def only(cache: Cache) -> Path:
    (path,) = cache.sizes()
    return path


def test_what_was_put_is_found_again(cache):
    assert cache.get("ab") is None
    cache.put("ab", ENTRY)
    assert cache.get("ab") == ENTRY
    assert cache.get("cd") is None


def test_folder_and_files_are_the_users_own(cache):
    cache.put("ab", ENTRY)
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert only(cache).stat().st_mode & 0o777 == 0o600


def test_every_damage_is_noticed(cache, monkeypatch, capsys):
    """Each byte changed, each length: never trusted, never an error."""
    monkeypatch.setenv("HZDSL_DEBUG", "1")
    cache.put("ab", ENTRY)
    path = only(cache)
    good = path.read_bytes()
    for i in range(len(good)):
        path.write_bytes(good[:i] + bytes([good[i] ^ 4]) + good[i + 1 :])
        assert cache.get("ab") is None
        path.write_bytes(good[:i])
        assert cache.get("ab") is None
    path.write_bytes(good + b"x")
    assert cache.get("ab") is None
    assert "is made again: it is damaged" in capsys.readouterr().err
    cache.put("ab", ENTRY)
    assert cache.get("ab") == ENTRY


def test_an_entry_under_the_name_of_another_is_not_trusted(cache):
    cache.put("ab", ENTRY)
    os.rename(only(cache), cache.folder / "cd.kernel")
    assert cache.get("cd") is None


def test_a_link_is_not_followed(cache, tmp_path):
    cache.put("ab", ENTRY)
    os.rename(only(cache), tmp_path / "elsewhere")
    (cache.folder / "ab.kernel").symlink_to(tmp_path / "elsewhere")
    assert cache.get("ab") is None


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_not_used(cache, mode, monkeypatch, capsys):
    monkeypatch.setenv("HZDSL_DEBUG", "1")
    cache.put("ab", ENTRY)
    cache.folder.chmod(mode)
    assert cache.get("ab") is None
    cache.put("cd", ENTRY)
    assert len(cache.sizes()) == 1
    assert cache.problem() == "it can be written to by others"
    assert capsys.readouterr().err.count("is not used: it can be written to by others") == 2


def test_an_entry_that_others_can_write_to_is_not_used(cache):
    cache.put("ab", ENTRY)
    only(cache).chmod(0o620)
    assert cache.get("ab") is None


def test_what_belongs_to_another_user_is_not_used(cache, monkeypatch):
    cache.put("ab", ENTRY)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert cache.get("ab") is None
    assert cache.problem() == "it belongs to another user"


def test_a_folder_that_cannot_be_made_is_only_remarked(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    cache = Cache(KERNELS, tmp_path / "file" / "kernels")
    cache.put("ab", ENTRY)
    assert cache.get("ab") is None
    assert cache.problem()
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("HZDSL_DEBUG", "1")
    cache.put("ab", ENTRY)
    assert "cannot be written to" in capsys.readouterr().err


def test_a_full_disk_leaves_nothing_behind(cache, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    cache.put("ab", ENTRY)
    monkeypatch.setattr(os, "replace", full)
    cache.put("cd", ENTRY)
    assert os.listdir(cache.folder) == ["ab.kernel"]


def test_what_was_used_longest_ago_goes_first(tmp_path):
    size = 1000
    cache = Cache(replace(KERNELS, most_bytes=3 * (size + 200)), tmp_path / "kernels")
    for i, key in enumerate(("a", "b", "c")):
        cache.put(key, Stored(bytes(size)))
        os.utime(cache.folder / f"{key}.kernel", (i, i))
    assert cache.get("a") is not None
    cache.put("d", Stored(bytes(size)))
    assert [p.stem for p in cache.sizes()] == ["c", "a", "d"]


def test_large_entries_are_watched_more_closely(tmp_path, monkeypatch):
    """It is looked whether there is too much about once per so many bytes, however they come."""
    looked = []
    monkeypatch.setattr(Cache, "_trim", lambda self: looked.append(1))
    cache = Cache(replace(KERNELS, unwatched=100_000), tmp_path / "kernels")
    counts = []
    for size, number in ((100, 800), (20_000, 40), (200_000, 4)):
        looked.clear()
        for k in range(number):
            cache.put(hashlib.sha256(b"%d %d" % (size, k)).hexdigest(), Stored(bytes(size)))
        counts.append(len(looked))
    assert 0 < counts[0] < 8  # of 800, of 157 bytes each with its head: 1.3 expected
    assert 2 < counts[1] < 20  # 8 expected
    assert counts[2] == 4


def test_clearing_removes_entries_and_nothing_else(cache):
    cache.put("ab", ENTRY)
    (cache.folder / "mine.txt").write_text("kept")
    (cache.folder / ".x.part").write_text("of a process that was killed")
    assert cache.clear() == 1
    assert os.listdir(cache.folder) == ["mine.txt"]
    assert cache.clear() == 0


def test_many_processes_write_and_read_at_once(tmp_path):
    """Readers see whole entries or none, and in the end there is one."""
    program = """
import sys
from pathlib import Path
from hzdsl.caches import Cache, Stored
from hzdsl.native import KERNELS
cache, entry = Cache(KERNELS, Path(sys.argv[1])), Stored(bytes(200_000), "x")
for _ in range(60):
    assert cache.get("ab") in (entry, None)
    cache.put("ab", entry)
    assert cache.get("ab") == entry
"""
    environment = {**os.environ, "HZDSL_DEBUG": "1"}
    command = [sys.executable, "-c", program, str(tmp_path / "kernels")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) for _ in range(4)]
    assert [(p.communicate()[1], p.returncode) for p in running] == [(b"", 0)] * 4
    assert os.listdir(tmp_path / "kernels") == ["ab.kernel"]
