"""What a file may hold by mistake or malice: each is one error of ours, at its place."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hzdsl.text import load, loads

DIGITS = "9" * 400
MANY = "9" * 5000
HISTOGRAM = "[[histogram]]\nname = 'h'\nexpr = 'run'\nbins = 2\n"
#: (name of the file, its text, what is said, the line with the caret under what it is about)
ODD: list[tuple[str, str, str, str]] = [
    ("x.json", '{"a": ["x"], "a": [1]}', 'error[spec-format]: x.json: the key "a" stands twice', '"a": [1]}'),
    ("x.json", '{"regions": {"r": {"a": 1}, "r": 2}}', 'error[spec-format]: x.json: the key "r" stands twice', '"r": 2}}'),
    ("x.json", '{"define": "NaN",\n"luminosity": NaN}', "error[spec-format]: x.json is not JSON: 'NaN' is no", "NaN}"),
    ("x.json", '{"luminosity": -Infinity}', "error[spec-format]: x.json is not JSON: '-Infinity'", "-Infinity}"),
    ("x.json", f'{{"luminosity": {MANY}}}', "error[spec-format]: x.json is not JSON: the number has too many", "999"),
    ("x.toml", f"luminosity = {MANY}", "error[spec-format]: x.toml is not TOML: the number has too many digits", "999"),
    ("x.yaml", f"luminosity: {MANY}", "error[spec-format]: x.yaml: the number has too many digits", "999"),
    *((n, t.format(DIGITS), "error[spec-value]: luminosity is an integer that does not fit in 64 bits", "")
      for n, t in (("x.toml", "luminosity = {}"), ("x.yaml", "luminosity: {}"), ("x.json", '{{"luminosity": {}}}'))),
    ("x.toml", f"{HISTOGRAM}range = [0, 1]\nmarks.x = {DIGITS}", "error[spec-value]: histogram[0].marks.x is an integer", ""),
    ("x.toml", f"parameters.x = {{ default = 1, bounds = [0, {DIGITS}] }}", "error[spec-value]: parameters.x.bounds[1]", ""),
    ("x.toml", f"weight.nominal = [{DIGITS}]", "error[spec-value]: weight.nominal[0] is an integer that does not fit", ""),
    ("x.yaml", "define: x = 1\x00", "error[spec-format]: x.yaml is not YAML: the character is not allowed", "\x00"),
    ("x.yaml", "define: x = 1\n\nregions: \x07", "error[spec-format]: x.yaml is not YAML: the character is not", "\x07"),
    ("x.toml", "define = 'x = 1\x00'", "error[spec-format]: x.toml is not TOML: found invalid character", "\x00'"),
    ("x.yaml", "regions:\n  <<: {a: []}\n", "error[spec-format]: x.yaml: merge keys are not read", "<<: {a: []}"),
    ("x.yaml", "regions:\n  a: &a []\n  b: *a\n", "error[spec-format]: x.yaml: anchors and aliases are not read", "&a []"),
    ("x.yaml", "regions: [a,\n\n\n", "error[spec-format]: x.yaml is not YAML: ", ""),
    ("x.yaml", "define: 'x\n\n\n", "error[spec-format]: x.yaml is not YAML: found unexpected end of stream", "x"),
    ("x.toml", "luminosity = 1979-05-27", "error[spec-value]: luminosity is the date or time 1979-05-27", ""),
    ("x.toml", "luminosity = 1979-02-30", "error[spec-format]: x.toml is not TOML: invalid date", "1979"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said", "at"), ODD, ids=[f"{n} {t[:30]!r}" for n, t, _, _ in ODD])
def test_at_its_place(name: str, text: str, said: str, at: str, message: Callable[..., str]) -> None:
    found = message(lambda: loads(text, name))
    assert found.startswith(said)
    assert found.splitlines()[1].startswith(f"  at {name}:")
    line, carets = found.split("\n")[2:4]
    assert "^" in carets
    assert line[carets.index("^") :].startswith(at)


def test_a_thousand_laughs(message: Callable[..., str]) -> None:
    """Nothing is expanded: the first anchor is refused."""
    rows = [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    text = "\n".join(["a: &a [x]", *rows])
    assert "anchors and aliases are not read" in message(lambda: loads(text, "x.yaml"))


def test_line_ends_and_marks_mean_nothing() -> None:
    """Windows' line ends and a byte order mark, in each form; a tab continues a line."""
    block = "x = run +\n\t1\ny = x + 1"
    texts = {
        "x.toml": f"define = '''\n{block}\n'''\n",
        "x.yaml": 'define: "' + block.replace("\n", "\\n").replace("\t", "\\t") + '"\n',
        "x.json": '{"define": "' + block.replace("\n", "\\r\\n").replace("\t", "\\t") + '"}\n',
    }
    found = {loads(t, n).y.node for n, x in texts.items() for t in (x, "\ufeff" + x, x.replace("\n", "\r\n"))}
    assert len(found) == 1


