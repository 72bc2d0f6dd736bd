"""The settings of the backends that come with sprocket.

In: nothing. Out: a struct for each `type` of `run.backends.NAME` (`SETTINGS`). Older spellings of keys are not here
but in `config.spellings`. A backend of another package brings its own struct (`config.plugins`).
"""

from typing import Annotated, Literal

import msgspec

from pysprocket.config.section import (
    BASE_URL,
    MAY_BE_EMPTY,
    BackendSettings,
    Capacity,
    PathSetting,
    ProgramSetting,
    SecretSetting,
    Section,
    Size,
    TimeSpan,
    example,
)

LONGEST_PREFIX = 100
"""Bytes of `job_name_prefix`."""

NOT_IN_QUEUES = r"\s\x00-\x20\x7f\"'`\\$;&|<>(){}*?!#="
"""What no name of a partition or queue has, as a set of a regular expression; a comma may stand between several."""

_SERVER = msgspec.Meta(extra_json_schema={"pattern": r"^[hH][tT][tT][pP][sS]?://[^\s/?#]\S*$"})
_PLACE = msgspec.Meta(
    extra_json_schema={
        "pattern": r"^(?!([sS]3|[gG][sS]|[aA][zZ])://[^/?#]*@)(?![fF][iI][lL][eE]://(?!localhost/)[^/])"
        r"[A-Za-z0-9]+://[^\s?#]*/([?#]\S*)?$"
    }
)
_PREFIX = msgspec.Meta(extra_json_schema={"pattern": r"^[^\x00-\x1f\x7f]+$", "maxLength": LONGEST_PREFIX})
_QUEUE = msgspec.Meta(extra_json_schema={"pattern": rf"^[^{NOT_IN_QUEUES}-][^{NOT_IN_QUEUES}]*$"})
"""What the JSON Schema can say of the rules in `urls` and `rules`: never more than these."""


class Docker(BackendSettings, frozen=True):
    """Tasks run in containers of a Docker Engine.

    Attributes:
        cleanup: remove the container of a task when it has ended
    """

    cleanup: bool = True


class Local(BackendSettings, frozen=True):
    """Tasks run as processes of this computer, without containers; container images are ignored.

    Attributes:
        cpu: the processors that tasks share; unless set, all there are. There is a warning about more
        memory: the memory that tasks share; unless set, all there is. There is a warning about more
    """

    cpu: Capacity | None = None
    memory: Size | None = None


class Queue(Section, frozen=True):
    """A partition of Slurm or a queue of LSF.

    Attributes:
        name: the name of the partition or queue
        max_cpu_per_task: the most processors one task can get there
        max_memory_per_task: the most memory one task can get there
    """

    name: Annotated[str, example("compute"), _QUEUE]
    max_cpu_per_task: Annotated[Capacity, example(64)] | None = None
    max_memory_per_task: Annotated[Size, example("96 GB")] | None = None


class ConditionalArguments(Section, frozen=True):
    """Arguments for some tasks.

    Attributes:
        condition: which tasks: a WDL expression of `cpu`, `memory` (bytes), `gpu`, `fpga`, `disks` and `hint.NAME`
        args: the arguments of tasks for which the condition is true
    """

    condition: Annotated[str, example("cpu > 16")]
    args: list[str] = []


class Submission(Section, frozen=True):
    """What is added to the command that submits a job.

    Attributes:
        args: arguments for all jobs
        conditional: arguments for some jobs: the first entry whose condition is true counts
    """

    args: Annotated[list[str], example(["-q", "normal"])] = []
    conditional: Annotated[
        list[ConditionalArguments], example([{"condition": "cpu > 16", "args": ["-q", "large"]}])
    ] = []


class Apptainer(Section, frozen=True):
    """How containers are run.

    Attributes:
        executable: the program that runs containers, such as `apptainer` or `singularity`
        image_cache_dir: where container images are kept for all runs; "system" is the user's cache
        extra_args: arguments added to `apptainer exec`, such as `--nv` for GPUs
    """

    executable: ProgramSetting = "apptainer"
    image_cache_dir: PathSetting = "system"
    extra_args: list[str] = []


class Scheduled(BackendSettings, frozen=True):
    """What Slurm and LSF have in common.

    Attributes:
        interval: how often the scheduler is asked about jobs; 0 is as often as makes sense
        max_concurrency: how many commands of the scheduler are under way at the same time
        job_name_prefix: a text that is put before the names of jobs; 100 bytes at most
        apptainer: how containers are run
    """

    interval: TimeSpan = 30
    max_concurrency: Capacity = 10
    job_name_prefix: Annotated[str, MAY_BE_EMPTY, example("sprocket-"), _PREFIX] | None = None
    apptainer: Apptainer = Apptainer()


