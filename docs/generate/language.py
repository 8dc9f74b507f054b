"""docs/language: the messages and the output that its pages show."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.docs.language import PAGES, folder, rewritten


def write_pages() -> None:
    """Write what the pages' blocks really say into the blocks after them."""
    for path in PAGES:
        with tempfile.TemporaryDirectory() as scratch, folder(Path(scratch)):
            text = rewritten(path)
        path.write_text(text, encoding="utf-8")
