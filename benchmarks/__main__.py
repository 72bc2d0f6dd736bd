"""Runs the fast benchmarks, one after the other.

python -m benchmarks
"""

from __future__ import annotations

import subprocess
import sys

FAST = ("startup", "config_load", "one_task", "local_overhead", "scatter", "parse", "evaluate", "evaluation")


def main() -> int:
    """Each in a process of its own; the first that fails ends it."""
    for name in FAST:
        print(f"== {name}", flush=True)
        status = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
