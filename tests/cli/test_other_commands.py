"""``hzdsl --help``, ``show``, ``check``, ``demo``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hzdsl as package
from hzdsl.cli.app import COMMANDS, app
from hzdsl.cli.demo import demo_spec
from tests.cli.conftest import ROOT


def test_help(hzdsl):
    text = hzdsl("--help").stdout
    assert "Exit status:" in text
    for name in COMMANDS:
        assert name in text
        assert "Examples:" in hzdsl(name, "--help").stdout
        assert hzdsl(name, "-h").stdout == hzdsl(name, "--help").stdout
    assert hzdsl("--version").stdout == f"hzdsl {package.__version__}\n"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_laid_out_as_written(hzdsl, name):
    text = hzdsl(*([name] if name else []), "--help").stdout
    assert "\\b" not in text
    assert "\b" not in text
    if not name:
        return
    import importlib
    import inspect

    docstring = inspect.getdoc(importlib.import_module(f"hzdsl.cli.{name.replace('-', '_')}").command.callback)
    examples = docstring.partition("Examples:")[2].strip().splitlines()
    assert len(examples) >= 2
    lines = [line.strip() for line in text.splitlines()]
    for example in examples:
        assert example.strip() in lines, example


def test_help_imports_nothing_heavy(process):
    import subprocess
    import sys

    code = (
        "import sys\nfrom hzdsl.cli.app import app\n"
        "try: app(['run', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'uproot', 'awkward', 'matplotlib', 'rich', 'llvmlite', 'lark', 'hist'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    p = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert p.returncode == 0, p.stderr


def test_the_process(process):
    p = process("--version")
    assert p.communicate(timeout=60)[0] == f"hzdsl {package.__version__}\n"
    assert p.returncode == 0


def test_internal_errors(here, hzdsl, monkeypatch):
    import hzdsl.run as room

    def broken(*args, **options):
        raise RuntimeError("a surprise")

    monkeypatch.setattr(room, "run", broken)
    result = hzdsl("run", "dimuon.toml", "zz.root", status=5)
    assert result.stderr.startswith("internal error: RuntimeError: a surprise")
    assert "HZDSL_DEBUG=1" in result.stderr


def test_debug_shows_the_traceback(here, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.setenv("HZDSL_DEBUG", "1")
    result = CliRunner().invoke(app, ["run", "none.toml"])
    assert result.exit_code == 3
    assert "Traceback" in result.stderr


def test_show(here, hzdsl):
    text = hzdsl("show", "dimuon.toml").stdout
    for word in (
        "dimuon  ",
        "schema nanoaod, luminosity 100 / pb",
        "min_pt",
        "0 … 50",
        "least pt",
        "region pair",
        "two muons",
        "count(",
        "pair/pt",
        "4, 0 … 40 GeV",
        "Muon_eta",
        "f32 GeV",
        "zz.root",
        "0.05",
    ):
        assert word in text, word
    shown = json.loads(hzdsl("show", "dimuon.toml", "--format", "json", "--set", "min_pt=7").stdout)
    assert shown["parameters"] == [
        {
            "name": "min_pt",
            "value": "7 GeV",
            "default": "5 GeV",
            "unit": "GeV",
            "bounds": [0.0, 50.0],
            "doc": "least pt",
        }
    ]
    assert [c["branch"] for c in shown["columns"]] == [
        "event",
        "luminosityBlock",
        "run",
        "Muon_charge",
        "Muon_eta",
        "Muon_pt",
    ]
    assert shown["hash"] == json.loads(hzdsl("run", "dimuon.toml", "zz.root", "--json").stdout)["hash"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("toml", "good = Muon[Muon.pt > min_pt and abs(Muon.eta) < 2.4]"), ("yaml", "min_pt:"), ("md", r"| two muons | $N(\mathrm{good}) = 2$ |"),
        ("latex", r"    two muons & $N(\mathrm{good}) = 2$ \\"),
    ],
)  # fmt: skip
def test_show_in_other_forms(here, hzdsl, form, said):
    text = hzdsl("show", "dimuon.toml", "--format", form, "--set", "min_pt=7").stdout
    assert said in text
    assert "7" in text
    if form == "toml":
        Path("again.toml").write_text(text)
        assert package.load("again.toml").document.parameters[0].bounds == (0, 50)
        again = json.loads(hzdsl("show", "again.toml", "--format", "json").stdout)
        assert again["parameters"][0]["value"] == "7 GeV"


def test_show_says_what_is_overridden(here, hzdsl):
    assert "7 GeV (default 5 GeV)" in hzdsl("show", "dimuon.toml", "--set", "min_pt=7GeV").stdout
    assert "default" not in hzdsl("show", "dimuon.toml").stdout


def test_show_leaves_nothing_out(here, hzdsl):
    long = " or ".join(f"sum(good.charge) == {i}" for i in range(30))
    (here / "long.toml").write_text(f"""
