"""Patchsets: JSON Patch (RFC 6902) operations, by name, that make the document of one signal from that without."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.documents import Source, Value, meant

_NEEDED = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": "path"}


def patched(document: Value, patches: Value, name: str | None) -> Value:
    """Return a document with one patch of a patchset applied; it has no lines any more.

    Raises
    ------
    HzdslError
        ``options`` where the name is needed, ``name-unknown`` where it is of no patch, ``spec-value`` where the
        patchset is of another document (by its digests), or an operation does not fit.
    """
    named = patches.check(("metadata", "patches", "version")).each("patches")
    known = {v["metadata"].word("name"): v["patch"] for v in (p.check(("metadata", "patch")) for p in named)}
    file = patches.source.name
    if name is None and len(known) != 1:
        fix = f'choose one: patch="{next(iter(known), "")}"'
        raise HzdslError("options", f"{file} holds {len(known)} patches", fix=fix)
    if name is not None and name not in known:
        fix = did_you_mean(name, known) or f"it holds {', '.join([*known][:8])}{' …' * (len(known) > 8)}"
        raise HzdslError("name-unknown", f"{file} holds no patch '{name}'", fix=fix)
    _check_digests(document, patches["metadata"].get("digests"))
    data = copy.deepcopy(document.data)
    for operation in known[name or next(iter(known))].items:
        data = _applied(data, operation)
    return Value(Source(document.source.name, "", data), (), data)


def _check_digests(document: Value, digests: Value | None) -> None:
    """Compare with the digests of the document that the patchset was made for (pyhf's: of JSON with sorted keys)."""
    if digests is None:
        return
    text = json.dumps(document.data, sort_keys=True, ensure_ascii=False).encode()
    for algorithm in digests.check((), ("md5", "sha256")).mapping:
        if hashlib.new(algorithm, text, usedforsecurity=False).hexdigest() != digests[algorithm].text.lower():
            what = f"is not that of {document.source.name}: the patchset was made for another document"
            raise digests[algorithm].error("spec-value", what, "take the patchset and the document of one publication")


# ---- operations ----


def _applied(data: Any, operation: Value) -> Any:
    kind = operation.word("op")
    if kind not in _NEEDED:
        raise operation["op"].error("spec-value", f"is '{kind}'", fix=f"known: {', '.join(_NEEDED)}")
    operation.check(("op", "path", *({_NEEDED[kind]} - {"path"})), ("value", "from"))
    target = operation["path"]
    if kind == "test":
        if _found(data, target) != operation["value"].data:
            what = f"does not hold: {target.text} is something else"
            raise operation.error("spec-value", what, "the patch is of another document")
        return data
    if kind in ("move", "copy"):
        value = copy.deepcopy(_found(data, operation["from"]))
        data = _removed(data, operation["from"]) if kind == "move" else data
        return _added(data, target, value)
    if kind == "remove":
        return _removed(data, target)
    value = copy.deepcopy(operation["value"].data)
    if kind == "replace":
        _found(data, target)
        data = _removed(data, target) if _tokens(target) else data
    return _added(data, target, value)


def _tokens(pointer: Value) -> list[str]:
    """Return the keys of a JSON Pointer (RFC 6901)."""
    if pointer.text and not pointer.text.startswith("/"):
        raise pointer.error("spec-value", "begins with no /", "write /channels/0/…")
    return [t.replace("~1", "/").replace("~0", "~") for t in pointer.text.split("/")[1:]]


def _found(data: Any, pointer: Value) -> Any:
    for token in _tokens(pointer):
        data = data[_key(data, token, pointer)]
    return data


def _parent(data: Any, pointer: Value) -> tuple[Any, str]:
    *outer, last = _tokens(pointer)
    for token in outer:
        data = data[_key(data, token, pointer)]
    return data, last


def _removed(data: Any, pointer: Value) -> Any:
    if not _tokens(pointer):
        raise pointer.error("spec-value", "is the whole document, which stays", "remove what is in it")
    parent, last = _parent(data, pointer)
    del parent[_key(parent, last, pointer)]
    return data


def _added(data: Any, pointer: Value, value: Any) -> Any:
    if not _tokens(pointer):
        return value
    parent, last = _parent(data, pointer)
    if isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _number(last, len(parent) + 1, pointer), value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        what = "leads into what is neither an object nor a list"
        raise pointer.error("spec-value", what, "end it one level higher")
    return data


def _key(data: Any, token: str, pointer: Value) -> str | int:
    if isinstance(data, list):
        return _number(token, len(data), pointer)
    if not isinstance(data, dict) or token not in data:
        known = data if isinstance(data, dict) else ()
        raise pointer.error("spec-value", f"leads nowhere: there is no '{token}'", meant(token, known))
    return token


def _number(token: str, count: int, pointer: Value) -> int:
    if not (token.isascii() and token.isdigit()) or int(token) >= count or (len(token) > 1 and token[0] == "0"):
        what = f"leads nowhere: '{token}' is none of {count} places of a list"
        raise pointer.error("spec-value", what, "the first place is 0")
    return int(token)