def test_a_very_long_line_is_shown_in_part(message: Callable[..., str]) -> None:
    text = "x = " + "run + " * 5000 + "rn + " + "run + " * 5000 + "1"
    found = message(lambda: loads(f"define = '''{text}'''"))
    _, _, line, carets, _ = found.splitlines()
    assert len(line) < 320
    assert line.strip().startswith("…")
    assert line.endswith("…")
    assert line[carets.index("^") : carets.index("^") + carets.count("^")] == "rn"


def test_what_is_no_file_of_text(tmp_path: Path, message: Callable[..., str]) -> None:
    (tmp_path / "latin.toml").write_bytes("# a\nname = 'é'".encode("latin-1"))
    found = message(lambda: load(tmp_path / "latin.toml"))
    assert found.startswith("error[spec-format]: latin.toml is not UTF-8 text: byte 0xe9 in line 2\n  at latin.toml:2")
    (tmp_path / "wide.toml").write_bytes("define = 'x = 1'".encode("utf-16"))
    assert "byte 0xff in line 1" in message(lambda: load(tmp_path / "wide.toml"))
    (tmp_path / "folder.toml").mkdir()
    assert "folder.toml is a folder, not a file" in message(lambda: load(tmp_path / "folder.toml"))
    os.mkfifo(tmp_path / "pipe.toml")
    assert "pipe.toml is no file of text" in message(lambda: load(tmp_path / "pipe.toml"))
    assert "/dev/zero is no file of text" in message(lambda: load("/dev/zero"))
    (tmp_path / "round.toml").symlink_to(tmp_path / "round.toml")
    assert "Too many levels of symbolic links" in message(lambda: load(tmp_path / "round.toml"))


def test_includes_that_are_none(tmp_path: Path, message: Callable[..., str]) -> None:
    path = tmp_path / "spec.toml"
    (tmp_path / "link.toml").symlink_to(path)
    (tmp_path / "round.toml").symlink_to(tmp_path / "round.toml")
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    said = {
        "spec.toml": "error[cycle]: spec.toml includes itself: spec.toml → spec.toml",
        "link.toml": "error[cycle]: spec.toml includes itself: spec.toml → spec.toml",
        "round.toml": "error[file-missing]: cannot read 'round.toml'",
        "folder.toml": f"error[file-missing]: {tmp_path / 'folder.toml'} is a folder, not a file",
        "pipe.toml": f"error[file-missing]: {tmp_path / 'pipe.toml'} is no file of text",
        "/dev/zero": "error[file-missing]: /dev/zero is no file of text",
        "none.toml": "error[file-missing]: cannot read",
        "": "error[file-missing]:",
        "a" * 5000: "error[file-missing]: cannot read",
    }
    for name, expected in said.items():
        path.write_text(f"include = ['{name}']")
        found = message(lambda: load(path))
        assert found.startswith(expected), name
        assert "  at spec.toml:1" in found
