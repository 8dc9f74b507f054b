"""Which files of analyses/ are analyses: beside them are their inputs, and programs that make events or fit."""

from pathlib import Path

ANALYSES = Path(__file__).parents[2] / "analyses"


def analyses(*kinds: str) -> list[Path]:
    """Return the documents of some kinds ("toml", "adl", "py"), those of folders of configurations, too."""
    found = (p for kind in kinds for p in ANALYSES.rglob(f"*.{kind}") if "inputs" not in p.parts)
    return sorted(p for p in found if p.suffix != ".py" or p.stem == p.parent.name)
