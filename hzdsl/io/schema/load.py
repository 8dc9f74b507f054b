"""Schemas by name or path."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.schema.model import Schema
from hzdsl.io.schema.table import schema_from_table

_FOLDER = Path(__file__).resolve().parents[1] / "schemas"


def packaged_names() -> list[str]:
    """Return the names of the schemas that come with the package.

    Examples
    --------
    >>> "nanoaod" in packaged_names()
    True
    """
    return sorted(path.stem for path in _FOLDER.iterdir() if path.suffix in (".json", ".toml"))


@cache
def _packaged(name: str) -> Schema:
    """Return a schema of the package: written by hand as TOML, by a program as JSON, which is read far faster."""
    written = _FOLDER / f"{name}.json"
    if written.exists():
        table = json.loads(written.read_text(encoding="utf-8"))
    else:
        import tomllib

        table = tomllib.loads(written.with_suffix(".toml").read_text(encoding="utf-8"))
    return schema_from_table(table["schema"], name, proven=True)


def load_schema(name: str, folder: str = ".") -> Schema:
    """Return a schema by name (of the package) or from a TOML file, found relative to `folder`.

    Raises
    ------
    HzdslError
        ``file-missing``, ``spec-format``, ``spec-key`` or ``spec-value``.

    Examples
    --------
    >>> str(load_schema("nanoaod").objects["Muon"].fields["pt"].unit)
    'GeV'
    """
    if not name.endswith(".toml"):
        known = packaged_names()
        if name not in known:
            if name.endswith((".root", ".parquet")):
                fix = 'hz.events("nanoaod"), and the file where it is read: ana.run(FILE), x.peek(FILE); for a file of '
                fix += "your own: hzdsl browse FILE --schema > mine.toml"
                raise HzdslError("name-unknown", f"{name} is a file of events, not a schema", fix=fix)
            fix = did_you_mean(name, known) or f"known: {', '.join(known)}; or the path of a .toml file"
            raise HzdslError("name-unknown", f"there is no schema called '{name}'", fix=fix)
        return _packaged(name)
    import tomllib

    path = Path(folder) / name
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise HzdslError("file-missing", f"cannot read the schema {path}: {e.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise HzdslError("spec-format", f"{path} is not TOML: {e}") from None
    if not isinstance(table.get("schema"), dict):
        raise HzdslError("spec-key", f"{path} has no [schema] table", fix="write [schema] above its keys")
    return schema_from_table(table["schema"], path.stem)
