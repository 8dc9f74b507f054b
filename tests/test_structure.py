"""The rooms: who may import whom, and no module-level state that changes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "hzdsl"
RUN = sorted((PACKAGE / "run").rglob("*.py"))
#: Modules of the package that are open to all rooms.
OPEN = {"", "caches", "errors", "interrupts", "jsonfile", "lalr", "records", "sealed", "sizes", "urls", "version"}
#: The rooms that each room may import from.
ALLOWED = {
    "ir": set(),
    "native": set(),
    "io": {"ir", "native"},
    "corrections": {"ir"},
    "lang": {"ir", "io", "corrections"},
    "text": {"ir", "io", "lang"},
    "backends": {"ir", "native"},
    "results": {"ir", "io"},
    "run": {"ir", "io", "native", "backends", "results"},
    "stats": {"ir", "io", "corrections", "native", "lang", "backends", "results"},
    "plot": {"ir", "io", "results", "stats"},
    "demo": {"io"},
    "cli": {"ir", "native", "io", "lang", "text", "backends", "run", "results", "stats", "plot", "demo"},
}
#: Modules of `run` that are open to all of its rooms: how a run is done, who is told, threads, ranges of entries.
OPEN_IN_RUN = {"options", "pool", "spans", "stop", "watch"}
#: The rooms of `run`, and which of each other they may import from; what stands in `run` itself binds them together.
ALLOWED_IN_RUN = {
    "program": set(),
    "inputs": {"program"},
    "look": {"program", "inputs"},
    "plan": {"program", "inputs"},
    "resources": {"program", "inputs", "plan"},
    "parts": set(),
    "work": {"inputs", "plan", "resources", "parts"},
    "cluster": {"program", "inputs", "plan", "parts", "work"},
    "kept": {"program", "inputs", "plan", "parts", "work"},
    "outcome": {"program", "inputs", "plan", "parts", "work"},
}


def modules() -> Iterator[Path]:
    yield from PACKAGE.rglob("*.py")


def imported(path: Path) -> Iterator[str]:
    """Yield the hzdsl modules that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hzdsl"):
            names = [f"{node.module}.{a.name}" for a in node.names]
            yield from (n if node.module == "hzdsl" or is_module(n) else node.module for n in names)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("hzdsl"))


