"""Real XRootD servers on loopback (Debian: `xrootd-server`), one alone or several behind a redirector."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65534
PATIENCE = 20.0


def need_xrootd() -> None:
    """Skip, and say why, where there is no server or no client."""
    missing = [name for name in ("xrootd", "cmsd") if shutil.which(name) is None]
    missing += [] if importlib.util.find_spec("XRootD") else ["the Python package xrootd"]
    if missing:
        reason = f"no XRootD ({', '.join(missing)}): apt-get install xrootd-server, pip install xrootd"
        print(reason)
        pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    """One process of XRootD, as an unprivileged user where the tests are run by root (it refuses to be root)."""

    def __init__(self, program: str, name: str, folder: Path, lines: list[str]) -> None:
        self.port = free_port()
        self.log = folder / f"{program}.log"
        config = folder / f"{program}.cfg"
        admin = folder / "admin"  # of a server and its cmsd together: there they meet
        admin.mkdir(exist_ok=True)
        shared = [f"xrd.port {self.port}", f"all.adminpath {admin}", f"all.pidpath {admin}"]
        config.write_text("\n".join([*lines, *shared, ""]))
        self._command = [program, "-c", str(config), "-n", name]
        self._folder = folder
        if os.geteuid() == 0:
            for path in (folder, admin):
                os.chown(path, NOBODY, NOBODY)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.launch()
        self.wait(self.listens)

    def launch(self) -> None:
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=self._folder, **user)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def stall(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def listens(self) -> bool:
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def wait(self, ready) -> None:
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"{self._command[0]} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)


class XRootD(Daemon):
    """A server of the files in `data`; `f"{server}//a.root"` is the address of one."""

    def __init__(self, name: str, folder: Path, lines: list[str]) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        super().__init__("xrootd", name, folder, [f"oss.localroot {self.data}", *lines])

    def __str__(self) -> str:
        return f"root://127.0.0.1:{self.port}"

    def put(self, file: Path, name: str | None = None) -> str:
        """Copy a file where it is served, and return its address."""
        target = self.data / (name or file.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        return f"{self}//{name or file.name}"


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder that an unprivileged server can read: those of pytest are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="hzdsl-xrootd-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def serve_xrootd(guarded: bool = False) -> Iterator[XRootD]:
    """Run one server, of no files at first; a guarded one lets in only those who know its secret, which nobody does."""
    need_xrootd()
    with _folder() as folder:
        lines = ["all.export / r/o"]
        if guarded:
            lines += ["xrootd.seclib libXrdSec.so", f"sec.protocol sss -s {_secret(folder)}", "sec.protbind * only sss"]
        server = XRootD("alone", folder, lines)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _secret(folder: Path) -> Path:
    """Make the file of a shared secret."""
    path = folder / "secret"
    command = ["xrdsssadmin", "-k", "hzdsl", "-u", "nobody", "-g", "nogroup", "add", str(path)]
    subprocess.run(command, input=b"y\n", capture_output=True, check=True)
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    return path


@contextmanager
def serve_cluster(names: tuple[str, ...]) -> Iterator[tuple[XRootD, dict[str, XRootD]]]:
    """Run a redirector and servers behind it; give it, and them by name."""
    need_xrootd()
    quick = "cms.delay startup 1 servers 1 lookup 1 drop 1 hold 1 suspend 1 service 1"
    daemons: list[Daemon] = []
    with _folder() as folder:
        for name in ("manager", *names):
            (folder / name).mkdir()
        manager = Daemon("cmsd", "manager", folder / "manager", ["all.role manager", "all.export /store r/o", quick])
        try:
            common = ["all.export /store r/o", f"all.manager 127.0.0.1:{manager.port}", quick, "cms.space 1m 1m"]
            redirector = XRootD("manager", folder / "manager", ["all.role manager", *common])
            for daemon in manager, redirector:
                daemons.append(daemon)
                daemon.start()
            servers = {name: XRootD(name, folder / name, ["all.role server", *common]) for name in names}
            for name, server in servers.items():
                lines = [f"oss.localroot {server.data}", "all.role server", *common]
                partner = Daemon("cmsd", name, folder / name, lines)
                daemons += [partner, server]
                partner.launch()
                partner.wait(lambda log=partner.log: "Waiting for primary" in log.read_text())
                server.start()
            ready = ["service enabled", *["Primary server"] * len(names)]
            manager.wait(lambda: all(manager.log.read_text().count(text) >= ready.count(text) for text in ready))
            yield redirector, servers
        finally:
            for daemon in daemons:
                daemon.stop()
