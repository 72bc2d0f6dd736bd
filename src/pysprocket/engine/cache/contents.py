"""What of a file or directory is compared: its digest, and whether the file may be executed.

In: paths and digests. Out: texts such as `strong:<digits>` and `strong:<digits> +x`, equal for equal content; of what
is in a directory the digest itself says both. A script behaves otherwise when it may not be executed.
"""

from __future__ import annotations

import os
import stat

from pysprocket.files.digests import Digests

EXECUTABLE = " +x"


def content_of(path: str, digests: Digests, known: str | None = None) -> str:
    """The content of a file or directory.

    Args:
        path: of it; links are followed.
        digests: which compute its digest.
        known: an earlier content of it, whose kind of digest is wanted.

    Raises:
        OSError: it cannot be read, or changes meanwhile.
    """
    digest = digests.of(path) if known is None else digests.again(path, known)
    mode = os.stat(path).st_mode  # noqa: PTH116
    return digest + EXECUTABLE if stat.S_ISREG(mode) and mode & stat.S_IXUSR else digest


def digest_in(content: str) -> str:
    """The digest alone."""
    return content.removesuffix(EXECUTABLE)
