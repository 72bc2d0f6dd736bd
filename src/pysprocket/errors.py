"""Every exception that pysprocket raises on purpose, in one tree.

In: nothing. Out: the classes below. `str(error)` is fit for the user and says what to do next. Mistakes in a WDL
document are not exceptions but `source.diagnostic.Diagnostic` values; `DocumentError` carries them to the surface
when work cannot go on.

    SprocketError
    ├── UsageError              a mistake on the command line (exit status 2)
    ├── ConfigError             a mistake in a configuration file
    ├── DocumentError           a document has errors; holds the diagnostics
    ├── InputError              inputs that do not fit the target
    ├── EvaluationError         an expression that failed when it ran; holds where
    │   ├── CoercionError       a value that does not fit the type it is wanted as
    │   ├── NoneError           a None where a value is needed
    │   ├── UnsupportedImageError   container images that the backend does not run
    │   └── LocalizationError   a file that cannot be brought to where it is needed
    ├── BackendError            a backend that cannot do its work
    │   └── ImageError          a container image that cannot be had
    ├── DownloadError           a URL that cannot be read
    ├── OutputDirectoryError    an output directory that cannot be used
    ├── RecordsError            a provenance database that cannot be used
    ├── RunFailed               a run that failed; holds the failures
    │   └── RunRefused          a run that is not begun, since it would fail
    └── RunInterrupted          a run that the user stopped
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # errors is below every other room; these names are only for readers and mypy
    from pysprocket.source.diagnostic import Diagnostic, Label


_OF_THE_SYSTEM = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def is_of_the_system(error: BaseException) -> bool:
    """Whether something failed that may fail anywhere and is no mistake of a program, such as a full disk."""
    return isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM


class SprocketError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: one or a few sentences for the user.
        help: what to do about it, shown on a line of its own.

    Attributes:
        shows_cause: whether what it was raised from is a mistake in a program, whose traceback helps who wrote that.
    """

    shows_cause = False

    def __init__(self, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the field's name
        super().__init__(message)
        self.help = help


class UsageError(SprocketError):
    """The command line asks for something that cannot be (exit status 2)."""


class ConfigError(SprocketError):
    """A configuration cannot be read or holds what is not allowed; `diagnostics` says where, when that is known.

    Attributes:
        common: the settings of `common` that are right, by which the mistakes are shown: a struct of `config`, or None
            when they are not known.
    """

    common: object = None

    def __init__(
        self,
        message: str,
        *,
        help: str | None = None,  # noqa: A002 - the field's name
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        super().__init__(message, help=help)
        self.diagnostics = tuple(diagnostics)


class DocumentError(SprocketError):
    """A document has errors; `diagnostics` says which."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class InputError(SprocketError):
    """The given inputs do not fit the target; `problems` has one sentence for each."""

    def __init__(self, problems: Sequence[str], *, help: str | None = None) -> None:  # noqa: A002 - the field's name
        super().__init__("\n".join(problems), help=help)
        self.problems = tuple(problems)


class EvaluationError(SprocketError):
    """An expression failed when it was evaluated; `labels` are its places in the document, innermost first."""

    def __init__(self, message: str, *, help: str | None = None, labels: Sequence[Label] = ()) -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.labels = tuple(labels)


class CoercionError(EvaluationError):
    """A value does not fit the type it is wanted as; the message quotes it."""


class NoneError(EvaluationError):
    """A None where a value is needed; inside a placeholder (WDL 1.2 and later) the text is then empty."""


class UnsupportedImageError(EvaluationError):
    """A task names only container images that the backend does not run."""


class LocalizationError(EvaluationError):
    """The file behind `url` cannot be brought to where it is needed; `transient` when a later try may succeed."""

    def __init__(
        self,
        message: str,
        *,
        help: str | None = None,  # noqa: A002 - the field's name
        url: str = "",
        transient: bool = False,
    ) -> None:
        super().__init__(message, help=help)
        self.url = url
        self.transient = transient


class BackendError(SprocketError):
    """A backend cannot do its work; `transient` when asking again later may succeed."""

    def __init__(self, message: str, *, help: str | None = None, transient: bool = False) -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.transient = transient


class ImageError(BackendError):
    """A container image cannot be had."""


class DownloadError(SprocketError):
    """A URL cannot be read.

    Args:
        message: names the URL, without anything secret in it, and what happened.
        help: what to do about it.
        transient: whether asking again may succeed (the server is busy or cannot be reached).
        status: of HTTP, when the server answered.
        wait: how many seconds the server asks to wait first, None when it does not say.
    """

    def __init__(
        self,
        message: str,
        *,
        help: str | None = None,  # noqa: A002 - the field's name
        transient: bool = False,
        status: int | None = None,
        wait: float | None = None,
    ) -> None:
        super().__init__(message, help=help)
        self.transient = transient
        self.status = status
        self.wait = wait


class OutputDirectoryError(SprocketError):
    """The output directory cannot be created or written."""


class RecordsError(SprocketError):
    """The provenance database cannot be opened or written."""


class RunFailed(SprocketError):  # noqa: N818 - it is an outcome, not a fault of the program
    """A run ended without success; `failures` are the reasons, in the order they happened."""

    def __init__(self, failures: Sequence[SprocketError]) -> None:
        super().__init__("\n".join(str(failure) for failure in failures))
        self.failures = tuple(failures)


class RunRefused(RunFailed):
    """A run that is not begun, since it is sure to fail; `failures` are the reasons."""


class RunInterrupted(SprocketError):  # noqa: N818 - it is an outcome, not a fault of the program
    """The user stopped the run."""
