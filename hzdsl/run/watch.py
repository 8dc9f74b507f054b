"""What is told of a run while it goes on: events as plain data, for progress bars and logs.

Every event is a mapping with a key ``event``, and

``start``
    ``analysis``, ``hash``, ``backend``, ``threads``, ``hzdsl`` (the version)
``opened``
    ``file``, ``done`` and ``total`` (files): one after the other, before there is a plan
``plan``
    ``samples``, ``files``, ``entries``, ``done`` (entries known from before, of a resumed run), ``bytes``
``unit``
    ``sample``, ``file``, ``tree``, ``start``, ``stop`` (entries of the tree), ``ms``, ``bytes``, ``lost`` (how many of
    these entries), ``done`` and ``total`` (entries of the run), ``files_done``, ``files``
``waiting``
    ``scheduler``: no worker of it is there, and nothing is done until one comes
``working``
    ``scheduler``: there are workers again
``retry``
    ``file``, ``start``, ``stop``, ``attempt`` (how many have failed), ``code``, ``error``
``lost``
    ``sample``, ``file``, ``tree``, ``start``, ``stop``, ``attempts``, ``code``, ``error``
``checkpoint``
    ``entries`` (kept so far), ``bytes`` (written now)
``end``
    ``status`` (``done``, ``stopped``, ``lost``, ``failed``), ``entries``, ``missing``, ``seconds``, ``error``

``bytes`` of units and plans are compressed bytes of the columns that are read, in proportion to the entries. Units are
told in the order of their entries (those of a cluster as groups of them come), also those of which entries are lost,
after what was ``lost``; repetitions are told when they happen (those of a cluster with the group that they belong to).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Event = Mapping[str, object]
Listener = Callable[[Event], None]


class Watch:
    """Tells listeners what happens; they may be called from several threads.

    Examples
    --------
    >>> Watch(print).tell("checkpoint", entries=400, bytes=1234)
    {'event': 'checkpoint', 'entries': 400, 'bytes': 1234}
    """

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners

    @property
    def heard(self) -> bool:
        """Whether anybody listens: if not, nothing needs to be counted for them."""
        return bool(self._listeners)

    def tell(self, event: str, **said: object) -> None:
        """Tell what happens, with the keys that the event has."""
        self.pass_on({"event": event, **said})

    def pass_on(self, event: Event) -> None:
        """Tell what has happened elsewhere."""
        for listener in self._listeners:
            listener(event)
