"""The error of a server that does not answer, told from those of its files."""

from __future__ import annotations

from hzdsl.errors import HzdslError


class ServerAway(HzdslError):  # noqa: N818 (what it says)
    """A server has not answered, however often it was asked (`remote`): it may be so for its other files, too."""

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__("remote", message, fix=fix)
