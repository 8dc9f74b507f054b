"""The steering file of the seed: parameters, luminosity, samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hzdsl.ir.analysis import default_of
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import Loaded, load

HIGGS = Path(__file__).resolve().parents[2] / "analyses" / "higgs4l"
SKIMS = "https://eospublic.cern.ch//eos/root-eos/cms_opendata_2012_nanoaod_skimmed"


@pytest.fixture
def steered(tmp_path: Path) -> Callable[[str], Loaded]:
    """Load higgs4l with a steering file of this text."""

    def steer(text: str) -> Loaded:
        (tmp_path / "steer.toml").write_text(text)
        return load(HIGGS / "higgs4l.toml", config=tmp_path / "steer.toml")

    return steer


@pytest.mark.parametrize("spec", ["higgs4l.toml", "higgs4l.py"])
def test_the_file_in_the_repository_changes_nothing(spec: str) -> None:
    plain = load(HIGGS / spec)
    steered = load(HIGGS / spec, config=HIGGS / "configs" / "higgs4l.toml")
    defaults = {p.name: default_of(p.node) for p in plain.document.parameters}
    assert steered.overrides == defaults
    assert analysis_hash(steered.document) == analysis_hash(plain.document)
    assert steered.document.luminosity == plain.document.luminosity == 11580.0
    for a, b in zip(steered.document.samples, plain.document.samples, strict=True):
        assert a.files == (f"{SKIMS}/{b.files[0]}",)
        assert (a.name, a.role, a.process, a.label, a.xsec, a.nevt, a.scale, a.channels) == (
            b.name, b.role, b.process, b.label, b.xsec, b.nevt, b.scale, b.channels
        )  # fmt: skip


def test_names(steered: Callable[[str], Loaded]) -> None:
    found = steered(
        """
        luminosity = "5 / fb"
        [selection]
        charge_balance_required = false
        [selection.muon]
        min_pt = 6
        max_abs_dxy = "4 mm"
        [selection.mixed_channel]
        leading_pt = 25
        [zcandidates]
        z1_mass_min = 30.5
        [histogram]
        bins = 20
        range = [60, "200 GeV"]
        [histogram.single_signal]
        range = [100, 150]
        """
    )
    assert found.overrides == {
        "charge_balance_required": False,
        "muon_min_pt": 6.0,
        "muon_max_abs_dxy": 0.4,
        "mixed_channel_leading_pt": 25.0,
        "z1_mass_min": 30.5,
        "histogram_bins": 20,
        "histogram_low": 60.0,
        "histogram_high": 200.0,
        "single_signal_low": 100.0,
        "single_signal_high": 150.0,
    }
    assert found.document.luminosity == 5000.0
    assert len(found.document.samples) == 8


def test_settings_come_after_the_file() -> None:
    found = load(HIGGS / "higgs4l.toml", config=HIGGS / "configs" / "higgs4l.toml", set=["muon_min_pt=7GeV"])
    assert found.overrides["muon_min_pt"] == 7.0


def test_sample_files(steered: Callable[[str], Loaded]) -> None:
    table = "[[sample]]\nname = 'a'\n[[sample]]\nname = 'b'\nfile = 'c.root'\n[[sample]]\nname = 'd'\nfiles = ['/x/e.root', 'f.root']\n"
    assert [s.files for s in steered(table).document.samples] == [("a.root",), ("c.root",), ("/x/e.root", "f.root")]
    based = steered("[source]\nskimmed_base_url = 'https://x.org/y/'\n" + table).document.samples
    assert [s.files for s in based] == [
        ("https://x.org/y/a.root",),
        ("https://x.org/y/c.root",),
        ("/x/e.root", "https://x.org/y/f.root"),
    ]


GOLDEN = [
    (
        "[selection.muon]\nmin_ptt = 5.0\n",
        "error[spec-key]: selection.muon.min_ptt: the analysis 'higgs4l' has no parameter 'muon_min_ptt'\n"
        "  at steer.toml:2\n"
        "    min_ptt = 5.0\n"
        "    ^^^^^^^\n"
        "  fix: did you mean muon_min_pt",
    ),
    ("[zcandidates]\nz1_mass_min = '40 cm'\n", "error[unit]: 40.0 cm is not in GeV\n  at steer.toml:2\n"),
    ("[selection.muon]\nmin_pt = 900\n", "error[parameter]: parameter 'muon_min_pt' is 900.0 GeV, outside its bounds"),
    ("[selection.muon]\nmin_pt = [1]\n", "error[spec-value]: selection.muon.min_pt is no number\n  at steer.toml:2\n"),
    (
        "[histogram]\nrange = [1]\n",
        "error[spec-value]: histogram.range is not a lower and an upper edge\n  at steer.toml:2\n",
    ),
    ("[histogram]\nbins = 3.5\n", "error[parameter]: parameter 'histogram_bins' is 3.5\n  at steer.toml:2\n"),
    ("[source]\nbase_url = 'x'\n", "error[spec-key]: unknown key 'source.base_url'\n  at steer.toml:2\n"),
    ("source = 1\n", "error[spec-value]: source is no table\n"),
    ("luminosity = '3 GeV'\n", "error[unit]: 3.0 GeV is not in 1/pb\n  at steer.toml:1\n"),
    ("luminosity = true\n", "error[unit]: luminosity is True\n  at steer.toml:1\n"),
    ("[[sample]]\nname = 'a'\nxsek = 1\n", "error[spec-key]: unknown key 'sample[0].xsek'\n  at steer.toml:3\n"),
    (
        "[[sample]]\nname = 'a'\nchannels = ['4m']\n",
        "error[name-unknown]: there is no region '4m'\n  at steer.toml:3\n",
    ),
    (
        "[[sample]]\nname = 'a'\n[[sample]]\nname = 'a'\n",
        "error[name-twice]: there are two samples called 'a'\n  at steer.toml:3\n",
    ),
    ("[selection.muon\n", "error[spec-format]: steer.toml is not TOML:"),
]


@pytest.mark.parametrize(("text", "start"), GOLDEN, ids=[c[0] for c in GOLDEN])
def test_refused(text: str, start: str, steered: Callable[[str], Loaded], message: Callable[..., str]) -> None:
    assert message(lambda: steered(text)).startswith(start)


def test_missing(message: Callable[..., str]) -> None:
    assert "error[file-missing]" in message(lambda: load(HIGGS / "higgs4l.toml", config="none.toml"))
