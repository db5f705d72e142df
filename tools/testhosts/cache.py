"""apt-cacher-ng in front of all hosts: one daemon of our own, for this machine and its labs only."""

import shutil
import socket
import subprocess
import time

from . import machine, network, paths, plan, process
from .command import run
from .errors import HostsError

PORT = 3142
URL = f"http://{plan.CACHE_ADDRESS}:{PORT}"
USER = "apt-cacher-ng"
DEADLINE = 20.0


def ensure() -> None:
    """Start the daemon if it does not run, and wait until it answers."""
    with machine.lock("cache"):
        directory, record = paths.cache() / "apt", paths.state() / ".cache.pid"
        # A bridge without ports holds the daemon's address: there for every lab, on no outer network.
        network.ensure_bridge(network.CACHE_BRIDGE, f"{plan.CACHE_ADDRESS}/24", ".cache")
        if process.alive(record) is None:
            paths.write(directory / "conf" / "acng.conf", configuration(_machine_proxy()))
            for part in ("packages", "log"):
                (directory / part).mkdir(exist_ok=True)
                shutil.chown(directory / part, USER, USER)
            with (directory / "log" / "console").open("ab") as log:
                daemon = subprocess.Popen(
                    ["apt-cacher-ng", "-c", str(directory / "conf")],
                    user=USER,
                    group=USER,
                    extra_groups=[],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    cwd="/",
                )
            process.remember(record, daemon.pid)
        _wait()


def stop() -> None:
    """End the daemon; what it holds stays."""
    process.kill(paths.state() / ".cache.pid")


def configuration(upstream_proxy: str) -> str:
    """The daemon's configuration; any archive may be asked for, because only this machine's labs can ask."""
    directory = paths.cache() / "apt"
    lines = [
        f"CacheDir: {directory}/packages",
        f"LogDir: {directory}/log",
        "SupportDir: /usr/lib/apt-cacher-ng",
        f"BindAddress: {plan.CACHE_ADDRESS}",
        f"Port: {PORT}",
        "ForeGround: 1",
        "ExThreshold: 30",
    ]
    if upstream_proxy:
        lines.append(f"Proxy: {upstream_proxy}")
    return "\n".join(lines) + "\n"


def _machine_proxy() -> str:
    return run(["apt-config", "shell", "PROXY", "Acquire::http::Proxy"]).partition("=")[2].strip().strip("'")


def _wait() -> None:
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            socket.create_connection((plan.CACHE_ADDRESS, PORT), timeout=1).close()
            return
        except OSError as refused:
            if time.monotonic() > deadline:
                raise HostsError(
                    "start",
                    "package cache",
                    URL,
                    f"it does not answer ({refused})",
                    f"See {paths.cache()}/apt/log",
                ) from refused
            time.sleep(0.1)
