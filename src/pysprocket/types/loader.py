"""Reading a document and everything it imports.

In: a path or URL and a way to read bytes. Out: a `Library`, in which each document is read, parsed and checked once
however often it is imported.
"""

from __future__ import annotations

import codecs
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from pysprocket.errors import DocumentError, SprocketError, UsageError
from pysprocket.source.diagnostic import Diagnostic, Label, Severity, error
from pysprocket.source.text import LARGEST_DOCUMENT, Source
from pysprocket.source.uris import display_name, is_remote, local_path, redacted, resolve, resolve_here
from pysprocket.syntax import nodes
from pysprocket.syntax.parser import parse
from pysprocket.types.checker import check
from pysprocket.types.typed import TypedDocument

Fetch: TypeAlias = Callable[[str], bytes]
"""Gives the bytes of a URI; raises `OSError` or `SprocketError`."""

DEEPEST = 150
"""How many documents a chain of imports may have; beyond it something is wrong."""


class Web(Protocol):
    """What reads `http://` and `https://` URLs (`files.remote.Remote`); each may raise `SprocketError`."""

    def read(self, url: str) -> bytes:
        """Its bytes."""

    def location(self, url: str) -> str:
        """Where it was found after redirects: relative imports in it start there."""

    def prefetch(self, urls: Iterable[str]) -> None:
        """Fetch several that will be read soon, at the same time."""


