#!/usr/bin/env python3
"""Durable events per second over HTTP, beside what this machine could do at most, in the same run.

    ./dev bench ingest [--seconds 5] [--runs 3]

It needs `wrk` and a release build of `sonder` (or SONDER_BIN). For each load the ceilings and the server are measured in turn, RUNS times;
what is printed are medians. A load starts only when the walker has caught up with the one before.
"""

import argparse
import base64
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from common.machine import ROOT, bench_folder, built, give_up, median, memory_mb, print_head, verdict

BATCH = 100
EVENT_BYTES = 1_000
CATCH_UP_SECONDS = 600


@dataclass
class Load:
    """What `wrk` saw: requests a second, and milliseconds until the answer."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--runs", type=int, default=3)
    asked = options.parse_args()
    sonder = built("SONDER_BIN", "target/release/sonder", "cargo build --release -p sonder")
    need_wrk()
    print_head("ingest: durable events per second over HTTP")
    folder = Path(tempfile.mkdtemp(prefix="ingest-", dir=bench_folder()))
    try:
        with Bench(sonder, folder, asked.seconds, asked.runs) as bench:
            bench.measure()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def need_wrk() -> None:
    """Looks for the load generator, and installs it where that is allowed."""
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], stdout=subprocess.DEVNULL, check=False)
    if not shutil.which("wrk"):
        give_up("`wrk` is missing: apt-get install wrk")


class Bench:
    """The ceiling and the server, each a process, while they are measured."""

    def __init__(self, sonder: Path, folder: Path, seconds: int, runs: int):
        self.sonder, self.data, self.scratch = sonder, folder / "data", folder / "disk"
        self.seconds, self.runs, self.loads = seconds, runs, 0
        self.processes = contextlib.ExitStack()

    def __enter__(self):
        self.key = self.say("sources", "create", "web").split()[-1]
        self.token = self.say("token", "--afresh").split()[-1]
        with contextlib.ExitStack() as started:
            ceiling = started.enter_context(running(self.sonder, "bench", "ceiling", "--listen", "127.0.0.1:0"))
            self.ceiling = "http://" + ceiling.stdout.readline().strip()
            self.server = started.enter_context(running(self.sonder, "--data", self.data, "serve", "--listen", "127.0.0.1:0"))
            self.house = "http://" + self.address()
            self.processes = started.pop_all()
        return self

    def __exit__(self, *_):
        self.processes.close()

    def measure(self) -> None:
        time.sleep(1)
        print(f"memory, idle          {memory_mb(self.server.pid, 'VmRSS'):8.0f} MB\n")
        for connections in (64, 256):
            self.single(connections)
        self.batches(64)
        print(f"memory, at most       {memory_mb(self.server.pid, 'VmHWM'):8.0f} MB")

    def single(self, connections: int) -> None:
        """One event a request, on disk before the answer."""
        bare, parsed, stored, caught_up = [], [], [], []
        for _ in range(self.runs):
            bare.append(self.load(self.ceiling + "/bare", connections, 1))
            parsed.append(self.load(self.ceiling + "/parse/track", connections, 1))
            before = self.facts()
            stored.append(self.load(self.house + "/v1/track", connections, 1))
            caught_up.append(self.catch_up(before))
        print(f"single events, {connections} connections")
        show("bare", bare, 1)
        show("parsed", parsed, 1)
        show("stored", stored, 1)
        print(f"  stored / bare       {verdict(rate(stored) / rate(bare), 0.5)}")
        show_walk(caught_up)

    def batches(self, connections: int) -> None:
        """A hundred events a request."""
        parsed, disk, stored, caught_up = [], [], [], []
        for _ in range(self.runs):
            parsed.append(self.load(self.ceiling + "/parse/batch", connections, BATCH))
            disk.append(self.disk(BATCH * EVENT_BYTES))
            before = self.facts()
            stored.append(self.load(self.house + "/v1/batch", connections, BATCH))
            caught_up.append(self.catch_up(before))
        print(f"batches of {BATCH} events, {connections} connections")
        show("parsed", parsed, BATCH)
        print(f"  disk      {median(disk) * BATCH:10,.0f} events/s  ({BATCH * EVENT_BYTES:,} bytes a write, each synced)")
        show("stored", stored, BATCH)
        print(f"  stored / the lower  {verdict(rate(stored) / min(rate(parsed), median(disk)), 0.5)}")
        show_walk(caught_up)

    def load(self, url: str, connections: int, events: int) -> Load:
        self.loads += 1
        key = base64.b64encode(f"{self.key}:".encode()).decode()
        run = f"{self.loads:02x}"
        said = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{self.seconds}s", "--latency", "-s", ROOT / "bench/post.lua", url]
            + ["--", str(events), run, key],
            capture_output=True, text=True, check=True,
        ).stdout
        if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
            give_up(f"{refused[1]} requests to {url} were refused")
        return Load(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), percentile(said, 50), percentile(said, 99))

    def disk(self, size: int) -> float:
        """Writes a second of so many bytes, preallocated and synced."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        said = self.say("bench", "disk", "--dir", self.scratch, "--bytes", str(size), "--writes", "1000", data=False)
        return float(json.loads(said)["writes_per_second"])

    def catch_up(self, facts_before: float) -> tuple[float, float]:
        """Waits until the views have what the journal has; returns how many facts that were, and the seconds after the load."""
        started = time.monotonic()
        while self.metric("sonder_walk_waiting_facts") > 0:
            if time.monotonic() - started > CATCH_UP_SECONDS:
                give_up(f"the walker has not caught up after {CATCH_UP_SECONDS} s")
            time.sleep(0.1)
        return self.facts() - facts_before, time.monotonic() - started

    def facts(self) -> float:
        return self.metric("sonder_journal_facts_total")

    def metric(self, name: str) -> float:
        request = urllib.request.Request(self.house + "/metrics", headers={"Authorization": f"Bearer {self.token}"})
        text = local(request)
        return float(re.search(rf"^{name} ([\d.]+)$", text, re.MULTILINE)[1])

    def address(self) -> str:
        """The server writes its address into the data folder once its doors are open."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                address = (self.data / "address").read_text().strip()
                local(urllib.request.Request(f"http://{address}/healthz"))
                return address
            time.sleep(0.05)
        give_up("the server has not opened after 30 s")
        raise SystemExit

    def say(self, *arguments, data: bool = True) -> str:
        folder = ["--data", self.data] if data else []
        command = [self.sonder, *folder, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            give_up(f"`sonder {' '.join(map(str, arguments))}` fails: {done.stderr.strip()}")
        return done.stdout.strip()


@contextlib.contextmanager
def running(*command):
    """A process that is ended with what it is needed for."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def local(request: urllib.request.Request) -> str:
    """Asks a server on this machine, past any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return answer.read().decode()


def percentile(said: str, which: int) -> float:
    value, unit = re.search(rf"^\s+{which}%\s+([\d.]+)(us|ms|s|m)$", said, re.MULTILINE).groups()
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}[unit]


def rate(loads: list[Load]) -> float:
    return median([load.requests_per_s for load in loads])


def show(name: str, loads: list[Load], events: int) -> None:
    p50, p99 = median([load.p50_ms for load in loads]), median([load.p99_ms for load in loads])
    print(f"  {name:<8}  {rate(loads) * events:10,.0f} events/s  p50 {p50:.2f} ms  p99 {p99:.2f} ms")


def show_walk(caught_up: list[tuple[float, float]]) -> None:
    facts, seconds = (median(list(values)) for values in zip(*caught_up))
    print(f"  walked    {facts:10,.0f} facts, the last of them {seconds:.1f} s after the load\n")


if __name__ == "__main__":
    main()
