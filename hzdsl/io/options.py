"""How to talk to servers: what a run is told of certificates, time limits, repetitions and other places."""

from __future__ import annotations

from hzdsl.records import dataclass


@dataclass(frozen=True)
class RemoteOptions:
    """How to talk to servers, over HTTP(S) and XRootD; see docs/remote.md.

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
    redirectors : tuple of str
        Servers at which a file is sought by its path where the place given fails, in this order.
    download : bool
        Fetch whole files from web servers that do not serve byte ranges.

    Examples
    --------
    >>> RemoteOptions(redirectors=("root://cms-xrd-global.cern.ch/",), timeout=10).timeout
    10
    """

    ca_file: str | None = None
    insecure: bool = False
    timeout: float = 30.0
    retries: int = 4
    backoff: float = 0.25
    redirectors: tuple[str, ...] = ()
    download: bool = False
