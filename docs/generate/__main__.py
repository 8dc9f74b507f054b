"""``python -m docs.generate`` (`make docs`): pages that follow from declarations, and the messages shown in them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from docs.generate.errors import listed
from docs.generate.language import write_pages
from docs.generate.reference import reference
from tests.errors import pages

DOCS = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write every generated page."""
    (DOCS / "reference.md").write_text(reference(), encoding="utf-8")
    for path in sorted(pages.PAGES.glob("*.md")):
        with tempfile.TemporaryDirectory() as scratch, pages.folder(Path(scratch)):
            path.write_text(pages.rewritten(path), encoding="utf-8")
    write_pages()
    (DOCS / "errors.md").write_text(listed(), encoding="utf-8")


if __name__ == "__main__":
    main()
