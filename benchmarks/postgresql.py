"""A PostgreSQL of our own, for as long as it takes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.service import free_port


@contextmanager
def postgresql() -> Iterator[str | None]:
    """A PostgreSQL of our own; its URL, or None where it is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="gradwire-postgresql-"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    port = free_port()

    def called(program: str, *arguments: str) -> None:
        command = [*user, str(programs[-1] / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    called("initdb", "-U", "gradwire", "-A", "trust")
    listen = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    called("pg_ctl", "-w", "-l", str(folder / "log"), "-o", listen, "start")
    try:
        yield f"postgresql://gradwire@127.0.0.1:{port}/postgres"
    finally:
        called("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
