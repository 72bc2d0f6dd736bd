"""What finding, reading, checking and merging configuration files costs.

In: nothing. Out: processor milliseconds of the first `load` of a process, with five files of the size that sites and
users have (beside the executable, of the user, of the directory, `SPROCKET_CONFIG`, `--config`; backends of all
types), and of a further one, beside reading and parsing the same files with `tomli`: with what each imports above
`msgspec` and `pathlib`, and without. Then the same with variables and `--set` too, without any file, and with a mistake
in each file.

    python -m benchmarks.config_load
    python -m benchmarks.config_load 51        # processes of each kind
    python -m benchmarks.config_load --check   # fails when the first load of five files costs more than 15 ms
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 21
LIMIT = 15.0
FLOOR, FIRST, FURTHER = "tomli, five files", "load, five files", "a further load, five files"

SITE = """\
# /opt/site/bin/sprocket.toml: what holds for everybody here
[common]
color = "auto"

[common.wdl]
fallback_version = "1.2"

[run]
backend = "slurm"
fail = "slow"

[run.http]
retries = 8
parallelism = 16
cache_dir = "/scratch/shared/sprocket/downloads"

[run.workflow]
scatter.concurrency = 500

[run.task]
retries = 2
container = "ubuntu:24.04"
cache = "on"
digests = "auto"
cpu_limit_behavior = "try_with_max"
memory_limit_behavior = "try_with_max"
excluded_cache_hints = ["localization_optional"]

[run.task.retry]
out_of_memory = { count = 2 }
preempted = { count = 5, backoff = "30 s" }
memory_growth = 1.5

[run.backends.slurm]
type = "slurm_apptainer"
interval = "20 s"
max_concurrency = 20
job_name_prefix = "wdl-"
max_scatter_concurrency = 200

[run.backends.slurm.default_slurm_partition]
name = "compute"
max_cpu_per_task = 64
max_memory_per_task = "240 GB"

[run.backends.slurm.short_task_slurm_partition]
name = "short"
max_cpu_per_task = 16

[run.backends.slurm.gpu_slurm_partition]
name = "gpu"

[run.backends.slurm.sbatch]
args = ["--time=24:00:00", "--qos=normal"]

[run.backends.slurm.apptainer]
executable = "/opt/apptainer/bin/apptainer"
image_cache_dir = "/scratch/shared/sprocket/images"
extra_args = ["--cleanenv"]

[run.backends.lsf]
type = "lsf_apptainer"
interval = 30
bsub.args = ["-P", "project"]
apptainer.executable = "singularity"
default_lsf_queue = { name = "standard", max_cpu_per_task = 32, max_memory_per_task = "96 GB" }
gpu_lsf_queue = { name = "gpu" }
"""

USER = """\
[run]
output_dir = "~/runs"

[check]
disable = ["UnusedInput"]
hide_notes = true

[run.backends.tes]
type = "tes"
url = "https://tes.example.org/ga4gh/tes/v1"
inputs = "s3://bucket/inputs/"
outputs = "s3://bucket/outputs/"
interval = 30
retries = 5

[run.backends.tes.auth]
type = "basic"
username = "me"
password = { env = "TES_PASSWORD" }

[run.storage.s3]
region = "eu-central-1"

[run.storage.s3.auth]
access_key_id = "AKIAIOSFODNN7EXAMPLE"
secret_access_key = { file = "~/.aws/secret" }

[run.storage.google.auth]
access_key = "GOOG1EXAMPLE"
secret = { env = "GOOGLE_SECRET" }

[format]
indent = 2
max_line_length = 100
"""

HERE = """\
[run]
backend = "laptop"
max_concurrent_tasks = 8

[run.backends.laptop]
type = "local"
cpu = 8
memory = "16 GiB"

[run.backends.containers]
type = "docker"
cleanup = true

[run.task]
shell = "bash"
excluded_cache_inputs = ["threads"]
"""

NAMED = """\
[run.backends.slurm]
sbatch.args = ["--account=lab"]

[run.backends.slurm.default_slurm_partition]
max_memory_per_task = "480 GB"

[run.backends.tes.auth]
type = "bearer"
token = { env = "TES_TOKEN" }
"""

GIVEN = """\
run.backend = "slurm"
run.fail = "fast"
run.task.retries = 0
run.task.excluded_cache_hints = ["short_task"]
run.backends.slurm.sbatch.args = ["--reservation=now"]
"""

_IMPORTS = """\
import gc, json, os, sys, time
import msgspec, pathlib
gc.set_threshold(200_000, 20, 100)  # as the command does
begin = time.process_time()
"""
_FLOOR = """\
import tomli
imported = time.process_time()
for path in json.loads(os.environ["FILES"]):
    with open(path, "rb") as file:
        tomli.load(file)
