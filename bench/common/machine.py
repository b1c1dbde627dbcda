"""What every bench prints first: where and of what its figures are; and small helpers that both need."""

import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def print_head(name: str) -> None:
    """Prints the machine, the commit and the compiler."""
    print(f"# {name}")
    print(f"machine  {os.cpu_count()} cores, {cpu_model()}, load {os.getloadavg()[0]:.1f} at the start")
    print(f"commit   {commit()}")
    print(f"rustc    {said('rustc', '--version')}")
    print()


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def commit() -> str:
    head = said("git", "rev-parse", "--short", "HEAD")
    if not head:
        return "none yet"
    return head + (" with changes" if said("git", "status", "--porcelain", "--untracked-files=no") else "")


def built(variable: str, path: str, how: str) -> Path:
    """A program that a bench measures: where the environment says, else where the build leaves it."""
    program = Path(os.environ.get(variable) or ROOT / path)
    if not program.exists():
        give_up(f"`{program}` is missing: {how}")
    return program


def bench_folder() -> Path:
    """The data lies beside the build, on the disk that the figures are about; a temporary folder may be memory."""
    folder = ROOT / "target/bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def said(*command: str) -> str:
    """What a command prints; nothing where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def memory_mb(pid: int, field: str) -> float:
    """Memory of a process: `VmHWM` is the most that it had, `VmRSS` what it has."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1000
    return 0.0


def median(values: list[float]) -> float:
    return statistics.median(values)


def verdict(ratio: float, target: float, is_at_most: bool = False) -> str:
    """A ratio beside its target."""
    reached = ratio <= target if is_at_most else ratio >= target
    sign = "<=" if is_at_most else ">="
    return f"{ratio:.2f}  (target {sign} {target}: {'reached' if reached else 'MISSED'})"


def give_up(reason: str) -> None:
    sys.exit(f"bench: {reason}")
