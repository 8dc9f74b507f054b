"""Changing a document where it stands: comments, order and layout of the file survive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean


def updated(text: str, values: Mapping[str, Any]) -> str:
    r"""Return the text of a TOML document with values changed.

    Parameters
    ----------
    text : str
        The document.
    values : mapping of str to value
        New values by dotted key: ``parameters.pt_min``, ``regions.signal.require.1``, ``histogram.0.bins``. A
        parameter with a table keeps its bounds and documentation.

    Raises
    ------
    HzdslError
        ``spec-format`` for a text that is not TOML, ``spec-key`` for a key that it does not have.

    Examples
    --------
    >>> print(updated('[parameters]\nx = "5 GeV"   # as in the paper\n', {"parameters.x": "7 GeV"}), end="")
    [parameters]
    x = "7 GeV"   # as in the paper
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError as e:
        raise HzdslError("spec-format", f"this is not TOML: {e}") from None
    for key, value in values.items():
        _set(document, key, value)
    return tomlkit.dumps(document)


def _set(document: Any, key: str, value: Any) -> None:
    at, names = document, key.split(".")
    for name in names[:-1]:
        at = _item(at, name, key)
    old = _item(at, names[-1], key)
    if isinstance(old, Mapping) and not isinstance(value, Mapping) and "default" in old:
        at, names, old = old, ["default"], old["default"]
    last = _index(at, names[-1])
    if isinstance(old, Mapping) and isinstance(value, str) and len(old) == 1:
        at, last = old, next(iter(old))  # a requirement keeps its label
    at[last] = value


def _index(at: Any, name: str) -> Any:
    return int(name) if isinstance(at, list) and name.isdigit() else name


def _item(at: Any, name: str, key: str) -> Any:
    try:
        return at[_index(at, name)]
    except (KeyError, IndexError, TypeError):
        known = [str(k) for k in (at if isinstance(at, Mapping) else range(len(at) if isinstance(at, list) else 0))]
        fix = did_you_mean(name, known) or (f"known: {', '.join(known)}" if known else None)
        raise HzdslError("spec-key", f"the document has no '{name}' of '{key}'", fix=fix) from None
