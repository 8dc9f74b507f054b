"""Remarks on an analysis that runs, but perhaps not as meant: weights, numbers of events, nothing to fill."""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document


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
    return notes


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
        if s.kind == "simulation" and s.nevt is not None and s.name in entries and entries[s.name] != s.nevt
    ]
