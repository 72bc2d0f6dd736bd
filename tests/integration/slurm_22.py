"""A Slurm cluster for tests: the release 22.05 of Debian 12, on this machine, with two nodes.

In: this machine. Out: `Cluster`, whose `environment` makes the commands of Slurm ask it. All its files are in a folder
of its own below `.integration/`, its ports are its own, and it is stopped by the process ids that its daemons wrote. A
cluster that runs already is used as it is. The packages are installed where they are missing and this is root's Debian.

By hand: `python -m tests.integration.slurm_22 up|down|status`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.docker_engine import HOME

PACKAGES = ("slurm-wlm", "munge")
_FIRST_PORT = 26_817
"""Of the controller; the nodes have the next ones."""

_SLURM_CONF = """\
ClusterName=pysprocket
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={home}/run/munge.sock
SlurmUser=root
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool/%n
SlurmctldPidFile={home}/run/slurmctld.pid
SlurmdPidFile={home}/run/slurmd.%n.pid
SlurmctldLogFile={home}/log/slurmctld.log
SlurmdLogFile={home}/log/slurmd.%n.log
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=5,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
SlurmdParameters=config_overrides
SlurmdTimeout=10
KillWait=2
JobCompType=jobcomp/filetxt
JobCompLoc={home}/log/jobcomp.txt
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={node1} CPUs=4 RealMemory=6000 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={node2} CPUs=8 RealMemory=12000 State=UNKNOWN
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE DefaultTime=60 State=UP DefMemPerCPU=200
PartitionName=short Nodes=n1 MaxTime=10 DefaultTime=1 State=UP DefMemPerCPU=200
PartitionName=closed Nodes=n1 MaxTime=INFINITE State=DOWN
PartitionName=empty State=UP
"""


class Cluster:
    """A controller and two nodes.

    Args:
        home: the folder for all files; short, because there are sockets in it.

    Attributes:
        environment: what the commands of Slurm need to ask this cluster.
    """

    def __init__(self, home: Path = HOME / "slurm22") -> None:
        self.home = home
        self.environment = {"SLURM_CONF": str(home / "etc" / "slurm.conf")}

    def start(self) -> None:
        """Start what does not run, and wait until both nodes are idle.

        Raises:
            RuntimeError: it does not come up; the ends of the logs say why.
        """
        for name in ("etc", "run", "log", "state", "spool"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        if not self.is_up():
            self.stop()
            self._configure()
            self._munged()
            self.start_controller()
            for node in ("n1", "n2"):
                self._run(["slurmd", "-N", node])
        deadline = time.monotonic() + 60
        while len(self._idle()) < 2:
            if time.monotonic() > deadline:
                raise RuntimeError("Slurm does not come up:\n" + self._logs())
            time.sleep(0.1)

    def start_controller(self) -> None:
        """Start the controller alone."""
        self._run(["slurmctld"])

    def stop_controller(self) -> None:
        """Stop the controller alone; jobs that run go on."""
        self._end("slurmctld")

    def stop(self) -> None:
        """Stop exactly the daemons of this cluster."""
        for name in ("slurmd.n1", "slurmd.n2", "slurmctld", "munged"):
            self._end(name)

    def is_up(self) -> bool:
        """Whether all of its daemons run."""
        return all(self._pid(name) is not None for name in ("munged", "slurmctld", "slurmd.n1", "slurmd.n2"))

    def _configure(self) -> None:
        port = _free_ports(_FIRST_PORT)
        words = {"home": self.home, "host": socket.gethostname(), "port": port, "node1": port + 1, "node2": port + 2}
        (self.home / "etc" / "slurm.conf").write_text(_SLURM_CONF.format(**words))
        for name in ("state", "spool"):  # of a cluster that was killed
            shutil.rmtree(self.home / name)
            (self.home / name).mkdir()

    def _munged(self) -> None:
        key = self.home / "etc" / "munge.key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_bytes(os.urandom(128))
        places = {
            "key-file": key,
            "socket": self.home / "run" / "munge.sock",
            "pid-file": self.home / "run" / "munged.pid",
            "log-file": self.home / "log" / "munged.log",
            "seed-file": self.home / "etc" / "munge.seed",
        }
        self._run(["munged", "--force", *(f"--{name}={path}" for name, path in places.items())])

    def _run(self, command: list[str]) -> None:
        with (self.home / "log" / "start.log").open("ab") as log:
            status = subprocess.run(
                command,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            ).returncode
        if status != 0:
            raise RuntimeError(f"`{command[0]}` does not start:\n" + self._logs())

    def _idle(self) -> set[str]:
        command = ["sinfo", "--noheader", "--Node", "--states=idle", "--format=%N"]
        done = subprocess.run(
            command, env=os.environ | self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        return set(done.stdout.split())

    def _logs(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text()[-1500:]}" for path in (self.home / "log").glob("*.log"))

    def _pid(self, name: str) -> int | None:
        """The process id of one of its daemons, when it runs."""
        program = name.partition(".")[0]
        try:
            pid = int((self.home / "run" / f"{name}.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            ours = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        is_ours = f"SLURM_CONF={self.environment['SLURM_CONF']}".encode() in ours
        return pid if is_ours and Path(os.fsdecode(command[0])).name == program else None

    def _end(self, name: str) -> None:
        pid = self._pid(name)
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        for _ in range(200):
            if self._pid(name) is None:
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


def up(*, start: bool) -> tuple[Cluster, bool]:
    """A cluster whose nodes are idle, and whether it was started by this call.

    Args:
        start: whether one may be installed and started when none runs.

    Raises:
        LookupError: there is none, and none may or can be started here.
        RuntimeError, CalledProcessError: there should be one, and it does not come up.
    """
    with _alone():
        cluster = Cluster()
        if cluster.is_up():
            return cluster, False
        if not start:
            raise LookupError("no Slurm cluster for tests runs; `pytest -m integration` starts one")
        if os.geteuid() != 0:
            raise LookupError("only root can start a Slurm cluster for tests")
        _install()
        cluster.start()
        return cluster, True


def _install() -> None:
    if all(map(shutil.which, ("slurmctld", "slurmd", "sbatch", "munged"))):
        return
    if shutil.which("apt-get") is None:
        raise LookupError("there is no Slurm, and it is installed by itself only on Debian")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        subprocess.run(["apt-get", *command], check=True, stdout=subprocess.DEVNULL, env=environment)


def _free_ports(first: int) -> int:
    """The first of three ports in a row that are free."""
    for port in range(first, first + 3000, 3):
        if all(map(_is_free, range(port, port + 3))):
            return port
    raise RuntimeError("there are no free ports for Slurm")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time brings a cluster up."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "slurm22.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(command: str) -> int:
    """What the command line asks for."""
    if command == "up":
        print("export SLURM_CONF=" + up(start=True)[0].environment["SLURM_CONF"])
    elif command == "down":
        Cluster().stop()
    elif command == "status":
        print("the cluster for tests " + ("runs" if Cluster().is_up() else "does not run"))
    else:
        print("usage: python -m tests.integration.slurm_22 up|down|status", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["status"]))
