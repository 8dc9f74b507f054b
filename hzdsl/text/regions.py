"""The regions of a document, or of one of its channels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.lang.analysis import Analysis, RegionHandle, cuts_of
from hzdsl.text.at import at
from hzdsl.text.file import DocumentFile
from hzdsl.text.positions import Path
from hzdsl.text.source import NANO_SPEC

_PART = re.compile(r"\.(split|without)\((.*)\)\s*", re.DOTALL)


class Regions:
    """Regions by name, declared when they are first needed.

    Parameters
    ----------
    analysis : Analysis
        Where they are declared.
    file : DocumentFile
        The document.
    value : callable
        Evaluates a text that stands at a path: ``value(text, *path)``.
    within : path
        The channel they belong to; () for those of the document.
    """

    def __init__(
        self, analysis: Analysis, file: DocumentFile, value: Callable[..., Any], within: tuple[str | int, ...] = ()
    ) -> None:
        self._analysis, self._file, self._value, self._within = analysis, file, value, within
        self._tables: Mapping[str, Any] = file.get(*within, "regions") or {}
        self._made: dict[str, Any] = {}

    def declare(self) -> None:
        """Declare every region."""
        for name in self._tables:
            self._region(name, ())

    def row(self, name: str, before: Regions | None = None) -> RegionHandle:
        """Declare all regions as the one region `name`, after those of another part."""
        cuts = [] if before is None else before.all_cuts(name)
        return self._analysis.region(name, *cuts, *self.all_cuts(name))

    def all_cuts(self, name: str) -> list[RegionHandle]:
        """Return the requirements of every region, for the region `name`."""
        return [cut for own in self._tables for cut in self._requirements(name, own, (own,))]

    def names(self) -> list[str]:
        """Return the names, in the order written."""
        return list(self._tables)

    # ---- one region ----

    def _region(self, name: str, chain: tuple[str, ...]) -> Any:
        if name in chain:
            circle = " → ".join([*chain[chain.index(name) :], name])
            raise HzdslError("cycle", f"region '{name}' requires itself: {circle}", place=self._place(name))
        if name not in self._made:
            table = self._tables[name] if isinstance(self._tables[name], dict) else {}
            required = self._requirements(name, name, (*chain, name))
            options = {key: table[key] for key in ("on", "doc") if key in table}
            with at(self._place(name)):
                made: Any = self._analysis.region(name, *required, **options)
            if "split" in table:
                made = self._split(made, table["split"], (*self._path(name), "split"))
            self._made[name] = made
        return self._made[name]

    def _path(self, name: str) -> Path:
        return (*self._within, "regions", name)

    def _place(self, name: str) -> Place:
        return self._file.key_place(*self._path(name))

    def _requirements(self, region: str, name: str, chain: tuple[str, ...]) -> list[RegionHandle]:
        """Return what region `name` requires, as cuts of `region`."""
        table, path = self._tables[name], self._path(name)
        if isinstance(table, dict):
            table, path = table.get("require", []), (*path, "require")
        return [self._requirement(region, x, (*path, i), chain) for i, x in enumerate(table)]

    def _requirement(self, region: str, x: Any, path: Path, chain: tuple[str, ...]) -> RegionHandle:
        if isinstance(x, dict):
            ((label, text),) = x.items()
            path = (*path, label)
        else:
            text, label = x, " ".join(x.split())
            found = self.referred(text, path, chain)
            if found is not None:
                return found  # type: ignore[no-any-return]
        value = self._value(text, *path)
        with at(self._whole(text, path)):
            return RegionHandle("", tuple(cuts_of(region, {label: value})))

    # ---- regions by what texts call them ----

    def referred(self, text: str, path: Path, chain: tuple[str, ...] = ()) -> Any | None:
        """Return the region that a text names, perhaps split or without a requirement; None where it names none.

        A text is looked up as a region before it is read as an expression, so that ``2e2mu`` is a name.
        """
        name = text if text in self._tables else text.strip()
        if name in self._tables:
            return self._region(name, chain)
        for whole in (name[: m.start()].rstrip() for m in re.finditer("/", name)):
            table = self._tables.get(whole)
            if isinstance(table, dict) and "split" in table and whole not in chain:  # a part of a region that is split
                found = next((part for part in self._region(whole, chain) if part.name == name), None)
                if found is not None:
                    return found
        for at_dot in (m.start() for m in re.finditer(r"\.(?:split|without)\(", name)):
            match = _PART.fullmatch(name, at_dot)
            if match is not None and name[:at_dot].strip() in self._tables:
                region = self._region(name[:at_dot].strip(), chain)
                argument = " " * (text.index(name) + match.start(2)) + match[2]
                return (self._split if match[1] == "split" else self._without)(region, argument, path)
        return None

    def _split(self, region: Any, text: str, path: Path) -> Any:
        category = self._value(text, *path)
        with at(self._whole(text, path)):
            return _of_each(region, lambda r: r.split(category))

    def _without(self, region: Any, text: str, path: Path) -> Any:
        label = self._value(text, *path)
        with at(self._whole(text, path)):
            return _of_each(region, lambda r: r.without(label))

    def _whole(self, text: str, path: Path) -> Place:
        return self._file.source(text, *path).place(0, len(text))

    def named(self, path: Path) -> list[Any] | None:
        """Return the regions that a histogram or output names; None where it names none."""
        given = self._file.get(*path)
        if given is None:
            return None
        found = []
        for i, text in enumerate([given] if isinstance(given, str) else given):
            where = path if isinstance(given, str) else (*path, i)
            region = self.referred(text, where)
            if region is None:
                fix = did_you_mean(text, self._tables) or f"regions: {', '.join(self._tables) or 'none'}"
                place = self._file.value_place(*where)
                raise HzdslError("name-unknown", f"there is no region '{text}'", fix=fix, place=place)
            found.append(region)
        return found


def _of_each(region: Any, made: Callable[[Any], Any]) -> Any:
    """Return what is made of a region, or of each part of one that its table splits."""
    return [made(part) for part in region] if isinstance(region, list) else made(region)


def row_name(regions: Regions, file: DocumentFile, path: Path) -> str:
    """Return what the one row of a channel, or of a nano-spec document, is called.

    Raises
    ------
    HzdslError
        ``meaning-differs`` for a channel of several regions where the document does not say that they are one.
    """
    names = regions.names()
    if len(names) > 1 and file.dialect != NANO_SPEC:
        raise HzdslError(
            "meaning-differs",
            f"the regions {', '.join(names)} of one channel are requirements of one selection in the nano-spec "
            "dialect, and would be independent selections here",
            fix=f'[analysis] dialect = "{NANO_SPEC}", or one region for each channel',
            place=file.key_place(*path),
        )
    return " and ".join(names) or "all"