def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("path", sorted(modules()), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows(path: Path) -> None:
    parts = path.relative_to(PACKAGE).parts
    if len(parts) == 1:
        return  # the package itself binds the rooms together
    own = parts[0]
    found = {room(m) for m in imported(path)} - {own, *OPEN}
    assert found <= ALLOWED[own], f"{path} imports {found - ALLOWED[own]}"


#: What folders of `stats` may import of each other; modules that stand in `stats` itself are open to all.
ALLOWED_IN_STATS = {
    "fits": set(),
    "densities": set(),
    "templates": set(),
    "methods": {"fits"},
    "cards": {"templates"},
    "roofit": {"densities"},
    "histfactory": {"templates"},
    "hs3": {"densities", "histfactory", "templates"},
    "combine": {"cards", "densities", "roofit", "templates"},
    "harvest": {"cards", "combine", "densities"},
    "setup": {"cards", "combine", "densities", "fits", "histfactory", "hs3", "methods", "templates"},
}
STATS = sorted(p for name in ALLOWED_IN_STATS for p in (PACKAGE / "stats" / name).rglob("*.py"))


@pytest.mark.parametrize("path", STATS, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_inside_stats(path: Path) -> None:
    own = path.relative_to(PACKAGE / "stats").parts[0]
    rooms = {m.split(".")[2] for m in imported(path) if m.startswith("hzdsl.stats.")} & ALLOWED_IN_STATS.keys()
    assert rooms - {own} <= ALLOWED_IN_STATS[own], f"{path} imports {rooms - {own} - ALLOWED_IN_STATS[own]}"


def test_every_folder_of_stats_has_its_arrows() -> None:
    folders = {p.parent.name for p in (PACKAGE / "stats").glob("*/__init__.py")}
    assert folders == ALLOWED_IN_STATS.keys()
    TopologicalSorter(ALLOWED_IN_STATS).prepare()


def run_room(module: str) -> str:
    """The room of `run` that a module stands in, or its own name where it stands in `run` itself."""
    return module.split(".")[2] if module.startswith("hzdsl.run.") else ""


@pytest.mark.parametrize("path", RUN, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_inside_run(path: Path) -> None:
    own, *deeper = path.relative_to(PACKAGE / "run").with_suffix("").parts
    found = {run_room(m) for m in imported(path)} - {own, ""}
    if deeper:
        assert found <= ALLOWED_IN_RUN[own] | OPEN_IN_RUN, f"{path} imports {found - ALLOWED_IN_RUN[own]}"
    elif own in OPEN_IN_RUN:
        assert found <= OPEN_IN_RUN, f"{path} is open to all rooms and imports {found}"


def test_no_circles_inside_run() -> None:
    """Neither between its rooms nor between modules."""
    TopologicalSorter(ALLOWED_IN_RUN).prepare()
    arrows = {".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts): {*imported(p)} for p in RUN}
    TopologicalSorter(arrows).prepare()


def test_rooms_hand_nothing_on() -> None:
    """What stands in a room is imported from where it is, so that one import does not load all of them."""
    for name in ALLOWED_IN_RUN:
        assert not list(imported(PACKAGE / "run" / name / "__init__.py")), name


def test_backends_share_no_evaluation_code() -> None:
    for name, other in (("interpret", "codegen"), ("codegen", "interpret")):
        for path in (PACKAGE / "backends" / name).rglob("*.py"):
            used = set(imported(path))
            assert not any(m.startswith(f"hzdsl.backends.{other}") for m in used), path
            shared = {m for m in used if m.startswith("hzdsl.backends") and not m.startswith(f"hzdsl.backends.{name}")}
            assert shared <= {"hzdsl.backends.base"}, path


CHANGES = {"append", "add", "update", "setdefault", "pop", "popitem", "clear", "extend", "insert", "remove", "discard"}


def assigned(tree: ast.Module) -> set[str]:
    """The names that a module gives to what stands outside of its functions."""
    targets = [t for n in tree.body if isinstance(n, ast.Assign) for t in n.targets]
    targets += [n.target for n in tree.body if isinstance(n, ast.AnnAssign)]
    return {t.id for t in targets if isinstance(t, ast.Name)}


def changed(tree: ast.Module) -> Iterator[str]:
    """Yield what the functions of a module change of the module itself."""
    own = assigned(tree)

    def is_own(x: ast.expr) -> bool:
        return isinstance(x, ast.Name) and x.id in own

    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.Lambda)):
        for n in ast.walk(function):
            targets = n.targets if isinstance(n, ast.Assign | ast.Delete) else []
            targets = [n.target] if isinstance(n, ast.AugAssign) else targets
            objects = [t.value for t in targets if isinstance(t, ast.Subscript)]
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in CHANGES:
                objects.append(n.func.value)
            if isinstance(n, ast.Global) or any(map(is_own, objects)):
                yield ast.unparse(n)


def test_no_module_changes_its_state() -> None:
    found = {
        (str(path.relative_to(PACKAGE)), x)
        for path in modules()
        for x in changed(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == {("ir/node.py", "_TABLE.setdefault(key, node)")}  # the weak table that interns nodes


@pytest.mark.parametrize(
    "body", ["global SEEN; SEEN = x", "SEEN.append(x)", "SEEN[x] = 1", "del SEEN[x]", "SEEN[x] += 1"]
)
def test_a_change_of_state_is_seen(body: str) -> None:
    assert list(changed(ast.parse(f"SEEN = make()\ndef f(x):\n    {body}")))
    assert not list(changed(ast.parse(f"def f(x):\n    SEEN = make()\n    {body.removeprefix('global SEEN; ')}")))


def test_every_room_is_known() -> None:
    rooms = {p.name for p in PACKAGE.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert rooms == set(ALLOWED)
    inside = {p.name for p in (PACKAGE / "run").iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert inside == set(ALLOWED_IN_RUN)


def test_every_folder_is_a_package() -> None:
    """What has no `__init__.py` is left out of what `pip install .` installs."""
    folders = {p.parent for p in PACKAGE.rglob("*.py")}
    assert {str(f.relative_to(PACKAGE)) for f in folders if not (f / "__init__.py").exists()} == set()


def test_root_is_in_processes_of_its_own() -> None:
    """What pytest collects it imports: a file that does so for ROOT is named `root_*.py`, or ignored (conftest.py)."""
    assert "ROOT" not in {name.partition(".")[0] for name in sys.modules}  # a part stays of an import that failed
