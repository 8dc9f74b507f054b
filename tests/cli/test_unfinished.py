"""``hzdsl run`` that is killed, stopped or loses input, and is continued; ``--slice`` and ``hzdsl merge``."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest
import uproot

from hzdsl.io.locks import locked
from tests.event_files import damage
from tests.io.remote.web_server import serve
from tests.run.muons import muon_file

SLOW = ("--backend", "interpret", "--chunk-size", 40, "--checkpoint", 0, "-q")


def all_files(folder):
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if p.is_file() and p.suffix != ".png"}


@pytest.fixture
def whole(here, hzdsl):
    """What the run gives that is not disturbed."""
    muon_file(here / "zz.root", n=4000, seed=4)
    out = hzdsl("run", "dimuon.toml", "-o", "whole", "--json", "-q", "--backend", "interpret").stdout
    return out, all_files("whole")


def reached(condition, p):
    """Wait until something is so, and return whether it was before the process ended."""
    end = time.monotonic() + 60
    while not condition():
        if p.poll() is not None:
            return False
        assert time.monotonic() < end
        time.sleep(0.01)
    return True


def wait_for(condition, p):
    assert reached(condition, p), p.communicate()


def logged(event):
    """The events of one kind in the log; its last line may not be whole yet."""
    lines = Path("log").read_text().splitlines(keepends=True) if Path("log").exists() else []
    return [e for e in (json.loads(line) for line in lines if line.endswith("\n")) if e["event"] == event]


def entry_at(path, offset):
    """The first entry of the basket that lies at an offset of a file."""
    with uproot.open(path) as file:
        branches = file["Events"].branches
        baskets = [x for b in branches for x in zip(b.member("fBasketSeek"), b.entry_offsets[:-1], strict=False)]
    return max(b for b in baskets if b[0] <= offset)[1]


def test_killed_at_random_moments_and_continued(here, process, hzdsl):
    muon_file(here / "zz.root", n=4000, seed=4)
    plain = hzdsl("run", "dimuon.toml", "--events", "plain.csv", "--json", "-q", "--backend", "interpret").stdout
    seed = random.randrange(10**6)
    print("seed", seed)  # shown where the test fails
    moments = random.Random(seed)
    kept = Path("kept/state.hzs")
    run = ("run", "dimuon.toml", "--state", "kept", "--json", "--events", "e.csv", "--resume", *SLOW)
    size, kills = 0, 0
    while kills < 3:
        p = process(*run)
        more = moments.randrange(1, 20_000)
        if not reached(lambda size=size + more: kept.exists() and kept.stat().st_size >= size, p):
            break
        p.kill()
        p.communicate()
        kills += 1
        assert not Path("e.csv").exists()
        size = kept.stat().st_size
    assert kills >= 2
    p = process(*run, "--log", "log")
    out, err = p.communicate(timeout=120)
    assert (p.returncode, err) == (0, "")
    assert (out, Path("e.csv").read_bytes()) == (plain, Path("plain.csv").read_bytes())
    plan = next(e for e in map(json.loads, Path("log").read_text().splitlines()) if e["event"] == "plan")
    assert 0 < plan["done"] < plan["entries"] == 4060
    assert not kept.exists()


def test_stopped_in_good_order(here, process, hzdsl, whole):
    """By SIGTERM; Ctrl-C is tested where the bar is."""
    p = process("run", "dimuon.toml", "-o", "out", "--events", "e.csv", "--threads", 2, *SLOW[:-1])
    wait_for(lambda: Path("out/partial/state.hzs").exists(), p)
    p.terminate()
    out, err = p.communicate(timeout=60)
    assert p.returncode == 143, err
    assert out.startswith("PARTIAL (")
    assert "stopping: what is being read is finished" in err
    assert "events had not been read" in err.replace("of 2 files ", "").replace("of 1 file ", "")
    assert "partial results (no plots): out/partial, e.partial.csv; --resume continues" in err
    assert {p.name for p in Path("out").iterdir()} == {"partial"}
    made = json.loads(Path("out/partial/result.json").read_text())
    assert made["complete"] is False
    assert made["events"] + sum(m["events"] for m in made["missing"]) == 4060
    assert Path("out/partial/yields.txt").read_text().startswith("PARTIAL (")
    assert Path("e.partial.csv").exists()
    assert not Path("e.csv").exists()
    again = hzdsl("run", "dimuon.toml", "-o", "out", "--json", "--resume", "-q", "--backend", "interpret")
    assert (again.stdout, all_files("out")) == whole
    assert not Path("out/partial").exists()


def test_a_second_interruption_ends_at_once(here, process):
    """The server does not answer any more: what is being read would be finished in minutes."""
    muon_file(here / "far.root", n=30_000, seed=5, baskets=300)
    with serve(here, stall_seconds=600) as server:
        run = ("run", "dimuon.toml", f"{server}/far.root", "-o", "out", "--log", "log", "--chunk-size", 100)
        p = process(*run, "--backend", "interpret")
        wait_for(lambda: logged("unit"), p)
        served, server.stall_next = len(server.requests), 10**6
        wait_for(lambda: server.stall_next < 10**6, p)
        offset = int(server.requests[served][1].removeprefix("bytes=").partition("-")[0])
        waiting = entry_at("far.root", offset)  # what was fetched before is used up when these entries are to be read
        wait_for(lambda: logged("unit")[-1]["stop"] >= waiting, p)
        p.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            p.wait(0.5)
        p.send_signal(signal.SIGINT)
        assert p.wait(timeout=20) == 130
    assert "stopping: what is being read" in p.communicate()[1]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_before_anything_is_read(here, process, number, status):
    """Opening a file takes longer than anybody waits."""
    with serve(here, stall_seconds=600) as server:
        server.stall_next = 10**6
        p = process("run", "dimuon.toml", f"{server}/zz.root", "-o", "out", "--log", "log")
        wait_for(lambda: server.requests, p)
        p.send_signal(number)
        out, err = p.communicate(timeout=20)
    assert (out, p.returncode) == ("", status), err
    assert not Path("out").exists()


def test_a_second_interruption_while_many_files_are_opened(here, process):
    """The first waits for those that are being opened."""
    with serve(here, stall_seconds=600) as server:
        server.stall_next = 10**6
        p = process("run", "dimuon.toml", f"{server}/zz.root", f"{server}/seen.root", "-o", "out")
        wait_for(lambda: len(server.requests) >= 2, p)
        p.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            p.wait(0.5)
        p.send_signal(signal.SIGINT)
        assert p.wait(timeout=20) == 130


def test_lost_input(here, hzdsl):
    start, stop = damage(here / "zz.root", "Muon_pt", 1)
    quick = ("--retries", 0, "--backend", "interpret")
    failed = hzdsl("run", "dimuon.toml", "-o", "out", "--json", *quick, status=6)
    assert failed.stdout == ""
    for words in (
        "error[data-lost]: 1 file could not be read",
        f"zz.root: {stop - start} of 400 events (entries {start} to {stop - 1})",
        "the result of all others: out/partial",
        "--allow-missing",
    ):
        assert words in failed.stderr
    assert {p.name for p in Path("out").iterdir()} == {"partial"}
    assert json.loads(Path("out/partial/result.json").read_text())["complete"] is False
    failed = hzdsl("run", "dimuon.toml", "--log", "run.log", *quick, status=6)
    assert "the result of all others: run.partial.json" in failed.stderr
    assert json.loads(Path("run.partial.json").read_text())["events"] == 460 - (stop - start)
    failed = hzdsl("run", "dimuon.toml", *quick, status=6)
    assert "the result of all others: dimuon.partial.json" in failed.stderr
    done = hzdsl("run", "dimuon.toml", "--json", "--allow-missing", *quick)
    made = json.loads(done.stdout)
    assert [(m["path"], m["ranges"]) for m in made["missing"]] == [("zz.root", [[start, stop]])]
    assert made["samples"]["zz"]["weight"] == 0.05
    assert "note: missing: zz.root" in done.stderr
    assert "PARTIAL (" in hzdsl("run", "dimuon.toml", "--allow-missing", *quick).stdout


def test_slices_and_merge(here, hzdsl, whole):
    for i in (1, 2, 3):
        said = hzdsl("run", "dimuon.toml", "--slice", f"{i}/3", "-o", "slices", "--backend", "interpret").stdout
        assert said == f"slice {i} of 3: {4060 * i // 3 - 4060 * (i - 1) // 3} events, slices/slice_{i}_of_3.hzs\n"
    names = [f"slices/slice_{i}_of_3.hzs" for i in (2, 1, 3)]
    assert {p.name for p in Path("slices").iterdir()} == {Path(n).name for n in names}
    merged = hzdsl("merge", *names, "-o", "merged", "--json", "-q").stdout
    assert (merged, all_files("merged")) == whole
    assert "1 of 3 slices are missing: 1" in hzdsl("merge", names[0], names[2], status=3).stderr
    Path("dimuon.toml").rename("elsewhere.toml")
    assert "--spec FILE" in hzdsl("merge", *names, status=3).stderr
    assert hzdsl("merge", *names, "--spec", "elsewhere.toml", "--json", "-q").stdout == whole[0]
    assert "run-differs" in hzdsl("merge", *names, "--spec", "dimuon.py", status=3).stderr


def test_slices_that_end_early_leave_what_they_have_side_by_side(here, process, hzdsl, whole):
    """Two jobs of an array lose time and input: neither writes over what the other has."""
    slow = ("run", "dimuon.toml", "-o", "s", "--resume", *SLOW[:-1])
    both = [process(*slow, "--slice", f"{i}/2") for i in (1, 2)]
    for i, p in enumerate(both, 1):
        wait_for(lambda i=i: Path(f"s/partial/slice_{i}_of_2/state.hzs").exists(), p)
        p.terminate()
    for i, p in enumerate(both, 1):
        out, err = p.communicate(timeout=60)
        assert p.returncode == 143, (out, err)
        assert f"partial results (no plots): s/partial/slice_{i}_of_2; --resume continues" in err
        made = json.loads(Path(f"s/partial/slice_{i}_of_2/result.json").read_text())
        assert 0 < made["events"] < 2030
    for i in (1, 2):
        hzdsl(*slow, "--slice", f"{i}/2")
        assert not Path(f"s/partial/slice_{i}_of_2").exists()
    assert {p.name for p in Path("s").iterdir()} == {"slice_1_of_2.hzs", "slice_2_of_2.hzs"}
    assert hzdsl("merge", "s/slice_1_of_2.hzs", "s/slice_2_of_2.hzs", "--json", "-q").stdout == whole[0]


def test_partial_results_go_when_the_whole_has_come(here, hzdsl):
    """Also where what was done is kept elsewhere."""
    path = here / "zz.root"
    good = path.read_bytes()
    damage(path, "Muon_pt", 1)
    run = ("run", "dimuon.toml", "-o", "out", "--state", "kept", "--retries", 0, "--backend", "interpret", "--resume")
    hzdsl(*run, status=6)
    assert Path("out/partial/result.json").exists()
    path.write_bytes(good)
    hzdsl(*run)
    assert not Path("out/partial").exists()
    assert list(Path("kept").iterdir()) == []


def test_slices_of_files_and_settings(here, hzdsl):
    given = ("dimuon.toml", "zz.root", "seen.root", "--set", "min_pt=9GeV", "--backend", "interpret")
    plain = hzdsl("run", *given, "--json", "-q").stdout
    for i in (1, 2):
        hzdsl("run", *given, "--slice", f"{i}/2", "-o", "s")
    assert hzdsl("merge", "s/slice_1_of_2.hzs", "s/slice_2_of_2.hzs", "--json", "-q").stdout == plain


@pytest.mark.parametrize("piece", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"])
def test_wrong_slices(here, hzdsl, piece):
    assert "is not of the form I/N" in hzdsl("run", "dimuon.toml", "-o", "s", "--slice", piece, status=2).stderr


def test_options_that_need_a_folder(here, hzdsl):
    assert "-o DIR or --state DIR" in hzdsl("run", "dimuon.toml", "--resume", status=2).stderr
    assert "-o DIR" in hzdsl("run", "dimuon.toml", "--slice", "1/2", status=2).stderr
    for also in (("--json",), ("--events", "e.csv"), ("--plot", "p")):
        assert "hzdsl merge" in hzdsl("run", "dimuon.toml", "-o", "s", "--slice", "1/2", *also, status=2).stderr


def test_two_runs_into_one_folder(here, hzdsl):
    with locked("out"):
        said = hzdsl("run", "dimuon.toml", "-o", "out", status=3).stderr
        assert f"error[output-locked]: process {os.getpid()} on" in said
        assert "is writing to out" in said
        hzdsl("run", "dimuon.toml", "-o", "other", "--backend", "interpret")
    Path("out").mkdir(exist_ok=True)
    Path("out/.hzdsl-lock").write_text("process 1 on a host that died")  # left behind: nobody holds it
    hzdsl("run", "dimuon.toml", "-o", "out", "--backend", "interpret")
    assert not Path("out/.hzdsl-lock").exists()


def test_a_full_disk_leaves_older_files(here, process, hzdsl):
    """The limit of the size of files stands for it; the run fails in writing its table, after the state."""
    hzdsl("run", "dimuon.toml", "-o", "out", "--backend", "interpret", "-q")
    before = all_files("out")
    limit = 4000

    def few_bytes():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    options = ("-o", "out", "-q", "--set", "min_pt=7", "--backend", "interpret")
    p = process("run", "dimuon.toml", *options, preexec_fn=few_bytes)
    out, err = p.communicate(timeout=60)
    assert p.returncode == 3, err
    assert "error[output]: out/" in err
    assert "File too large" in err
    assert all_files("out") == before
    p = process("run", "dimuon.toml", *options, "--checkpoint", 0, "--chunk-size", 100, preexec_fn=few_bytes)
    out, err = p.communicate(timeout=60)
    assert (p.returncode, out) == (3, "")
    assert "error[output]: the state of the run cannot be written to out/partial/state.hzs" in err
    assert all_files("out") == before
    hzdsl("run", "dimuon.toml", *options, "--resume")
    assert all_files("out") != before


def test_a_log_that_cannot_be_written(here, hzdsl):
    assert "no/log cannot be written" in hzdsl("run", "dimuon.toml", "--log", "no/log", status=3).stderr
    full = hzdsl("run", "dimuon.toml", "--log", "/dev/full", status=3).stderr
    assert "error[output]: the log /dev/full cannot be written (No space left on device)" in full


def test_the_log(here, hzdsl):
    hzdsl("run", "dimuon.toml", "--log", "log", "--backend", "interpret", "--chunk-size", 300)
    hzdsl("run", "dimuon.toml", "--log", "log", "--backend", "interpret", "--chunk-size", 300)
    lines = [json.loads(line) for line in Path("log").read_text().splitlines()]
    once = ["start", "opened", "opened", "plan", "unit", "unit", "unit", "end"]
    assert [e["event"] for e in lines] == once + once
    assert all(e["time"].endswith("+00:00") for e in lines)
    assert [e["files_done"] for e in lines if e["event"] == "unit"] == [0, 1, 2] * 2
