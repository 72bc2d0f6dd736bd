"""The settings that `sprocket.toml` may hold, with their defaults.

In: nothing. Out: `Config` and the structs of its sections, all frozen. Field names are the keys of the file; a field
whose annotation is `PathSetting` is made absolute when it is read, and one with `NO_EFFECT` is checked, but nothing
reads it yet. Sections that other commands own (`SECTIONS_UNREAD`) are accepted without a look.
"""

from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from pysprocket.config.section import (
    BASE_URL,
    MAY_BE_EMPTY,
    NO_EFFECT,
    BackendSettings,
    Capacity,
    PathSetting,
    SecretSetting,
    Section,
    TimeSpan,
    example,
)

CacheCapacity = Annotated[int, msgspec.Meta(ge=0), NO_EFFECT]
"""How many of something are remembered; 0 is none."""

LimitBehavior = Literal["deny", "try_with_max"]

SECTIONS_UNREAD = frozenset({"format", "server", "doc", "test", "modules", "module", "analyzer", "lock"})


class FeatureFlags(Section, frozen=True):
    """`common.wdl.feature_flags`.

    Attributes:
        wdl_1_3: WDL 1.3 is always on, whatever this says
        wdl_1_4: parts of WDL 1.4
    """

    wdl_1_3: Annotated[bool, NO_EFFECT] = True
    wdl_1_4: Annotated[bool, NO_EFFECT] = False


class Wdl(Section, frozen=True):
    """`common.wdl`: how WDL documents are read.

    Attributes:
        fallback_version: what documents without a version, of an unknown one or of a draft are read as; "1.4" is as the
            newest that there is. With "none", drafts of released versions are read as the newest, others are refused
        feature_flags: parts of the language that can be switched on
    """

    fallback_version: Literal["none", "1.0", "1.1", "1.2", "1.3", "1.4"] = "none"
    feature_flags: FeatureFlags = FeatureFlags()


class Common(Section, frozen=True):
    """`common`: what holds for all commands.

    Attributes:
        color: when to use colour; "auto" is when standard error is a terminal. `--color` wins
        report_mode: how diagnostics are shown: "full", with the source line, or "one-line". `--report-mode` wins
        wdl: how WDL documents are read
    """

    color: Literal["auto", "always", "never"] = "auto"
    report_mode: Literal["full", "one-line"] = "full"
    wdl: Wdl = Wdl()


class Check(Section, frozen=True):
    """`check`: how findings in documents are dealt with.

    Attributes:
        deny_warnings: warnings make the command fail
        deny_notes: notes and warnings make the command fail
        hide_warnings: warnings are not shown
        hide_notes: notes are not shown
        baseline: a file of findings that are known and not shown
        disable: rules of the linter that are off
        rules: a table of settings for each rule of the linter, by its name
    """

    deny_warnings: bool = False
    deny_notes: bool = False
    hide_warnings: bool = False
    hide_notes: bool = False
    baseline: Annotated[PathSetting, NO_EFFECT, example("baseline.toml")] | None = None
    disable: Annotated[list[str], NO_EFFECT] = []
    rules: Annotated[dict[str, Any], NO_EFFECT] = {}


OPPOSITES = (("deny_warnings", "hide_warnings"), ("deny_notes", "hide_warnings"), ("deny_notes", "hide_notes"))
"""Keys of `check` that cannot be together: the command would fail without showing why, or not fail at all."""


class Scatter(Section, frozen=True):
    """`run.workflow.scatter`: how scatters are run.

    Attributes:
        concurrency: how many elements of one scatter are under way at the same time
    """

    concurrency: Capacity = 1000


class Workflow(Section, frozen=True):
    """`run.workflow`: how workflows are run.

    Attributes:
        scatter: how scatters are run
    """

    scatter: Scatter = Scatter()


class Budget(Section, frozen=True):
    """How often an attempt that failed in one way is tried again, and the pause before the first of these tries.

    Attributes:
        count: how many of these tries a call gets
        backoff: the pause before the first of them; each further one is twice as long
        longest_backoff: the longest pause before one of them
    """

    count: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    backoff: TimeSpan = 10
    longest_backoff: TimeSpan = 600


class TwoTries(Budget, frozen=True):
    """Where two tries are the default, also for who changes the pauses alone."""

    count: Annotated[int, msgspec.Meta(ge=0, le=100)] = 2


class ThreeTries(Budget, frozen=True):
    """Where three tries are the default, also for who changes the pauses alone."""

    count: Annotated[int, msgspec.Meta(ge=0, le=100)] = 3


