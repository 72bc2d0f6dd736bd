"""All that a backend of another package needs, under names that stay: see docs/guide/write-a-backend.md.

In: nothing. Out: the contract of backends, the kinds of settings, and what takes work off a backend.
"""

from pysprocket.backends.admission import Admission, request_of
from pysprocket.backends.base import BackendBase
from pysprocket.backends.job import (
    Backend,
    Failure,
    FailureKind,
    Job,
    JobId,
    JobState,
    Limits,
    Mount,
    Notify,
    Resources,
    Result,
    Usage,
)
from pysprocket.backends.kept import keep, kept, remove_notes
from pysprocket.backends.outcomes import CANCELLED, over_time, result_of
from pysprocket.config.secrets import Secret
from pysprocket.config.section import (
    BackendSettings,
    Capacity,
    PathSetting,
    SecretSetting,
    Section,
    Size,
    TimeSpan,
)
from pysprocket.errors import BackendError, ImageError
from pysprocket.units import parse_duration, parse_size

__all__ = [
    "CANCELLED",
    "Admission",
    "Backend",
    "BackendBase",
    "BackendError",
    "BackendSettings",
    "Capacity",
    "Failure",
    "FailureKind",
    "ImageError",
    "Job",
    "JobId",
    "JobState",
    "Limits",
    "Mount",
    "Notify",
    "PathSetting",
    "Resources",
    "Result",
    "Secret",
    "SecretSetting",
    "Section",
    "Size",
    "TimeSpan",
    "Usage",
    "keep",
    "kept",
    "over_time",
    "parse_duration",
    "parse_size",
    "remove_notes",
    "request_of",
    "result_of",
]