define = "good = Muon[pt > 5 GeV]"
[regions.sr]
require = [{{ "any (of many)" = "{long}" }}]
""")
    row = next(line for line in hzdsl("show", "long.toml").stdout.splitlines() if "any (of many)" in line)
    assert all(f".charge) == {i}" in row for i in range(30))
    assert "…" not in row


def test_show_on_a_terminal():
    from hzdsl.cli.show import _cut, _short, _whole

    cut = {"cut": "many", "expr": "x" * 500}
    assert len(_cut(0, cut, _short)[2]) == 160
    assert _cut(0, cut, _whole)[2] == "x" * 500


def test_remarks_on_weights(here, hzdsl):
    text = (here / "dimuon.toml").read_text().replace('luminosity = "100 / pb"', "")
    (here / "bare.toml").write_text(text)
    said = "note: sample zz has a cross-section, but the analysis has no luminosity: its weight is the scale alone\n"
    assert hzdsl("show", "bare.toml").stderr == hzdsl("check", "bare.toml").stderr == said
    made = hzdsl("run", "bare.toml", "--json")
    assert made.stderr == said + "note: sample zz: 400 entries read, nevt = 1000\n"
    assert json.loads(made.stdout)["samples"]["zz"]["weight"] == 1
    assert hzdsl("run", "bare.toml", "--quiet").stderr == ""
    assert hzdsl("run", "bare.toml", "zz.root").stderr == ""


def test_an_analysis_that_fills_nothing(here, hzdsl):
    (here / "empty.toml").write_text('define = "good = Muon[pt > 5 GeV]"\n')
    said = "has no region and no histogram: there is nothing to fill"
    assert said in hzdsl("run", "empty.toml", "zz.root", status=4).stderr
    assert said in hzdsl("check", "empty.toml").stderr


def test_show_ir(here, hzdsl):
    lines = hzdsl("show", "dimuon.toml", "--ir").stdout.splitlines()
    nodes = [line for line in lines if line.startswith("%")]
    assert nodes[0] == "%0 = event() : axis"
    assert all(" : " in line for line in nodes)
    numbers = [line.split(" = ")[0] for line in nodes]
    assert numbers == [f"%{i}" for i in range(len(nodes))]
    assert any("param(min_pt, 5.0) : f64 GeV @ %0" in line for line in nodes)
    assert "region pair" in lines
    assert any(line.endswith("two muons") for line in lines)


def test_check(here, hzdsl):
    assert hzdsl("check", "dimuon.toml").stdout.splitlines() == [
        "dimuon.toml: no mistake found (2 regions, 2 cuts, 2 histograms, 6 branches)",
        "checked: syntax, names, types, units, bins, parameters",
        "not checked, for want of a file: branches and their types, that both backends agree",
        "to check these, too: hzdsl check dimuon.toml FILE.root",
    ]
    text = hzdsl("check", "dimuon.toml", "zz.root", "--events", 100).stdout
    assert text.endswith("96 events: both backends agree in every bit\n")
    assert "not checked" not in text
    assert "error[file-missing]" in hzdsl("check", "dimuon.toml", "none.root", status=3).stderr


def test_check_of_data(here, hzdsl):
    assert "looks like data" in hzdsl("check", "dimuon.toml", "seen.root").stderr
    done = hzdsl("check", "dimuon.toml", "seen.root", "--data")
    assert (done.stderr, done.stdout.splitlines()[-1]) == ("", "60 events: both backends agree in every bit")


def test_check_finds_differences(here, hzdsl, monkeypatch):
    from hzdsl.run.program import backend
    from tests.run.test_compare import Wrong

    real = backend.backend_of
    monkeypatch.setattr(backend, "backend_of", lambda name: Wrong() if name == "codegen" else real(name))
    result = hzdsl("check", "dimuon.toml", "zz.root", status=1)
    assert "400 events: " in result.stderr
    assert "cut 'two muons': interpret" in result.stderr


@pytest.fixture(scope="module")
def demo_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "cache"


@pytest.fixture
def small_demo(monkeypatch, tmp_path, demo_cache):
    """A demo of few events, in a cache of its own."""
    from dataclasses import replace

    from hzdsl.demo import cache, samples

    monkeypatch.setenv("HZDSL_CACHE", str(demo_cache))
    few = tuple(replace(s, generated=None if s.generated is None else 1500) for s in samples.SAMPLES)
    for module in (cache, samples):
        monkeypatch.setattr(module, "SAMPLES", few)
    monkeypatch.setattr(samples, "Z_EXPECTED", 2000.0)
    return tmp_path


def test_demo(small_demo, hzdsl, monkeypatch):
    monkeypatch.chdir(small_demo)
    text = hzdsl("demo", "--seed", 3).stdout
    assert "SMHiggsToZZTo4L" in text
    assert "all simulation" in text
    names = {p.name for p in Path("demo-output").iterdir()}
    assert {"result.json", "yields.txt", "cutflow.txt", "events.csv", "h_mass.png", "4mu_h_mass.png"} <= names
    result = json.loads(Path("demo-output/result.json").read_text())
    assert result["samples"]["SMHiggsToZZTo4L"]["weight"] == pytest.approx(11580 * 0.0065 / 1500, rel=1e-12)
    assert result["samples"]["ZZTo4mu"]["events"] == 1500
    again = hzdsl("demo", "--seed", 3, "-o", "again", "--threads", 1).stdout
    assert again.splitlines()[:10] == text.splitlines()[:10]
    assert Path("again/result.json").read_text() == Path("demo-output/result.json").read_text()


def test_demo_over_https(small_demo, demo_cache, hzdsl, monkeypatch, tmp_path):
    from tests.io.remote.authority import Authority
    from tests.io.remote.web_server import serve

    monkeypatch.chdir(small_demo)
    hzdsl("demo", "-o", "local")
    authority = Authority(tmp_path)
    with serve(demo_cache / "demo", tls=authority.server()) as server:
        text = hzdsl("demo", "--remote", "--base-url", server, "--ca-file", authority.pem, "-o", "far").stdout
        assert "published" in text
        for number in ("9115", "5528", "12065", "26708", "23370", "2080", "647"):
            assert number in text
        assert "bytes over the network" in text
        refused = hzdsl("demo", "--remote", "--base-url", server, "-o", "never", status=3)
        assert "--ca-file" in refused.stderr
        assert not Path("never").exists()
        hzdsl("demo", "--remote", "--base-url", server, "--insecure", "-o", "insecure")
    far, local = (json.loads(Path(d, "result.json").read_text()) for d in ("far", "local"))
    for key in ("hash", "events"):
        assert far[key] == local[key]
    for name, sample in far["samples"].items():
        mine = local["samples"][name]["regions"]
        assert {r: x["selected"] for r, x in sample["regions"].items()} == {r: x["selected"] for r, x in mine.items()}
    table = Path("far/events.csv").read_bytes()
    assert table == Path("local/events.csv").read_bytes() == Path("insecure/events.csv").read_bytes()


def test_the_demo_runs_the_analysis_of_the_repository():
    original = ROOT / "analyses" / "higgs4l" / "higgs4l.toml"
    with demo_spec() as path:
        assert Path(path).read_bytes() == original.read_bytes()


def test_documents_in_yaml_and_json(here, hzdsl):
    import tomllib

    import yaml

    data = tomllib.loads((here / "dimuon.toml").read_text())
    (here / "same.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    (here / "same.json").write_text(json.dumps(data))
    results = [
        json.loads(hzdsl("run", f, "zz.root", "--json").stdout) for f in ("dimuon.toml", "same.yaml", "same.json")
    ]
    for other in results[1:]:
        assert other["hash"] == results[0]["hash"]
        assert other["histograms"] == results[0]["histograms"]


def test_the_dialect_of_a_document(here, hzdsl):
    (here / "nano.toml").write_text(
        "[regions]\na = ['count(Muon, pt^2 > 25 GeV * 1 GeV) > 0']\nb = ['leading(Muon).pt > 20 GeV']\n"
    )
    assert "'^' is not an operator here" in hzdsl("check", "nano.toml", status=4).stderr
    assert "a and b" in hzdsl("show", "nano.toml", "--dialect", "nano-spec").stdout
    assert "both backends agree" in hzdsl("check", "nano.toml", "zz.root", "--dialect", "nano-spec").stdout
    made = json.loads(hzdsl("run", "nano.toml", "zz.root", "--dialect", "nano-spec", "--json").stdout)
    assert list(made["regions"]) == ["a and b"]
