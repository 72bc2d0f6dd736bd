"""Whether a Slurm cluster answers, by scripts that say what Slurm says; the real one is asked in tests/integration."""

from __future__ import annotations

import pytest

from pysprocket.backends.answers import Answer
from pysprocket.backends.slurm import probe as module
from pysprocket.config.backend_settings import Apptainer, Queue, SlurmApptainer
from pysprocket.config.settings import Run
from pysprocket.errors import BackendError
from tests.backends.conftest import Commands

PARTITIONS = """\
PartitionName=main AllowGroups=ALL Default=YES Hidden=NO MaxTime=UNLIMITED Nodes=n[1-2] State=UP TotalCPUs=12
PartitionName=short AllowGroups=ALL Default=NO MaxTime=00:10:00 Nodes=n1 State=UP TotalCPUs=4
PartitionName=gpu AllowGroups=ALL Default=NO MaxTime=UNLIMITED Nodes=n1 State=DRAIN TotalCPUs=4
"""
NODES = "main 4 6000\nmain 8 12000+\nshort 4 6000\ngpu 4 6000\n"
CONFIG = "AccountingStorageType   = accounting_storage/slurmdbd\nClusterName             = hpc\n"
HERE = Apptainer(executable="sbatch")
"""A program that is there, so that its absence is not told."""


@pytest.fixture
def cluster(commands: Commands) -> Commands:
    """Makes a cluster; what is given is said instead of what a good one says."""

    def make(version="slurm 25.05.1", ping="Slurmctld(primary) at a is UP", partitions=PARTITIONS, config=CONFIG):
        commands(
            sbatch=f"echo '{version}'",
            sinfo=f"cat <<'END'\n{NODES}END",
            scontrol=f"""case "$*" in
ping) echo "{ping}"; case "{ping}" in *" is UP"*) exit 0;; esac; exit 1;;
"--all --oneliner show partition") cat <<'END'
{partitions}END
;;
"show config") cat <<'END'
{config}END
;;
esac""",
        )

    return make


async def probe(settings: SlurmApptainer, seconds: float = 10) -> Answer:
    return await module.probe(settings, Run(), seconds)


def told(answer: Answer) -> list[str]:
    return [f"{finding.severity.value}: {finding.message}" for finding in answer.findings]


async def test_a_cluster_tells_its_release_its_name_and_its_partitions(cluster: Commands):
    cluster()
    answer = await probe(SlurmApptainer(apptainer=HERE))
    assert answer.says == "Slurm 25.05.1, cluster hpc, 3 partitions, accounting"
    assert answer.is_usable
    assert told(answer) == []


async def test_without_slurm_it_is_told_where_to_run(commands: Commands):
    commands()
    with pytest.raises(BackendError, match="there is no command `sbatch` here") as error:
        await probe(SlurmApptainer())
    assert error.value.help == "run on a login host of the cluster, or load the module of Slurm"


@pytest.mark.parametrize(
    ("version", "words"),
    [("slurm 20.11.9", "Slurm 20.11.9 is too old"), ("slurm-wlm 22.04", "Slurm 22.04 is too old")],
)
async def test_a_release_that_is_too_old_is_refused(cluster: Commands, version: str, words: str):
    cluster(version=version)
    with pytest.raises(BackendError, match=words):
        await probe(SlurmApptainer())


@pytest.mark.parametrize("said", ["\\xfe 7.2 \\x80", "Welcome to cluster 20.04", "flux 0.60.1", "slurm 1..2", ""])
async def test_what_is_no_slurm_is_not_taken_for_an_old_one(cluster: Commands, said: str):
    cluster(version=said)
    with pytest.raises(BackendError, match="`sbatch --version` does not tell a version"):
        await probe(SlurmApptainer())


async def test_a_banner_around_the_version_is_passed_over(cluster: Commands):
    cluster(version="Welcome to Ubuntu 20.04\nslurm 25.05.1")
    assert (await probe(SlurmApptainer(apptainer=HERE))).says.startswith("Slurm 25.05.1, ")


async def test_a_release_older_than_the_recommended_one_is_noted(cluster: Commands):
    cluster(version="slurm-wlm 22.05.8")
    answer = await probe(SlurmApptainer(apptainer=HERE))
    assert told(answer) == ["note: Slurm 22.05.8 is older than 25.05, the release that is recommended"]


