#!/usr/bin/env python3
"""The exact size of a three-condition audience over 10 M events: Sonder's engine beside DuckDB, on the same files, in the same run.

    ./dev bench preview [--events 10000000] [--people 1000000] [--runs 3]

It needs `cargo build --release -p sonder -p engine --bins --examples` and installs `duckdb` from PyPI into a folder of its own below target/.
The lake is made once for each size by the house's own writer (`lake_for_preview`) and kept. Both sides use two threads, in a fresh process for each run:
one question to warm up, five to measure. Printed are medians over the runs of the medians of the five.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from common.machine import ROOT, give_up, median, memory_mb, print_head, verdict

BENCH = ROOT / "target/bench"
EXAMPLES = ROOT / "target/release/examples"
THREADS = 2
QUESTIONS = 5

RULE = "country = 'DE' and count('Order Completed' where total > 50 in last 30 days) >= 3 and not exists(unsubscribed)"

# Written by hand as somebody who knows the tables would: the rare thing first, and nobody joined who is not asked about.
DUCKDB_SQL = """
WITH buyers AS (
    SELECT i.profile
    FROM read_parquet($events) e JOIN read_parquet($identifiers) i ON i.ordinal = e.owner
    WHERE e.event = 'Order Completed'
      AND e.time > TIMESTAMPTZ '2026-05-31 00:00:00+00' AND e.time <= TIMESTAMPTZ '2026-06-30 00:00:00+00'
      AND CAST(json_extract(e.properties, '$.total') AS DOUBLE) > 50
    GROUP BY i.profile HAVING count(*) >= 3
)
SELECT count(*)
FROM buyers
SEMI JOIN (SELECT profile FROM read_parquet($traits) WHERE name = 'country' AND value = '"DE"') USING (profile)
ANTI JOIN (SELECT profile FROM read_parquet($traits) WHERE name = 'unsubscribed' AND value <> 'null') USING (profile)
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--duckdb", metavar="LAKE", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.duckdb:
        ask_duckdb(Path(asked.duckdb))
        return
    python = python_with_duckdb()
    print_head(f"preview: the size of an audience over {asked.events:,} events")
    lake = lake_of(asked.events, asked.people)
    print(f"rule     {RULE}\n")
    ours, theirs = [], []
    for _ in range(asked.runs):
        ours.append(answer(example("preview"), lake, str(THREADS)))
        theirs.append(answer(python, __file__, "--duckdb", lake))
    sizes = {told["size"] for told in ours + theirs}
    if len(sizes) != 1:
        give_up(f"the two do not agree: {sizes}")
    print(f"size     {sizes.pop():,} people, by both\n")
    show("sonder", ours)
    show(f"duckdb {theirs[0]['version']}", theirs)
    print(f"\nsonder / duckdb    {verdict(of('median_ms', ours) / of('median_ms', theirs), 1.0, is_at_most=True)}")


def example(name: str) -> Path:
    path = EXAMPLES / name
    if not path.exists():
        give_up(f"`{path.relative_to(ROOT)}` is missing: cargo build --release -p sonder -p engine --bins --examples")
    return path


def lake_of(events: int, people: int) -> Path:
    """Makes the lake unless it is there; one that was left half done has no mark and is made again."""
    lake = BENCH / f"preview-{events}-{people}"
    mark = lake / "made.json"
    if not mark.exists():
        subprocess.run(["rm", "-rf", lake], check=True)
        started = time.monotonic()
        made = answer(example("lake_for_preview"), lake, str(events), str(people))
        made["seconds"] = round(time.monotonic() - started, 1)
        mark.write_text(json.dumps(made))
    made = json.loads(mark.read_text())
    size = sum(file.stat().st_size for file in lake.rglob("*.parquet"))
    print(f"lake     {made['people']:,} people, {made['days']} days, {made['files']} files, {size / 1e6:.0f} MB, made in {made['seconds']} s")
    return lake


def python_with_duckdb() -> Path:
    """A Python that has the package, in a folder of its own."""
    folder = BENCH / "python"
    python = folder / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    if subprocess.run([python, "-c", "import duckdb"], capture_output=True, check=False).returncode != 0:
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "duckdb"], check=True)
    return python


def answer(*command) -> dict:
    """Runs a program and reads its last line as JSON."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        give_up(f"`{Path(command[0]).name}` fails: {done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def ask_duckdb(lake: Path) -> None:
    """The other half, in a process of its own: what `examples/preview.rs` does, with DuckDB."""
    import duckdb

    manifest = json.loads((lake / "manifest.json").read_text())
    files = {name: [str(lake / file["path"]) for file in listed] for name, listed in manifest["tables"].items()}
    parameters = {name: files[name] for name in ("events", "identifiers", "traits")}
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    measured = []
    for _ in range(QUESTIONS + 1):
        started, cpu = time.perf_counter(), cpu_ms()
        size = connection.execute(DUCKDB_SQL, parameters).fetchone()[0]
        measured.append(((time.perf_counter() - started) * 1e3, cpu_ms() - cpu))
    median_ms, used_ms = sorted(measured[1:])[QUESTIONS // 2]
    peak = memory_mb(os.getpid(), "VmHWM")
    print(json.dumps({"size": size, "median_ms": median_ms, "cpu_ms": used_ms, "peak_mb": peak, "version": duckdb.__version__}))


def cpu_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e3


def of(field: str, runs: list[dict]) -> float:
    return median([run[field] for run in runs])


def show(name: str, runs: list[dict]) -> None:
    wall = [run["median_ms"] for run in runs]
    spread = f"{min(wall):.0f} to {max(wall):.0f}"
    print(f"{name:<16}  {of('median_ms', runs):7.0f} ms ({spread})  {of('cpu_ms', runs):7.0f} ms of CPU  {of('peak_mb', runs):6.0f} MB at most")


if __name__ == "__main__":
    main()
