"""docs/language and docs/statistics: the messages and the output that its pages show."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.docs.language import PAGES, STATISTICS, folder, rewritten


def write_pages() -> None:
    """Write what the pages' blocks really say into the blocks after them."""
    for path in (*PAGES, *STATISTICS):
        with tempfile.TemporaryDirectory() as scratch, folder(Path(scratch)):
            text = rewritten(path)
        path.write_text(text, encoding="utf-8")