class Retry(Section, frozen=True):
    """`run.task.retry`: tries beside those that `max_retries` of the task allows, by the kind of failure.

    `max_retries` covers what the task does itself: its exit code, its outputs, its memory and its time.

    Attributes:
        exit_code: tries after an attempt ended with an exit code that is not allowed, or without its outputs
        out_of_memory: tries after an attempt was killed because it used more memory than it had asked for
        time_limit: tries after an attempt ran longer than its time limit
        preempted: tries after the scheduler or the cloud stopped an attempt in favour of other work
        node_lost: tries after the computer failed that an attempt was on
        lost: tries after its backend does not know an attempt any more, and it left no exit code
        image: tries after an attempt could not get its container image
        localization: tries after an attempt could not get its input files
        backend: tries after an attempt could not be handed to its backend
        memory_growth: what the memory that a task asks for is multiplied by after each attempt that ran out of it
    """

    exit_code: Budget = Budget()
    out_of_memory: Budget = Budget()
    time_limit: Budget = Budget()
    preempted: ThreeTries = ThreeTries()
    node_lost: TwoTries = TwoTries()
    lost: TwoTries = TwoTries()
    image: TwoTries = TwoTries()
    localization: TwoTries = TwoTries()
    backend: ThreeTries = ThreeTries()
    memory_growth: Annotated[float, msgspec.Meta(ge=1, le=16)] = 1.0


class Task(Section, frozen=True):
    """`run.task`: what holds where a task says nothing.

    Attributes:
        retries: how often a task that fails is tried again when it says nothing itself; "default" is 0
        container: the container image of tasks that name none
        shell: the program that runs the commands of tasks
        retry: tries beside those that a task allows, by the kind of failure
        cpu_limit_behavior: a task that asks for more processors than there are fails ("deny") or gets all
            ("try_with_max")
        memory_limit_behavior: a task that asks for more memory than there is fails ("deny") or gets all
            ("try_with_max")
        cache: whether results of tasks are used again: "on", "off", or "explicit" for tasks with the hint
            `cacheable: true` alone. `--no-call-cache` wins
        cache_dir: where the call cache is; "system" is `$XDG_CACHE_HOME/sprocket/calls`, or `~/.cache/sprocket/calls`
        digests: how files are compared for the call cache: by content ("strong"), by size, time and the first 10 MiB
            ("strongish"), or by size and time ("weak"). "auto" is by content up to 1 GiB, and "strongish" above
        excluded_cache_inputs: inputs that do not count for the call cache, as "name" or "task.name"
        excluded_cache_requirements: requirements that do not count for the call cache
        excluded_cache_hints: hints that do not count for the call cache
    """

    retries: Annotated[int, msgspec.Meta(ge=0, lt=100)] | Literal["default"] = "default"
    container: str = "ubuntu:latest"
    shell: str = "bash"
    retry: Retry = Retry()
    cpu_limit_behavior: LimitBehavior = "deny"
    memory_limit_behavior: LimitBehavior = "deny"
    cache: Literal["off", "on", "explicit"] = "off"
    cache_dir: PathSetting = "system"
    digests: Literal["auto", "strong", "strongish", "weak"] = "auto"
    excluded_cache_inputs: list[str] = []
    excluded_cache_requirements: list[str] = []
    excluded_cache_hints: list[str] = []


class Http(Section, frozen=True):
    """`run.http`: how files are downloaded.

    Attributes:
        cache_dir: where downloads are kept; "system" is `$XDG_CACHE_HOME/sprocket/downloads`, or
            `~/.cache/sprocket/downloads`. It may be deleted when nothing runs
        retries: how often a request is made again when the server is busy or cannot be reached, with growing pauses
        parallelism: how many downloads are under way together; "available" is as many as there are processors
        hash_algorithm: what the content of downloads is checked by; "none" is not at all
        response_cache_capacity: how many responses of servers are remembered
    """

    cache_dir: PathSetting = "system"
    retries: Annotated[int, msgspec.Meta(ge=0)] = 5
    parallelism: Capacity | Literal["available"] = "available"
    hash_algorithm: Annotated[Literal["sha256", "blake3", "none"], NO_EFFECT] = "sha256"
    response_cache_capacity: CacheCapacity = 1000


class AzureAuth(Section, frozen=True):
    """`run.storage.azure.auth`: a key of Azure Blob Storage.

    Attributes:
        account_name: the name of the storage account
        access_key: one of its access keys
    """

    account_name: Annotated[str, NO_EFFECT, example("account")]
    access_key: Annotated[SecretSetting, NO_EFFECT, example({"env": "AZURE_ACCESS_KEY"})]


class Azure(Section, frozen=True):
    """`run.storage.azure`: Azure Blob Storage.

    Attributes:
        auth: the access key to use; unless set, only what is public can be read
    """

    auth: AzureAuth | None = None


