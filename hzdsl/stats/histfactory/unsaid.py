"""The error of what a binned model has and a HistFactory document has no words for."""

from __future__ import annotations

from hzdsl.errors import HzdslError

#: What mends it where nothing better is known.
OTHERWISE = "take it out of the model that is written"


def not_said(what: str, fix: str = OTHERWISE) -> HzdslError:
    """Return the error of what no document of HistFactory can say."""
    return HzdslError("unsupported", f"no HistFactory document can say {what}", fix=fix)
