from __future__ import annotations

import pytest

from hzdsl.io.remote import credentials


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path_factory):
    """No token and no certificate of whoever runs the tests; a folder that stands for $XDG_RUNTIME_DIR."""
    for name in (
        "BEARER_TOKEN",
        "BEARER_TOKEN_FILE",
        "X509_USER_PROXY",
        "X509_USER_CERT",
        "X509_USER_KEY",
        "X509_CERT_DIR",
    ):
        monkeypatch.delenv(name, raising=False)
    runtime = tmp_path_factory.mktemp("runtime")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setattr(credentials, "TEMPORARY", str(tmp_path_factory.mktemp("temporary")))
    return runtime