class S3Auth(Section, frozen=True):
    """`run.storage.s3.auth`: a key of S3.

    Attributes:
        access_key_id: the id of the access key
        secret_access_key: the secret that belongs to it
    """

    access_key_id: Annotated[str, NO_EFFECT, example("id")]
    secret_access_key: Annotated[SecretSetting, NO_EFFECT, example({"env": "AWS_SECRET_ACCESS_KEY"})]


class S3(Section, frozen=True):
    """`run.storage.s3`: S3, and what speaks its language.

    Attributes:
        region: the region of `s3://` URLs; unless set, `us-east-1`
        endpoint: the URL of a server other than Amazon's
        auth: the access key to use; unless set, only what is public can be read
    """

    region: Annotated[str, NO_EFFECT, MAY_BE_EMPTY, example("eu-central-1")] | None = None
    endpoint: Annotated[str, NO_EFFECT, example("https://s3.example.org"), BASE_URL] | None = None
    auth: S3Auth | None = None


class GoogleAuth(Section, frozen=True):
    """`run.storage.google.auth`: an HMAC key of Google Cloud Storage.

    Attributes:
        access_key: the id of the key
        secret: the secret that belongs to it
    """

    access_key: Annotated[str, NO_EFFECT, example("id")]
    secret: Annotated[SecretSetting, NO_EFFECT, example({"env": "GOOGLE_HMAC_SECRET"})]


class Google(Section, frozen=True):
    """`run.storage.google`: Google Cloud Storage.

    Attributes:
        auth: the access key to use; unless set, only what is public can be read
    """

    auth: GoogleAuth | None = None


class Storage(Section, frozen=True):
    """`run.storage`: object stores.

    Attributes:
        azure: Azure Blob Storage
        s3: S3, and what speaks its language
        google: Google Cloud Storage
    """

    azure: Azure = Azure()
    s3: S3 = S3()
    google: Google = Google()


class BackendEntry(NamedTuple):
    """An entry of `run.backends`."""

    type: str
    settings: BackendSettings


class Run(Section, frozen=True):
    """`run`: how documents are run.

    Attributes:
        output_dir: the directory where runs are kept. `--output-dir` wins
        events_capacity: how many events may wait for who shows them
        backend: the entry of `backends` that tasks run on, or a type that needs no settings, such as "docker" or
            "local". Unless set, the only entry if it is called `default`, and Docker when there are none; `--backend`
            wins
        backends: the backends there are, by names of your own; the `type` of each says which other keys it has
        fail: what happens to running tasks after a failure: they may end ("slow") or are cancelled ("fast")
        on_terminate: what the signals SIGTERM and SIGHUP do to tasks that run: stop them ("cancel") or leave them to be
            resumed ("detach"). Unless set, local and Docker tasks are stopped, and jobs of a cluster are left
        cleanup: whether files of a run that no output refers to are removed when it has succeeded
        max_concurrent_tasks: how many tasks of one run are under way at the same time; unless set, only the backend and
            the scatters bound them
        suppress_env_specific_output: leave out of outputs what differs between computers
        experimental_features_enabled: nothing needs this any more
        digest_cache_capacity: how many digests of files are remembered
        choice_cache_capacity: how many choices of an enum are remembered
        regex_cache_capacity: how many regular expressions are remembered
        http: how files are downloaded
        workflow: how workflows are run
        task: what holds where a task says nothing
        storage: object stores
    """

    output_dir: PathSetting = "./out"
    events_capacity: Annotated[int, msgspec.Meta(ge=1, le=4_294_967_295), NO_EFFECT] = 5000
    backend: Annotated[str, example("docker")] | None = None
    backends: dict[str, BackendEntry] = {}
    fail: Literal["slow", "fast"] = "slow"
    on_terminate: Literal["cancel", "detach"] | None = None
    cleanup: Literal["none", "on_success"] = "none"
    max_concurrent_tasks: Annotated[Capacity, example(100)] | None = None
    suppress_env_specific_output: Annotated[bool, NO_EFFECT] = False
    experimental_features_enabled: Annotated[bool, NO_EFFECT] = False
    digest_cache_capacity: CacheCapacity = 1000
    choice_cache_capacity: CacheCapacity = 1000
    regex_cache_capacity: CacheCapacity = 1000
    http: Http = Http()
    workflow: Workflow = Workflow()
    task: Task = Task()
    storage: Storage = Storage()


class Sections(Section, frozen=True):
    """The sections of `sprocket.toml` that are read.

    Attributes:
        common: what holds for all commands
        check: how findings in documents are dealt with
        run: how documents are run
    """

    common: Common = Common()
    check: Check = Check()
    run: Run = Run()


class Config(Sections, frozen=True):
    """All settings of a command.

    Attributes:
        notes: sentences for the user about how they were found.
        secret_variables: variables of the environment that hold secrets, also those that another place overrules.
    """

    notes: tuple[str, ...] = ()
    secret_variables: tuple[str, ...] = ()