async def test_a_controller_that_is_down_is_named(cluster: Commands):
    cluster(ping="Slurmctld(primary) at head is DOWN")
    with pytest.raises(BackendError, match=r"controller does not answer: Slurmctld\(primary\) at head is DOWN"):
        await probe(SlurmApptainer())


async def test_a_backup_controller_is_enough(cluster: Commands):
    cluster(ping="Slurmctld(primary) at a is DOWN; Slurmctld(backup) at b is UP")
    assert (await probe(SlurmApptainer())).is_usable


async def test_a_partition_that_is_not_there_has_its_nearest_name_told(cluster: Commands):
    cluster()
    answer = await probe(SlurmApptainer(gpu_slurm_partition=Queue("gpus"), apptainer=HERE))
    assert told(answer) == ["error: `gpu_slurm_partition`: there is no partition `gpus`"]
    assert answer.findings[0].help == "did you mean `gpu`?"
    assert not answer.is_usable


async def test_a_name_like_no_partition_has_all_of_them_told(cluster: Commands):
    cluster()
    answer = await probe(SlurmApptainer(default_slurm_partition=Queue("xyz"), apptainer=HERE))
    assert answer.findings[0].help == "choose one of `main`, `short`, `gpu`"


async def test_limits_above_the_largest_node_are_warned_of(cluster: Commands):
    cluster()
    queue = Queue("main", max_cpu_per_task=9, max_memory_per_task="12001 MiB")
    answer = await probe(SlurmApptainer(default_slurm_partition=queue, apptainer=HERE))
    assert told(answer) == [
        "warning: `default_slurm_partition.max_cpu_per_task` is 9, and no node of `main` has more than 8 processors",
        "warning: `default_slurm_partition.max_memory_per_task` is 12001 MiB, and no node of `main` has more than "
        "12000 MiB",
    ]
    assert answer.is_usable


async def test_limits_of_the_largest_node_are_fine(cluster: Commands):
    cluster()
    queue = Queue("main", max_cpu_per_task=8, max_memory_per_task="12000 MiB")
    assert told(await probe(SlurmApptainer(default_slurm_partition=queue, apptainer=HERE))) == []


async def test_a_partition_that_takes_no_jobs_and_one_with_a_time_limit_are_told(cluster: Commands):
    cluster()
    settings = SlurmApptainer(
        gpu_slurm_partition=Queue("gpu"), short_task_slurm_partition=Queue("short"), apptainer=HERE
    )
    assert told(await probe(settings)) == [
        "note: `short_task_slurm_partition`: jobs in `short` are ended after 00:10:00",
        "warning: `gpu_slurm_partition`: the partition `gpu` is DRAIN",
    ]


async def test_where_no_partition_is_the_default_one_must_be_named(cluster: Commands):
    cluster(partitions=PARTITIONS.replace("Default=YES", "Default=NO"))
    answer = await probe(SlurmApptainer(apptainer=HERE))
    assert told(answer) == ["error: this cluster has no default partition"]
    assert answer.findings[0].help == "set `default_slurm_partition.name` to `main`, `short`, `gpu`"
    assert (await probe(SlurmApptainer(default_slurm_partition=Queue("main")))).is_usable


async def test_a_cluster_without_accounting_and_a_host_without_apptainer_are_noted(cluster: Commands):
    cluster(config=CONFIG.replace("accounting_storage/slurmdbd", "(null)"))
    answer = await probe(SlurmApptainer())
    assert answer.says.endswith("no accounting")
    assert told(answer) == [
        "note: there is no `apptainer` on this computer",
        "note: this cluster keeps no accounting",
    ]


async def test_what_slurm_complains_of_is_quoted(commands: Commands):
    commands(
        sbatch="echo slurm 25.05.0",
        scontrol='[ "$1" = ping ] && echo "Slurmctld(primary) at a is UP" && exit; echo "Protocol error" >&2; exit 1',
        sinfo="exit 0",
    )
    with pytest.raises(BackendError, match="controller does not answer: Protocol error"):
        await probe(SlurmApptainer())


async def test_the_command_that_hangs_is_named(commands: Commands):
    commands(sbatch="echo slurm 25.05.0", scontrol="sleep 30", sinfo="exit 0")
    with pytest.raises(BackendError, match=r"`scontrol ping` has not ended within 0\.9 s") as error:
        await probe(SlurmApptainer(), seconds=1)
    assert error.value.transient
