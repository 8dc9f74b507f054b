"""The README and the pages of docs/: Python blocks run, text blocks build the same graph."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import hzdsl as hz
from hzdsl.ir.hash import analysis_hash
from hzdsl.lang.objects import Object, Particle, Sum
from hzdsl.lang.values import Value
from hzdsl.text import loads

ROOT = Path(__file__).resolve().parents[2]


def blocks(page: str, *languages: str) -> list[tuple[str, str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [(a, b) for a, b in re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL) if a in languages]


def same(a: Any, b: Any) -> bool:
    """Return whether two surface values stand for the same nodes."""
    if isinstance(a, Value):
        return a.node is b.node
    if isinstance(a, Sum):
        return all(same(x, y) for x, y in zip(a.members.values(), b.members.values(), strict=True))
    assert isinstance(a, Object)
    return a.reference is b.reference


def run_python(page: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with contextlib.chdir(ROOT):  # the pages name files from there
        for _, code in blocks(page, "python"):
            exec(compile(code, page, "exec"), names)
    return names


def test_python_and_text_of_the_language_page_are_the_same() -> None:
    names = run_python("docs/language.md")
    definitions = "\n".join(code for _, code in blocks("docs/language.md", "hz"))
    library = loads(f'define = """\n{definitions}"""\n')
    defined = re.findall(r"^(\w+) = ", definitions, re.M)
    assert len(defined) > 15
    for name in defined:
        assert isinstance(names[name], Value | Particle), name
        assert same(names[name], getattr(library, name)), name


def test_the_analysis_of_the_language_page() -> None:
    document = run_python("docs/language.md")["ana"].document()
    (text,) = [code for _, code in blocks("docs/language.md", "toml") if "analysis.name" in code]
    assert analysis_hash(loads(text).document) == analysis_hash(document)


def test_the_yaml_of_the_language_page(tmp_path: Path) -> None:
    (text,) = [code for _, code in blocks("docs/language.md", "yaml")]
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "candles.toml").write_text(
        "define = 'z_candidates(lep) = pair(lep).opposite_charge()'", encoding="utf-8"
    )
    document = hz.load(tmp_path / "a.yaml").document
    assert [(r.name, [c.label for c in r.cuts]) for r in document.regions] == [("z", ["count(good) >= 2", "on the Z"])]
    assert {name for name, _ in document.definitions} == {"good", "z", "njet"}


def test_the_corrections_and_models_of_the_language_page() -> None:
    names = run_python("docs/language.md")
    for key, defined in (("corrections.", ("good_sf", "w_id")), ("models.", ("score",))):
        (text,) = [code for _, code in blocks("docs/language.md", "toml") if key in code]
        library = loads(text, folder=str(ROOT))
        for name in defined:
            assert same(names[name], getattr(library, name)), name
    assert str(names["certified"].node.type) == "bool @ event"


def test_the_schema_of_the_language_page(tmp_path: Path) -> None:
    (text,) = [code for _, code in blocks("docs/language.md", "toml") if "[schema]" in code]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    ev = hz.events("mine.toml", folder=str(tmp_path))
    assert str(ev.B_mass.node.type) == "f32 MeV @ event"
    assert str(ev.lep.pt.node.type) == "f32 MeV @ lep"
    assert str(ev.H1.py.node.type) == "f32 MeV @ event"
    assert str(ev.jet.tracks.pt.node.type) == "f32 GeV @ jet.tracks"
    assert str(ev.jet.muon.pt.node.type) == "f32 MeV @ jet ?"
    assert str(ev.weights[0].node.type) == "f32 @ event ?"
    assert str(ev.trig.any_name.node.type) == "bool @ event"


def test_the_readme_builds() -> None:
    (code,) = (code for _, code in blocks("README.md", "python"))
    names: dict[str, Any] = {}
    exec(compile(code.replace("result = ana.run", "# result = ana.run"), "README.md", "exec"), names)
    assert [h.key for h in names["ana"].document().histograms] == ["signal/h_mass"]
