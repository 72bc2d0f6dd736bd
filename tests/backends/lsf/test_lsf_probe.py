"""Whether an LSF cluster answers, by scripts that say what LSF says."""

from __future__ import annotations

import pytest

from pysprocket.backends.answers import Answer
from pysprocket.backends.lsf import probe as module
from pysprocket.config.backend_settings import Apptainer, LsfApptainer, Queue
from pysprocket.config.settings import Run
from pysprocket.errors import BackendError
from tests.backends.conftest import Commands

VERSION = """cat >&2 <<END
IBM Spectrum LSF Standard 10.1.0.12, Jun 10 2022
Copyright International Business Machines Corp. 1992, 2016.
  binary type: linux3.10-glibc2.17-x86_64
END"""
QUEUES = """cat <<END
*** welcome to the cluster ***
QUEUE_NAME      PRIO STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN  SUSP
priority         43  Open:Active       -    -    -    -     0     0     0     0
normal           30  Open:Active       -    -    -    -    12     4     8     0
gpu_a100         20  Closed:Inact_Adm  -    -    -    -     0     0     0     0
END"""
HERE = Apptainer(executable="bsub")


async def probe(settings: LsfApptainer, seconds: float = 10) -> Answer:
    return await module.probe(settings, Run(), seconds)


def told(answer: Answer) -> list[str]:
    return [f"{finding.severity.value}: {finding.message}" for finding in answer.findings]


async def test_a_cluster_tells_its_release_and_its_queues(commands: Commands):
    commands(bsub=VERSION, bqueues=QUEUES)
    answer = await probe(LsfApptainer(default_lsf_queue=Queue("normal"), apptainer=HERE))
    assert answer.says == "LSF 10.1.0.12, 3 queues"
    assert told(answer) == []


async def test_without_lsf_it_is_told_where_to_run(commands: Commands):
    commands()
    with pytest.raises(BackendError, match="there is no command `bsub` here") as error:
        await probe(LsfApptainer())
    assert error.value.help == "run on a host of the cluster, or source `profile.lsf` first"


async def test_a_queue_that_is_not_there_has_its_nearest_name_told(commands: Commands):
    commands(bsub=VERSION, bqueues=QUEUES)
    answer = await probe(LsfApptainer(default_lsf_queue=Queue("norml"), apptainer=HERE))
    assert told(answer) == ["error: `default_lsf_queue`: there is no queue `norml`"]
    assert answer.findings[0].help == "did you mean `normal`?"


async def test_a_queue_that_is_closed_is_warned_of(commands: Commands):
    commands(bsub=VERSION, bqueues=QUEUES)
    answer = await probe(LsfApptainer(gpu_lsf_queue=Queue("gpu_a100"), apptainer=HERE))
    assert told(answer) == ["warning: `gpu_lsf_queue`: the queue `gpu_a100` is Closed:Inact_Adm"]
    assert answer.is_usable


async def test_a_batch_system_that_is_down_is_quoted(commands: Commands):
    commands(bsub=VERSION, bqueues="echo 'Failed in an LSF library call: LIM is down; try later' >&2; exit 255")
    with pytest.raises(BackendError, match="does not tell its queues: Failed in an LSF library call: LIM is down"):
        await probe(LsfApptainer())


async def test_another_program_of_that_name_is_not_taken_for_lsf(commands: Commands):
    commands(bsub="echo hello")
    with pytest.raises(BackendError, match="`bsub -V` does not tell a version: hello"):
        await probe(LsfApptainer())