class Library(msgspec.Struct, eq=False):
    """Documents and all they import.

    Attributes:
        roots: the documents that were asked for.
        documents: every document by URI, imported ones before those that import them.
        discovered: the URIs in the order they were met, a root before what it imports.
        failures: why roots could not be read.
        missing: why documents could not be read, by URI.
    """

    roots: list[TypedDocument]
    documents: dict[str, TypedDocument]
    discovered: list[str]
    failures: list[SprocketError]
    missing: dict[str, Exception]

    @property
    def root(self) -> TypedDocument:
        """The document that was asked for, the first of several."""
        return self.roots[0]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All findings, document by document in the order they were met, each in order of position."""
        return [finding for uri in self.discovered for finding in self.documents[uri].diagnostics]

    @property
    def has_errors(self) -> bool:
        """Whether any document has an error."""
        return any(document.has_errors for document in self.documents.values())


def load(
    location: str,
    fetch: Fetch | None = None,
    web: Callable[[], Web] | None = None,
    fallback_version: str | None = None,
) -> Library:
    """Read and check a document with its imports.

    Args:
        location: a path or a `file://`, `http://` or `https://` URL.
        fetch: gives the bytes of a URI; without it local files can be read.
        web: gives what reads URLs; called when there is the first to read. Without it `fetch` is asked for them too.
        fallback_version: the released version that documents of missing or unknown version are read as; None: they
            are refused.

    Raises:
        UsageError: there is no such document.
        DocumentError: it cannot be read as text.
    """
    library = load_all([location], fetch, web, fallback_version)
    for failure in library.failures:
        raise failure
    return library


def load_all(
    locations: Iterable[str],
    fetch: Fetch | None = None,
    web: Callable[[], Web] | None = None,
    fallback_version: str | None = None,
) -> Library:
    """Read and check several documents with their imports, each document once; arguments as for `load`.

    Documents that cannot be read do not keep the others from being checked: see `Library.failures`.
    """
    loader = _Loader(fetch or read_local, web, fallback_version)
    library = Library([], loader.documents, loader.discovered, [], loader.missing)
    for location in locations:
        try:
            library.roots.append(loader.root(location))
        except SprocketError as failure:
            library.failures.append(failure)
    return library


def read_local(uri: str) -> bytes:
    """The bytes of a local file.

    Raises:
        OSError: it cannot be read.
        DocumentError: the URI is not that of a local file.
        ValueError: the file cannot be a document.
    """
    if not uri.startswith("file:"):
        scheme = uri.split(":", 1)[0]
        raise DocumentError(f"documents cannot be read from `{scheme}` URLs; download it and name the local file")
    path = Path(local_path(uri))
    status = path.stat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # reading it might never end
        raise ValueError("it is not a regular file but a device, pipe or socket")
    if status.st_size > LARGEST_DOCUMENT:
        raise ValueError(f"it has more than {LARGEST_DOCUMENT:,} bytes, which no document has")
    return path.read_bytes()


class _Loader:
    """Loads documents depth first and remembers them.

    Attributes:
        missing: why documents could not be read.
        path: the documents from a root to the one that is being loaded.
    """

    def __init__(self, fetch: Fetch, web: Callable[[], Web] | None, fallback_version: str | None) -> None:
        self.documents: dict[str, TypedDocument] = {}
        self.discovered: list[str] = []
        self.missing: dict[str, Exception] = {}
        self.path: list[str] = []
        self._fetch = fetch
        self._make_web = web
        self._web: Web | None = None
        self._fallback_version = fallback_version

    def root(self, location: str) -> TypedDocument:
        """The document that the user names.

        Raises:
            UsageError: there is no such document.
            SprocketError: it cannot be read.
        """
        uri = self._located(resolve_here(location))
        if uri in self.documents or self._read(uri):
            return self.documents[uri]
        failure = self.missing[uri]
        if isinstance(failure, (FileNotFoundError, NotADirectoryError)):
            raise UsageError(f"there is no document `{location}`", help="check the path")
        if isinstance(failure, SprocketError):
            raise failure
        raise DocumentError(f"cannot read `{location}`: {_reason(failure)}") from failure

    def _load(self, uri: str, text: str) -> TypedDocument:
        source = Source(uri, text, display_name(uri))
        tree, diagnostics = parse(source, self._fallback_version)
        self.discovered.append(uri)
        self.path.append(uri)
        references = {statement: statement.uri.text or "" for statement in tree.imports}
        self._prefetch(source, references.values())
        imports = {
            statement: self._import(source, statement, reference, diagnostics)
            for statement, reference in references.items()
        }
        self.path.pop()
        document = self.documents[uri] = check(source, tree, diagnostics, imports)
        return document

    def _import(
        self, source: Source, statement: nodes.Import, reference: str, diagnostics: list[Diagnostic]
    ) -> TypedDocument | None:
        """The document behind an import; None, with a diagnostic here or there, when it cannot be had."""
        if statement.uri.text is None:
            return None  # the parser has told that it has placeholders
        known = len(self.discovered)
        uri, mistake = self._target(source, reference)
        if mistake is None:
            document = self.documents[uri]
            if self.discovered[known : known + 1] == [uri]:
                _point_back(document, Label(source, statement.uri.start, statement.uri.end, "imported here"))
            return document if document.tree.version else None
        meant = f"it means {display_name(uri)}" if reference and reference != uri else ""
        label = Label(source, statement.uri.start, statement.uri.end, meant)
        failure = self.missing.get(uri)
        remedy = failure.help if isinstance(failure, SprocketError) else None
        diagnostics.append(error(*mistake, label, help=remedy))
        return None

    def _target(self, source: Source, reference: str) -> tuple[str, tuple[str, str] | None]:
        """The URI that an import means, and the code and message of what is wrong with it, None when it is loaded."""
        if not reference:
            return source.uri, ("ImportFailed", "the location of an import is empty")
        try:
            uri = self._located(resolve(reference, source.uri))
        except UsageError as failure:
            return reference, ("ImportFailed", f"cannot import `{reference}`: {failure}")
        if uri in self.path:
            path = " → ".join(f"`{display_name(step)}`" for step in [*self.path[self.path.index(uri) :], uri])
            return uri, ("ImportCycle", f"documents import each other: {path}")
        if is_remote(source.uri) and not is_remote(uri):
            return uri, ("ImportFailed", f"a document from the web may not import the local file `{reference}`")
        if len(self.path) >= DEEPEST:
            return uri, ("ImportFailed", f"imports are nested more than {DEEPEST} documents deep")
        if uri in self.documents or self._read(uri):
            return uri, None
        return uri, ("ImportFailed", f"cannot import `{redacted(reference)}`: {_reason(self.missing[uri])}")

    def _read(self, uri: str) -> bool:
        """Load a document that is not loaded yet; on failure remember why."""
        if uri in self.missing:
            return False
        try:
            web = self._web_for(uri)
            text = _text(web.read(uri) if web else self._fetch(uri))
        except (OSError, SprocketError, ValueError) as failure:
            self.missing[uri] = failure
            return False
        self._load(uri, text)
        return True

    # --- the web ---

    def _web_for(self, uri: str) -> Web | None:
        if self._make_web is None or not is_remote(uri):
            return None
        self._web = self._web or self._make_web()
        return self._web

    def _located(self, uri: str) -> str:
        """Where a document really is: URLs that lead to the same place are one document."""
        web = self._web_for(uri)
        if web is None or uri in self.missing:
            return uri
        try:
            return web.location(uri)
        except SprocketError as failure:
            self.missing[uri] = failure
            return uri

    def _prefetch(self, source: Source, references: Iterable[str]) -> None:
        wanted = []
        for reference in references:
            if is_remote(reference) or is_remote(source.uri):
                with suppress(UsageError):  # `_target` tells it
                    wanted.append(resolve(reference, source.uri))
        remote = [uri for uri in wanted if uri not in self.documents and is_remote(uri)]
        web = self._web_for(remote[0]) if remote else None
        if web is not None:
            web.prefetch(remote)


def _point_back(document: TypedDocument, importer: Label) -> None:
    """Show with the first error of a document which import it was read for."""
    for place, finding in enumerate(document.diagnostics):
        if finding.severity is Severity.ERROR:
            labels = (*finding.labels, importer)
            document.diagnostics[place] = msgspec.structs.replace(finding, labels=labels)
            return


def _text(content: bytes) -> str:
    """The text of a document.

    Raises:
        ValueError: it is not UTF-8.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is UTF-16 text; save it as UTF-8")
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
