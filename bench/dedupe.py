#!/usr/bin/env python3
"""What it costs to remember message ids: bytes an id and time an event, beside Redis (SET NX EX) in the same run.

    ./dev bench dedupe [--ids 100000000] [--turnover 20000000] [--redis-ids 10000000]

It needs `cargo build --release -p collect --example dedupe` (or SONDER_DEDUPE, the path of that binary) and `redis-server`. Both sides take batches of 2,048
ids. Ours lie on disk, under the window of 30 days that sources have; those of Redis lie in memory, with an append-only file that is synced each second. Ten
million ids in Redis take some 1.5 GB of memory and 1 GB of disk, a hundred million of ours some 3 GB of disk.
"""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common.machine import bench_folder, built, give_up, median, memory_mb, print_head

BATCH = 2_048
ASKED_BATCHES = 500
WINDOW_SECONDS = 30 * 24 * 3600
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--ids", type=int, default=100_000_000)
    options.add_argument("--turnover", type=int, default=20_000_000)
    options.add_argument("--redis-ids", type=int, default=10_000_000)
    asked = options.parse_args()
    how = "cargo build --release -p collect --example dedupe"
    ours = built("SONDER_DEDUPE", "target/release/examples/dedupe", how)
    need_redis()
    print_head(f"dedupe: {asked.ids:,} remembered message ids")
    folder = Path(tempfile.mkdtemp(prefix="dedupe-", dir=bench_folder()))
    try:
        mine = remember(ours, folder / "state", asked.ids, asked.turnover)
        shutil.rmtree(folder / "state")
        theirs = remember_in_redis(folder / "redis", asked.redis_ids)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("Sonder / Redis")
    print(f"  memory an id      {mine['memory_bytes'] / theirs['memory_bytes']:8.3f}")
    print(f"  disk an id        {mine['disk_bytes'] / theirs['disk_bytes']:8.3f}")
    for phase in ("new", "repeated"):
        print(f"  {phase:<10} event  {mine[phase] / theirs[phase]:8.3f}")


def need_redis() -> None:
    """Looks for the peer, and installs it where that is allowed."""
    if not shutil.which("redis-server") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "redis-server"],
                       stdout=subprocess.DEVNULL, check=False)
    if not shutil.which("redis-server"):
        give_up("`redis-server` is missing: apt-get install redis-server")


def remember(binary: Path, state: Path, ids: int, turnover: int) -> dict[str, float]:
    """Runs the walker's own path; returns microseconds an event by phase, and bytes an id."""
    command = [binary, state, str(ids), str(turnover)]
    figures: dict[str, float] = {}
    print(f"Sonder, {ids:,} ids, batches of {BATCH:,}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            phase = json.loads(line)
            print("  " + said_of(phase), flush=True)
            figures[phase["phase"]] = phase.get("batch_p50_us", 0)
            if phase["phase"] == "filled":
                figures["disk_bytes"] = phase["bytes_per_id"]
            figures["memory_bytes"] = phase["hwm_mb"] * 1e6 / ids
    if process.returncode != 0:
        give_up(f"`{binary}` ended with {process.returncode}")
    print()
    return figures


def said_of(phase: dict) -> str:
    memory = f"memory {phase['rss_mb']:.0f} MB, at most {phase['hwm_mb']:.0f} MB"
    if "bytes_per_id" in phase:
        return f"{phase['phase']:<12} {phase['bytes_per_id']:.1f} bytes of disk an id   {memory}"
    return (
        f"{phase['phase']:<12} {phase['us']:.2f} µs an event (processor {phase['cpu_us']:.2f} µs), batches p50 {phase['batch_p50_us']:.2f}"
        f" p99 {phase['batch_p99_us']:.2f} µs an event, {phase['repeated']:,} of {phase['ids']:,} came again   {memory}"
    )


def remember_in_redis(folder: Path, ids: int) -> dict[str, float]:
    """The same of Redis: what it and its client wait for, and the processor time of the server alone."""
    folder.mkdir(parents=True)
    print(f"Redis {redis_version()}, {ids:,} ids, pipelines of {BATCH:,}: SET id 1 NX EX {WINDOW_SECONDS}")
    with redis(folder) as (process, connection):
        empty = memory_mb(process.pid, "VmRSS")
        fill = ask(process.pid, connection, range(0, ids, BATCH))
        figures = {
            "memory_bytes": (memory_mb(process.pid, "VmRSS") - empty) * 1e6 / ids,
            "disk_bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / ids,
        }
        print(f"  {'filled':<12} {figures['memory_bytes']:.1f} bytes of memory an id, {figures['disk_bytes']:.1f} of disk   {fill}")
        fresh = ask(process.pid, connection, range(ids, ids + ASKED_BATCHES * BATCH, BATCH))
        print(f"  {'new':<12} {fresh}")
        stride = max(BATCH, ids // ASKED_BATCHES)
        again = ask(process.pid, connection, range(0, ids, stride))
        print(f"  {'repeated':<12} {again}\n")
    return figures | {"new": fresh.median_us, "repeated": again.median_us}


class Asked:
    """What some batches took."""

    def __init__(self, seconds: list[float], server_seconds: float):
        self.median_us = median(seconds) * 1e6 / BATCH
        self.server_us = server_seconds * 1e6 / (BATCH * len(seconds))

    def __str__(self) -> str:
        return f"batches p50 {self.median_us:.2f} µs an event (processor of the server {self.server_us:.2f} µs)"


def ask(pid: int, connection: socket.socket, starts: range) -> Asked:
    """Sends a pipeline for each start; what is written beforehand is not in the time."""
    seconds, before = [], cpu_seconds(pid)
    for start in starts:
        pipeline = b"".join(command(number) for number in range(start, start + BATCH))
        started = time.perf_counter()
        connection.sendall(pipeline)
        read_answers(connection)
        seconds.append(time.perf_counter() - started)
    return Asked(seconds, cpu_seconds(pid) - before)


def read_answers(connection: socket.socket) -> None:
    """Both answers, `+OK` and `$-1`, have five bytes."""
    left = 5 * BATCH
    while left > 0:
        answer = connection.recv(left)
        if not answer or answer.startswith(b"-"):
            give_up(f"Redis says {answer[:80]!r}")
        left -= len(answer)


def command(number: int) -> bytes:
    """An id is as long as ours are."""
    name = hashlib.blake2b(number.to_bytes(8), digest_size=16).hexdigest()
    key = f"web:{name[:16]}-{name[16:]}"
    return b"*6\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$1\r\n1\r\n$2\r\nNX\r\n$2\r\nEX\r\n$7\r\n%d\r\n" % (
        len(key), key.encode(), WINDOW_SECONDS,
    )


@contextlib.contextmanager
def redis(folder: Path):
    """A server on a socket of its own, in a folder of its own."""
    path = folder / "socket"
    arguments = ["--port", "0", "--unixsocket", path, "--dir", folder, "--save", "", "--appendonly", "yes",
                 "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"]
    with subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL) as process:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connect(connection, path)
                yield process, connection
        finally:
            process.terminate()


def connect(connection: socket.socket, path: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            connection.connect(str(path))
            return
        time.sleep(0.05)
    give_up("redis-server has not opened after 30 s")


def redis_version() -> str:
    said = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    return next(word[2:] for word in said.split() if word.startswith("v="))


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


if __name__ == "__main__":
    sys.exit(main())
