"""The settings that `sprocket.toml` may hold, with their defaults.

In: nothing. Out: `Config` and the structs of its sections, all frozen. Field names are the keys of the file; a field
whose annotation is `PathSetting` is made absolute when it is read. Sections that other commands own (`SECTIONS_UNREAD`)
are accepted without a look.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from pysprocket.config.section import (
    BackendSettings,
    Capacity,
    PathSetting,
    SecretSetting,
    Section,
    TimeSpan,
)

LimitBehavior = Literal["deny", "try_with_max"]

SECTIONS_UNREAD = frozenset({"format", "server", "doc", "test", "modules", "module", "analyzer", "lock"})


class FeatureFlags(Section, frozen=True):
    """`common.wdl.feature_flags`; WDL 1.3 is always on."""

    wdl_1_3: bool = True
    wdl_1_4: bool = False


class Wdl(Section, frozen=True):
    """`common.wdl`: `fallback_version` is what documents without a version or of an unknown one are read as.

    With "none" they are refused, but for those of a draft that was released later.
    """

    fallback_version: Literal["none", "1.0", "1.1", "1.2", "1.3"] = "none"
    feature_flags: FeatureFlags = FeatureFlags()


class Common(Section, frozen=True):
    """`common`: what holds for all commands."""

    color: Literal["auto", "always", "never"] = "auto"
    report_mode: Literal["full", "one-line"] = "full"
    wdl: Wdl = Wdl()


class Check(Section, frozen=True):
    """`check`: `deny_*` make findings failures, `hide_*` leave them out; `rules` belongs to the linter."""

    deny_warnings: bool = False
    deny_notes: bool = False
    hide_warnings: bool = False
    hide_notes: bool = False
    baseline: PathSetting | None = None
    disable: list[str] = []
    rules: dict[str, Any] = {}


class Scatter(Section, frozen=True):
    """`run.workflow.scatter`: how many elements of one scatter are under way together."""

    concurrency: Capacity = 1000


class Workflow(Section, frozen=True):
    """`run.workflow`."""

    scatter: Scatter = Scatter()


class Budget(Section, frozen=True):
    """How often an attempt that failed in one way is tried again, and the pause before the first of these tries.

    Each further pause is twice as long, up to `longest_backoff`.
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
        memory_growth: by how much the memory asked for is multiplied after each attempt that ran out of it.
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
        retries: how often a failed attempt is tried again; "default" is 0.
        retry: more tries, by the kind of failure.
        cpu_limit_behavior, memory_limit_behavior: refuse a task that asks for more than there is, or give it all.
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
    """`run.http`: downloads."""

    cache_dir: PathSetting = "system"
    retries: Annotated[int, msgspec.Meta(ge=0)] = 5
    parallelism: Capacity | Literal["available"] = "available"
    hash_algorithm: str = "sha256"
    response_cache_capacity: Capacity = 1000


class AzureAuth(Section, frozen=True):
    """`run.storage.azure.auth`."""

    account_name: str
    access_key: SecretSetting


class Azure(Section, frozen=True):
    """`run.storage.azure`."""

    auth: AzureAuth | None = None


class S3Auth(Section, frozen=True):
    """`run.storage.s3.auth`."""

    access_key_id: str
    secret_access_key: SecretSetting


class S3(Section, frozen=True):
    """`run.storage.s3`."""

    region: str | None = None
    endpoint: str | None = None
    auth: S3Auth | None = None


class GoogleAuth(Section, frozen=True):
    """`run.storage.google.auth`."""

    access_key: str
    secret: SecretSetting


class Google(Section, frozen=True):
    """`run.storage.google`."""

    auth: GoogleAuth | None = None


class Storage(Section, frozen=True):
    """`run.storage`: object stores."""

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
        backend: the name of an entry of `backends`, None when no file says one.
        backends: by name, each with its `type` and the settings of that type (see `backend_settings.SETTINGS`).
        fail: after a failure let running tasks end ("slow") or cancel them ("fast").
        on_terminate: what SIGTERM and SIGHUP do to tasks that run; None: what suits the backend.
        cleanup: whether files of a run that no output refers to are removed when it has succeeded.
        max_concurrent_tasks: how many tasks of a run are under way together, None for no bound of its own.
    """

    output_dir: PathSetting = "./out"
    events_capacity: Capacity = 5000
    backend: str | None = None
    backends: dict[str, BackendEntry] = {}
    fail: Literal["slow", "fast"] = "slow"
    on_terminate: Literal["cancel", "detach"] | None = None
    cleanup: Literal["none", "on_success"] = "none"
    max_concurrent_tasks: Capacity | None = None
    suppress_env_specific_output: bool = False
    experimental_features_enabled: bool = False
    digest_cache_capacity: Capacity = 1000
    choice_cache_capacity: Capacity = 1000
    regex_cache_capacity: Capacity = 1000
    http: Http = Http()
    workflow: Workflow = Workflow()
    task: Task = Task()
    storage: Storage = Storage()


class Sections(Section, frozen=True):
    """The sections of `sprocket.toml` that are read."""

    common: Common = Common()
    check: Check = Check()
    run: Run = Run()


class Config(Sections, frozen=True):
    """All settings of a command; `notes` are sentences for the user about how they were found."""

    notes: tuple[str, ...] = ()
