"""What a document says beside its regions: weights, checks, the luminosity mask."""

from __future__ import annotations

from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.payloads import lumi_mask
from hzdsl.text.at import at
from hzdsl.text.file import DocumentFile
from hzdsl.text.part import Part


def declare_weights(analysis: Any, file: DocumentFile, part: Part) -> None:
    """Declare ``weights.w = "expr"`` or ``{ expr, on }``."""
    for name, given in (file.get("weights") or {}).items():
        table = isinstance(given, dict)
        path = ("weights", name, "expr") if table else ("weights", name)
        value = part.value(given["expr"] if table else given, *path)
        options = {"on": given["on"]} if table and "on" in given else {}
        with at(file.value_place(*path)):
            analysis.weight(name, value, **options)


def declare_checks(analysis: Any, file: DocumentFile, part: Part) -> None:
    """Declare ``checks.exclusive = [["SR", "CR"], …]``."""
    for i, _ in file.items("checks", "exclusive"):
        regions = part.regions.named(("checks", "exclusive", i))
        with at(file.value_place("checks", "exclusive", i)):
            analysis.exclusive(*(regions or ()))


def declare_lumi_mask(analysis: Any, file: DocumentFile, part: Part) -> None:
    """Declare ``lumi_mask = "golden.json"``, or the table ``[lumi_mask]`` with its file or a condition."""
    given = file.get("lumi_mask")
    if given is None:
        return
    if isinstance(given, dict) and ("file" in given) == ("expr" in given):
        place = file.key_place("lumi_mask")
        raise HzdslError("spec-key", "lumi_mask needs either file or expr", fix='{ file = "golden.json" }', place=place)
    if isinstance(given, dict) and "expr" in given:
        path = ("lumi_mask", "expr")
        condition = part.value(given["expr"], *path)
        with at(file.value_place(*path)):
            analysis.lumi_mask(condition)
        return
    name = given["file"] if isinstance(given, dict) else given
    with at(file.value_place(*(("lumi_mask", "file") if isinstance(given, dict) else ("lumi_mask",)))):
        analysis.lumi_mask(lumi_mask(name, folder=file.folder))
