"""Reading a document and everything it imports.

In: a path or URL and a way to read bytes. Out: a `Library`, in which each document is read, parsed and checked once
however often it is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from pysprocket.errors import DocumentError, SprocketError, UsageError
from pysprocket.source.diagnostic import Diagnostic, Label, error
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.syntax.parser import parse
from pysprocket.types.checker import check
from pysprocket.types.literals import constant_text
from pysprocket.types.typed import TypedDocument

Fetch: TypeAlias = Callable[[str], bytes]
"""Gives the bytes of a `file://`, `http://` or `https://` URI; raises `OSError` or `SprocketError`."""

DEEPEST = 150
"""How many documents a chain of imports may have; beyond it something is wrong."""


class Library(msgspec.Struct, eq=False):
    """A document and all it imports.

    Attributes:
        root: the document that was asked for.
        documents: every document by URI, imported ones before those that import them.
        discovered: the URIs in the order they were met, the root first.
    """

    root: TypedDocument
    documents: dict[str, TypedDocument]
    discovered: list[str]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All findings, document by document in the order they were met, each in order of position."""
        return [finding for uri in self.discovered for finding in self.documents[uri].diagnostics]

    @property
    def has_errors(self) -> bool:
        """Whether any document has an error."""
        return any(document.has_errors for document in self.documents.values())


def load(location: str, fetch: Fetch | None = None) -> Library:
    """Read and check a document with its imports.

    Args:
        location: a path or a `file://`, `http://` or `https://` URL.
        fetch: gives the bytes of a URI; without it only local files can be read.

    Raises:
        UsageError: there is no such document.
        DocumentError: it cannot be read as text.
    """
    uri = resolve(location, Path.cwd().as_uri() + "/")
    loader = _Loader(fetch or read_local)
    root = loader.load(uri, loader.read_root(location, uri))
    return Library(root, loader.documents, loader.discovered)


def resolve(reference: str, base: str) -> str:
    """The URI that a path or URL means in the document at the URI `base`."""
    if reference.startswith("file:"):
        return _file_uri(_path(reference))
    if "://" in reference:
        return reference
    if base.startswith("file:"):
        return _file_uri(os.path.join(os.path.dirname(_path(base)), reference))  # noqa: PTH118, PTH120 - keeps the text
    return urljoin(base, reference)


def _file_uri(path: str) -> str:
    return Path(os.path.normpath(path)).as_uri()


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


def read_local(uri: str) -> bytes:
    """The bytes of a local file.

    Raises:
        OSError: it cannot be read.
        DocumentError: the URI is not that of a local file.
    """
    if not uri.startswith("file:"):
        raise DocumentError("remote documents cannot be read yet; download it and name the local file", ())
    return Path(_path(uri)).read_bytes()


def display_name(uri: str) -> str:
    """What messages call a document: its path, relative when it lies below the current directory, or its URL."""
    if not uri.startswith("file:"):
        return uri
    path = Path(_path(uri))
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


class _Loader:
    """Loads documents depth first and remembers them."""

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch
        self.documents: dict[str, TypedDocument] = {}
        self.discovered: list[str] = []
        self.path: list[str] = []
        self.failures: dict[str, str] = {}

    def read_root(self, location: str, uri: str) -> str:
        try:
            return _text(self.fetch(uri))
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(f"there is no document `{location}`", help="check the path") from None
        except (OSError, SprocketError, ValueError) as failure:
            raise DocumentError(f"cannot read `{location}`: {_reason(failure)}") from failure

    def load(self, uri: str, text: str) -> TypedDocument:
        source = Source(uri, text, display_name(uri))
        tree, diagnostics = parse(source)
        self.discovered.append(uri)
        self.path.append(uri)
        imports: dict[nodes.Import, TypedDocument | None] = {}
        for statement in tree.imports:
            imports[statement] = self._import(source, statement, diagnostics)
        self.path.pop()
        document = self.documents[uri] = check(source, tree, diagnostics, imports)
        return document

    def _import(self, source: Source, statement: nodes.Import, diagnostics: list[Diagnostic]) -> TypedDocument | None:
        """The document behind an import; None, with a diagnostic here or there, when it cannot be had."""
        reference = constant_text(statement.uri)
        uri = resolve(reference or "", source.uri)
        if not reference:
            mistake = "ImportFailed", "the location of an import is empty"
        elif uri in self.path:
            path = " → ".join(f"`{display_name(step)}`" for step in [*self.path[self.path.index(uri) :], uri])
            mistake = "ImportCycle", f"documents import each other: {path}"
        elif len(self.path) >= DEEPEST:
            mistake = "ImportFailed", f"imports are nested more than {DEEPEST} documents deep"
        elif uri in self.documents or self._read(uri):
            document = self.documents[uri]
            return document if document.tree.version else None
        else:
            mistake = "ImportFailed", f"cannot import `{reference}`: {self.failures[uri]}"
        meant = f"it means {display_name(uri)}" if reference and reference != uri else ""
        label = Label(source, statement.uri.start, statement.uri.end, meant)
        diagnostics.append(error(*mistake, label))
        return None

    def _read(self, uri: str) -> bool:
        """Load an imported document; on failure remember why."""
        if uri in self.failures:
            return False
        try:
            text = _text(self.fetch(uri))
        except (OSError, SprocketError, ValueError) as failure:
            self.failures[uri] = _reason(failure)
            return False
        self.load(uri, text)
        return True


def _text(content: bytes) -> str:
    """The text of a document.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        raise ValueError(f"it is not UTF-8 text: line {line} has a byte that does not belong there") from None


def _reason(failure: Exception) -> str:
    if isinstance(failure, IsADirectoryError):
        return "it is a directory"
    if isinstance(failure, (FileNotFoundError, NotADirectoryError)):
        return "there is no such file"
    if isinstance(failure, PermissionError):
        return "permission denied"
    return failure.strerror or str(failure) if isinstance(failure, OSError) else str(failure)
