"""How to talk to a server: what a run is told of certificates, time limits and repetitions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteOptions:
    """How to talk to a server.

    Attributes
    ----------
    ca_file : str or None
        PEM file of the certificate authorities to trust instead of the system's.
    insecure : bool
        Accept any certificate, and redirections from https to http.
    timeout : float
        Seconds without an answer before a request is given up and retried.
    retries : int
        How often a failed request is repeated.
    backoff : float
        Seconds before the first repetition; doubled for each further one.
    """

    ca_file: str | None = None
    insecure: bool = False
    timeout: float = 30.0
    retries: int = 4
    backoff: float = 0.25