"""
_LOAD = """\
from pathlib import Path
from pysprocket.config import load
if assignments:
    from pysprocket.config.assignments import Assignment
for _ in range(loads):
    imported = time.process_time()
    try:
        load(
            files=[Path(path) for path in json.loads(os.environ["FILES"])[4:]],
            argv0=os.environ["EXECUTABLE"],
            assignments=[Assignment(text) for text in assignments],
        )
    except Exception:
        if not mistakes:
            raise
"""
_TELL = "\nprint(json.dumps([imported - begin, time.process_time() - imported]))"


def child(body: str, environment: dict[str, str], directory: Path) -> tuple[float, float]:
    """Milliseconds of the imports and of the work of a fresh process."""
    command = [sys.executable, "-c", _IMPORTS + body + _TELL]
    done = subprocess.run(command, env=environment, cwd=directory, check=True, capture_output=True, text=True)
    imports, work = json.loads(done.stdout)
    return imports * 1000, work * 1000


def prepare(directory: Path, name: str, texts: list[str]) -> tuple[dict[str, str], Path]:
    """Write five files to their places; the environment and the working directory of a process that finds them."""
    root = directory / name
    places = ["bin", "home/.config/sprocket", "here", "elsewhere", "given"]
    files = [root / place / "sprocket.toml" for place in places]
    for file, text in zip(files, texts, strict=True):
        file.parent.mkdir(parents=True)
        if text:
            file.write_text(text)
            file.chmod(0o600)
    executable = root / "bin" / "sprocket"
    executable.write_text("#!/bin/sh\n")
    executable.chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SPROCKET_", "XDG_"))}
    environment |= {
        "HOME": str(root / "home"),
        "EXECUTABLE": str(executable),
        "FILES": json.dumps([str(file) for file in files if file.exists()]),
        "PYTHONPYCACHEPREFIX": str(directory / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    if texts[3]:
        environment["SPROCKET_CONFIG"] = str(files[3])
    return environment, root / "here"


def main() -> int:
    """Measure and print; with --check say whether the limit is kept."""
    parser = argparse.ArgumentParser(description="Processor time of loading a configuration.")
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS)
    parser.add_argument("--check", action="store_true", help=f"fail above {LIMIT} ms")
    arguments = parser.parse_args()
    texts = [SITE, USER, HERE, NAMED, GIVEN]
    wrong = [f"{text}\n[run.no_such_table]\n" for text in texts]
    given = ["run.fail=slow", "run.task.retries=3", "run.backends.slurm.max_concurrency=5"]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        five, none, bad = (
            prepare(directory, *each) for each in (("five", texts), ("none", [""] * 5), ("wrong", wrong))
        )
        more = five[0] | {"SPROCKET_RUN__TASK__SHELL": "sh", "SPROCKET_RUN__BACKENDS__SLURM__INTERVAL": "5 s"}
        start = "assignments, mistakes, loads = {given}, {mistakes}, {loads}\n"
        ordinary = start.format(given=[], mistakes=False, loads=1)
        kinds = {
            FLOOR: (_FLOOR, *five),
            FIRST: (ordinary + _LOAD, *five),
            FURTHER: (start.format(given=[], mistakes=False, loads=5) + _LOAD, *five),
            "load, five files, 2 variables, 3 --set": (
                start.format(given=given, mistakes=False, loads=1) + _LOAD,
                more,
                five[1],
            ),
            "load, no file": (ordinary + _LOAD, *none),
            "load, five files with a mistake each": (start.format(given=[], mistakes=True, loads=1) + _LOAD, *bad),
        }
        samples: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
        for round_ in range(arguments.rounds + 1):
            for kind, what in kinds.items():
                sample = child(*what)
                if round_:  # the first one compiles
                    samples[kind].append(sample)
    lines = sum(text.count("\n") for text in texts)
    print(f"{lines} lines in five files; medians of {arguments.rounds} processes, milliseconds of processor time")
    print(f"{'':42} {'work':>7} {'with imports':>14} {'ratio':>7}")
    works = {kind: statistics.median(work for _, work in each) for kind, each in samples.items()}
    totals = {kind: statistics.median(sum(sample) for sample in each) for kind, each in samples.items()}
    for kind, work in works.items():
        if kind == FURTHER:
            print(f"{kind:42} {work:7.2f} {'-':>14} {work / works[FLOOR]:7.2f}")
        else:
            print(f"{kind:42} {work:7.2f} {totals[kind]:14.2f} {totals[kind] / totals[FLOOR]:7.2f}")
    return int(arguments.check and works[FIRST] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
