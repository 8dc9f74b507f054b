"""docs/benchmark-tasks.md: its code is that of analyses/adl, its numbers are those of the real events."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl.run import run

ROOT = Path(__file__).resolve().parents[2]
ADL = ROOT / "analyses" / "adl"
EVENTS = ROOT.parent / "shared" / "data" / "adl_benchmark" / "Run2012B_SingleMu_1000.root"
PAGE = (ROOT / "docs" / "benchmark-tasks.md").read_text(encoding="utf-8")
#: Rows of the table: task, histogram, entries, below the range, above it, characters of the task.
ROWS = re.findall(r"^\| (\d) \| `(\w+)` \| (\d+) \| (\d+) \| (\d+) \| (\d*) \|$", PAGE, re.MULTILINE)


def shown(language: str) -> list[str]:
    return [code.rstrip() for code in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)]


def lines(text: str) -> list[str]:
    return sorted(line for line in text.splitlines() if line and not line.startswith("#"))


def program() -> list[str]:
    """Return the parts of the program: what the tasks share, and each task, without its comment."""
    code = (ADL / "adl.py").read_text(encoding="utf-8")
    first, *tasks = re.split(r"\n\n# \d: .*\n", code[code.index("import hzdsl") :])
    return [first.rstrip(), *(task.rstrip() for task in tasks)]


def test_python() -> None:
    assert shown("python") == program()


def test_text() -> None:
    """Every line of the document is shown: its definitions, regions and histograms, one heading for all regions there."""
    text = (ADL / "adl.toml").read_text(encoding="utf-8")
    definitions = text.partition('define = """\n')[2].partition('"""')[0]
    assert lines("\n".join(shown("hz"))) == lines(definitions)
    tables = text.partition("[regions]\n")[2]
    assert lines("\n".join(shown("toml")).replace("[regions]\n", "")) == lines(tables)


def test_adl() -> None:
    assert shown("adl") == [(ADL / "adl.adl").read_text(encoding="utf-8").rstrip()]


def test_lengths() -> None:
    found = {int(task): int(characters) for task, *_, characters in ROWS if characters}
    assert found == {n: len(task) for n, task in enumerate(program()[1:], 1)}
    assert f"here it has {found[8]}" in " ".join(PAGE.split())


@pytest.mark.shared
def test_counts() -> None:
    if not EVENTS.exists():
        pytest.skip(f"{EVENTS} is not here")
    result = run(hz.load(str(ADL / "adl.toml")).document, str(EVENTS))
    found = {}
    for key, h in result.histograms.items():
        counts = [int(n) for n in h.counts]
        found[key.split("/")[-1]] = (sum(counts), counts[0], counts[-1])
    assert {name: (int(n), int(low), int(high)) for _, name, n, low, high, _ in ROWS} == found


@pytest.mark.shared
def test_what_the_traps_say() -> None:
    if not EVENTS.exists():
        pytest.skip(f"{EVENTS} is not here")
    names: dict[str, object] = {}
    exec((ADL / "adl.py").read_text(encoding="utf-8"), names)
    jet, far = names["jet"], names["far"]
    triples = hz.count(hz.triple(jet)).to_numpy(EVENTS)
    assert f"Up to {triples.max()} trijets" in PAGE
    assert f"reaches −{-hz.min(jet.btag).to_numpy(EVENTS).min():.0f}," in PAGE
    assert f"of which {(hz.sum(far.pt).to_numpy(EVENTS) > 0).sum()} have such a jet" in PAGE