class SlurmApptainer(Scheduled, frozen=True):
    """Tasks run as jobs of a Slurm cluster, in containers of Apptainer.

    Attributes:
        default_slurm_partition: where tasks run; unless set, the cluster's default partition
        short_task_slurm_partition: where tasks with the hint `short_task: true` run
        gpu_slurm_partition: where tasks that ask for a GPU run
        fpga_slurm_partition: where tasks that ask for an FPGA run
        sbatch: what is added to `sbatch`
    """

    default_slurm_partition: Queue | None = None
    short_task_slurm_partition: Queue | None = None
    gpu_slurm_partition: Queue | None = None
    fpga_slurm_partition: Queue | None = None
    sbatch: Submission = Submission()


class LsfApptainer(Scheduled, frozen=True):
    """Tasks run as jobs of an LSF cluster, in containers of Apptainer.

    Attributes:
        default_lsf_queue: where tasks run; unless set, the cluster's default queue
        short_task_lsf_queue: where tasks with the hint `short_task: true` run
        gpu_lsf_queue: where tasks that ask for a GPU run
        fpga_lsf_queue: where tasks that ask for an FPGA run
        bsub: what is added to `bsub`
    """

    default_lsf_queue: Queue | None = None
    short_task_lsf_queue: Queue | None = None
    gpu_lsf_queue: Queue | None = None
    fpga_lsf_queue: Queue | None = None
    bsub: Submission = Submission()


class BasicAuth(Section, frozen=True, tag_field="type", tag="basic"):
    """HTTP basic authentication.

    Attributes:
        username: the name of the user
        password: the password of the user; unless set, an empty one is sent
    """

    username: Annotated[str, example("user")]
    password: Annotated[SecretSetting, MAY_BE_EMPTY, example({"env": "TES_PASSWORD"})] | None = None


class BearerAuth(Section, frozen=True, tag_field="type", tag="bearer"):
    """A bearer token.

    Attributes:
        token: the token as it is sent
    """

    token: Annotated[SecretSetting, example({"env": "TES_TOKEN"})]


class OAuth(Section, frozen=True, tag_field="type", tag="oauth"):
    """OAuth 2.0.

    Attributes:
        client_id: the id that the server knows this client by
        authorization: the URL where a user agrees
        token: the URL that gives tokens
        client_secret: the secret of this client, where it has one
        audience: whom the token is for
        scopes: what is asked for
        require_refresh: refuse to start without a token that can be renewed
    """

    client_id: Annotated[str, example("sprocket")]
    authorization: Annotated[str, example("https://login.example.org/authorize"), _SERVER]
    token: Annotated[str, example("https://login.example.org/token"), _SERVER]
    client_secret: Annotated[SecretSetting, example({"env": "TES_CLIENT_SECRET"})] | None = None
    audience: Annotated[str, example("https://tes.example.org")] | None = None
    scopes: list[str] = []
    require_refresh: bool = False


class Tes(BackendSettings, frozen=True):
    """Tasks run on a server that speaks the GA4GH Task Execution Service API.

    Attributes:
        url: the URL of the server, `https://` unless `insecure` is set
        inputs: the URL of a place below which inputs are uploaded: `s3://`, `gs://`, `az://`, `https://`, `http://` or
            `file://`, with `/` at its end
        outputs: the URL of a place below which the server leaves outputs, as for `inputs`
        interval: how often the server is asked about tasks; 0 is as often as makes sense
        retries: how often a request is made again when the server is busy or cannot be reached
        max_concurrency: how many requests are under way at the same time
        insecure: allow `http://` for the server
        auth: how to log in; its `type` is "basic", "bearer" or "oauth", and each has keys of its own
    """

    url: Annotated[str, example("https://tes.example.org"), BASE_URL]
    inputs: Annotated[str, example("s3://bucket/inputs/"), _PLACE]
    outputs: Annotated[str, example("s3://bucket/outputs/"), _PLACE]
    interval: TimeSpan = 60
    retries: Annotated[int, msgspec.Meta(ge=0)] = 5
    max_concurrency: Capacity = 10
    insecure: bool = False
    auth: BasicAuth | BearerAuth | OAuth | None = None


BackendType = Literal["docker", "local", "slurm_apptainer", "lsf_apptainer", "tes"]

SETTINGS: dict[str, type[BackendSettings]] = {
    "docker": Docker,
    "local": Local,
    "slurm_apptainer": SlurmApptainer,
    "lsf_apptainer": LsfApptainer,
    "tes": Tes,
}
"""The struct of each type of backend that comes with sprocket."""
