"""Remarks on an analysis that runs, but perhaps not as meant: weights, numbers of events, nothing to fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.ir.azimuths import unwrapped
from hzdsl.ir.variations import Variations
from hzdsl.run.inputs.facts import Fingerprint

#: How many files are named that may be copies.
MOST_NAMED = 3


def check_fills(document: Document) -> None:
    """Refuse to run an analysis that has nothing to count or fill.

    Raises
    ------
    HzdslError
        `spec-value`.
    """
    if empty_note(document):
        raise HzdslError("spec-value", empty_note(document), fix="add a region or a histogram")


def empty_note(document: Document) -> str:
    """Return what is said of an analysis without region and histogram, nothing of others."""
    if document.regions or document.histograms:
        return ""
    return f"the analysis '{document.name}' has no region and no histogram: there is nothing to fill"


def document_notes(document: Document) -> list[str]:
    """Return the remarks that need no file.

    Examples
    --------
    >>> from hzdsl.ir.analysis import Region, Sample
    >>> sr = Region("sr", ())
    >>> document_notes(Document(regions=(sr,), samples=(Sample("zz", xsec=0.077),)))
    ['sample zz has a cross-section, but the analysis has no luminosity: its weight is the scale alone']
    >>> document_notes(Document(regions=(sr,), samples=(Sample("zz", xsec=0.077),), luminosity=100.0))
    []
    """
    unweighted = [s.name for s in document.samples if s.kind == "simulation" and s.xsec is not None]
    empty = empty_note(document)
    notes = [empty] if empty else []
    if unweighted and document.luminosity is None:
        who, have, their = ("sample", "has", "its") if len(unweighted) == 1 else ("samples", "have", "their")
        notes.append(
            f"{who} {', '.join(unweighted)} {have} a cross-section, but the analysis has no luminosity: "
            f"{their} weight is the scale alone"
        )
    named = {node: name for name, node in document.definitions}
    azimuths = unwrapped(document.roots(), named)
    return [*notes, *_variation_notes(document), *_generator_notes(document), *azimuths]


def _variation_notes(document: Document) -> list[str]:
    """Return a remark per variation that reaches no histogram and no cutflow."""
    simulated = document.for_kind("simulation")
    found = Variations([*simulated.roots(), *(node for _, node in document.definitions)])
    filled = [n for r in simulated.regions for n in (c.node for c in r.cuts)]
    filled += [n for h in simulated.histograms for n in (a.node for a in h.axes)]
    reached = frozenset().union(*(found.names_of(n) for n in (*filled, *(w.node for w in simulated.weights))))
    return [f"variation '{name}' changes nothing" for name in found.labels if name not in reached]


def _generator_notes(document: Document) -> list[str]:
    """Return a remark on samples with weights per event that are divided by a number of entries."""
    if document.luminosity is None or not document.for_kind("simulation").weights:
        return []
    counted = [s.name for s in document.samples if s.kind == "simulation" and s.xsec is not None and s.nevt is None]
    return [
        f'sample {name}: events have weights, and are divided by the entries read; nevt = "Runs" is the sum of '
        "generator weights"
        for name in counted
    ]


def unfilled_notes(document: Document) -> list[str]:
    """Return a remark on the regions that no sample fills: those for the other kind, those of no channel.

    Examples
    --------
    >>> from hzdsl.ir.analysis import Region, Sample
    >>> unfilled_notes(Document(regions=(Region("sr", ()), Region("cr", (), on="data")), samples=(Sample("zz"),)))
    ['region cr is filled by no sample: it is for data']
    """
    filled = {
        r.name
        for s in document.samples
        for r in document.for_kind(s.kind).regions
        if not s.channels or r.name in s.channels
    }
    return [
        f"region {r.name} is filled by no sample" + (f": it is for {r.on}" if r.on in ("data", "simulation") else "")
        for r in document.regions
        if r.name not in filled
    ]


def shared_notes(document: Document, trees: Mapping[str, Iterable[str]]) -> list[str]:
    """Return a remark per pair of samples that read one tree for the same regions: its events count in both.

    Parameters
    ----------
    document : Document
        The analysis.
    trees : mapping of str to iterable of str
        By sample, what messages call its trees.

    Examples
    --------
    >>> from hzdsl.ir.analysis import Region, Sample
    >>> both = Document(regions=(Region("sr", ()),), samples=(Sample("a"), Sample("b")))
    >>> shared_notes(both, {"a": ["tree Events of x.root", "tree Events of y.root"], "b": ["tree Events of y.root"]})
    ['samples a and b both read tree Events of y.root: its events count in each']
    """
    notes = []
    for i, other in enumerate(document.samples):
        for one in document.samples[:i]:
            apart = one.channels and other.channels and not {*one.channels} & {*other.channels}
            common = [tree for tree in trees[other.name] if tree in {*trees[one.name]}]
            if common and not apart:
                more = f" and {len(common) - 1} more" if len(common) > 1 else ""
                said = f"samples {one.name} and {other.name} both read {common[0]}{more}"
                notes.append(f"{said}: {'their' if more else 'its'} events count in each")
    return notes


def twin_notes(trees: Iterable[tuple[str, Fingerprint | None]]) -> list[str]:
    """Return a remark per file of a sample that has the UUID of another one, by which ROOT tells files apart.

    Both are read: who copies files may mean to. ``hadd`` and skims make new UUIDs.

    Examples
    --------
    >>> one = Fingerprint("Events", 400, "0b5e3c1a-93c0-11ee-8a2b-0242ac110002", 60_000)
    >>> twin_notes([("a.root", one), ("b.root", one)])
    ['a.root and b.root have the same UUID, size and entries: is one a copy of the other? Both are counted']
    """
    seen: dict[object, str] = {}
    notes = []
    for path, found in trees:
        if found is None or found.identity is None or not found.entries:
            continue
        other = seen.setdefault((found.identity, found.file_bytes, found.tree, found.entries), path)
        if other != path:
            what = "have the same UUID, size and entries: is one a copy of the other? Both are counted"
            notes.append(f"{other} and {path} {what}")
    more = [f"{len(notes) - MOST_NAMED} more files have the UUID of another one"] if notes[MOST_NAMED:] else []
    return [*notes[:MOST_NAMED], *more]


def entry_notes(document: Document, entries: Mapping[str, int]) -> list[str]:
    """Return a remark per weighted sample whose files hold another number of entries than `nevt`.

    That is right for skims: the weight is that of the generated events.

    Parameters
    ----------
    document : Document
        The analysis.
    entries : mapping of str to int
        The entries in the files of every sample that has files.

    Examples
    --------
    >>> from hzdsl.ir.analysis import Sample
    >>> zz = Document(samples=(Sample("zz", xsec=0.077, nevt=299973.0),), luminosity=100.0)
    >>> entry_notes(zz, {"zz": 40000}), entry_notes(zz, {"zz": 299973})
    (['sample zz: 40000 entries read, nevt = 299973'], [])
    """
    return [
        f"sample {s.name}: {entries[s.name]} entries read, nevt = {s.nevt:.15g}"
        for s in document.samples
        if s.kind == "simulation"
        and isinstance(s.nevt, int | float)
        and s.name in entries
        and entries[s.name] != s.nevt
    ]
