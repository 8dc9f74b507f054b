"""The error of what a binned model has and a HistFactory document has no words for."""

from __future__ import annotations

from hzdsl.errors import HzdslError


def not_said(what: str, fix: str | None = None) -> HzdslError:
    """Return the error of what no document of HistFactory can say."""
    return HzdslError("unsupported", f"no HistFactory document can say {what}", fix=fix)
