"""Finding and reading documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pysprocket.errors import DocumentError, DownloadError, UsageError
from pysprocket.types.loader import Library, load, load_all, read_local

Check = Callable[..., Library]


def test_a_diamond_reads_each_document_once_and_imports_come_before_importers(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "root.wdl").write_text('version 1.1\nimport "a.wdl"\nimport "lib/b.wdl"')
    (tmp_path / "a.wdl").write_text('version 1.1\nimport "lib/../lib/c.wdl"')
    (tmp_path / "lib" / "b.wdl").write_text('version 1.1\nimport "c.wdl"')
    (tmp_path / "lib" / "c.wdl").write_text("version 1.1\ntask t { command <<< >>> }")
    read: Counter[str] = Counter()

    def fetch(uri: str) -> bytes:
        read[uri.rsplit("/", 1)[-1]] += 1
        return read_local(uri)

    library = load(str(tmp_path / "root.wdl"), fetch)
    assert library.diagnostics == []
    assert read == {"root.wdl": 1, "a.wdl": 1, "b.wdl": 1, "c.wdl": 1}
    assert [uri.rsplit("/", 1)[-1] for uri in library.documents] == ["c.wdl", "a.wdl", "b.wdl", "root.wdl"]
    a, b = library.root.namespaces["a"], library.root.namespaces["b"]
    assert a.namespaces["c"] is b.namespaces["c"]


def test_findings_come_document_by_document_in_the_order_they_were_met(check: Check) -> None:
    library = check(
        'version 1.1\nimport "a.wdl"\nimport "b.wdl"\nworkflow w { Int x = a  Int y = b }',
        a='version 1.1\nimport "c.wdl"\nworkflow a { Int x = a }',
        b="version 1.1\nworkflow b { Int x = a }",
        c="version 1.1\nworkflow c { Int x = a }",
    )
    places = [(Path(each.labels[0].source.uri).stem, each.labels[0].start) for each in library.diagnostics]
    assert [place for place, _ in places] == ["root", "root", "a", "c", "b"]
    assert places[0][1] < places[1][1]
    assert library.has_errors


def test_a_remote_document_is_read_by_the_given_fetch() -> None:
    files = {
        "https://h/root.wdl": b'version 1.1\nimport "lib/a.wdl"\nworkflow w { call a.t }',
        "https://h/lib/a.wdl": b"version 1.1\ntask t { command <<< >>> }",
    }
    library = load("https://h/root.wdl", files.__getitem__)
    assert library.diagnostics == []
    assert library.root.source.name == "https://h/root.wdl"


def test_a_document_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no document `.*none.wdl`"):
        load(str(tmp_path / "none.wdl"))


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="it is a directory"):
        load(str(tmp_path))
    (tmp_path / "latin.wdl").write_bytes(b"version 1.1\n# caf\xe9\n")
    with pytest.raises(DocumentError, match="not UTF-8 text: line 2"):
        load(str(tmp_path / "latin.wdl"))
    with pytest.raises(DocumentError, match="documents cannot be read from `gs` URLs"):
        load("gs://bucket/x.wdl")


def test_an_import_that_is_not_text_or_may_not_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "root.wdl").write_text('version 1.1\nimport "latin.wdl"\nimport "secret.wdl"')
    (tmp_path / "latin.wdl").write_bytes(b"\xff")
    (tmp_path / "secret.wdl").write_text("version 1.1")

    def fetch(uri: str) -> bytes:
        if uri.endswith("secret.wdl"):
            raise PermissionError(13, "Permission denied")
        return read_local(uri)

    messages = [finding.message for finding in load(str(tmp_path / "root.wdl"), fetch).diagnostics]
    assert messages == [
        "cannot import `latin.wdl`: it is not UTF-8 text: line 1 has a byte that does not belong there",
        "cannot import `secret.wdl`: permission denied",
    ]


def test_an_import_without_a_version_has_its_own_error_and_no_others_follow(check: Check) -> None:
    library = check(
        'version 1.1\nimport "old.wdl"\nworkflow w { call old.t { input: a = 1 }\n Int x = t.out.more }',
        old="task t { command { } }",
    )
    assert [finding.code for finding in library.diagnostics] == ["MissingVersion"]


def test_a_document_below_the_current_directory_has_a_relative_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.wdl").write_text("version 1.1")
    monkeypatch.chdir(tmp_path)
    assert load("sub/../sub/a.wdl").root.source.name == "sub/a.wdl"
    monkeypatch.chdir(tmp_path / "sub")
    (tmp_path / "b.wdl").write_text("version 1.1")
    assert load("../b.wdl").root.source.name == str(tmp_path / "b.wdl")


def test_a_chain_of_imports_without_end_is_refused() -> None:
    def fetch(uri: str) -> bytes:
        number = int(uri.rsplit("/", 1)[-1].removesuffix(".wdl")[1:])
        return f'version 1.1\nimport "n{number + 1}.wdl"'.encode()

    library = load("https://h/n0.wdl", fetch)
    assert [finding.message for finding in library.diagnostics] == ["imports are nested more than 150 documents deep"]


class Web:
    """Pages by URL; a page may be the URL where it has moved to."""

    def __init__(self, **pages: str) -> None:
        self.pages = {f"https://h/{name}": text for name, text in pages.items()}
        self.read_urls: list[str] = []
        self.prefetched: list[list[str]] = []

    def location(self, url: str) -> str:
        if url not in self.pages:
            raise DownloadError(f"cannot read `{url}`: the server answers 404", help="check the URL")
        page = self.pages[url]
        return page if page.startswith("https:") else url

    def read(self, url: str) -> bytes:
        self.read_urls.append(url)
        return self.pages[url].encode()

    def prefetch(self, urls: Iterable[str]) -> None:
        self.prefetched.append(list(urls))


def _web(**pages: str) -> Web:
    return Web(**{name.replace("__", "/") + ".wdl": text for name, text in pages.items()})


def test_imports_of_a_remote_document_start_where_it_was_found() -> None:
    web = _web(
        root='version 1.1\nimport "latest.wdl"\nimport "v1/b.wdl"\nimport "https://H:443/v1/./a.wdl#x" as again',
        latest="https://h/v1/a.wdl",
        v1__a='version 1.1\nimport "b.wdl"',
        v1__b="version 1.1\ntask t { command <<< >>> }",
    )
    library = load("https://h/root.wdl", web=lambda: web)
    assert library.diagnostics == []
    assert web.read_urls == ["https://h/root.wdl", "https://h/v1/a.wdl", "https://h/v1/b.wdl"]
    assert web.prefetched[0] == ["https://h/latest.wdl", "https://h/v1/b.wdl", "https://h/v1/a.wdl"]
    assert library.root.namespaces["latest"] is library.root.namespaces["again"]


def test_a_document_from_the_web_may_not_import_local_files(tmp_path: Path) -> None:
    (tmp_path / "a.wdl").write_text("version 1.1")
    web = _web(root=f'version 1.1\nimport "{(tmp_path / "a.wdl").as_uri()}"\nimport "{tmp_path}/a.wdl" as b')
    messages = [finding.message for finding in load("https://h/root.wdl", web=lambda: web).diagnostics]
    assert messages[0] == f"a document from the web may not import the local file `{(tmp_path / 'a.wdl').as_uri()}`"
    assert (
        messages[1]
        == f"cannot import `{tmp_path}/a.wdl`: cannot read `https://h{tmp_path}/a.wdl`: the server answers 404"
    )


def test_an_import_that_cannot_be_downloaded_keeps_the_remedy() -> None:
    web = _web(root='version 1.1\nimport "none.wdl"\nimport "none.wdl" as again')
    library = load("https://h/root.wdl", web=lambda: web)
    assert [finding.help for finding in library.diagnostics] == ["check the URL"] * 2
    with pytest.raises(DownloadError, match="404"):
        load("https://h/none.wdl", web=lambda: web)


def test_remote_cycles_are_told_with_their_path() -> None:
    web = _web(root='version 1.1\nimport "a.wdl"', a='version 1.1\nimport "moved.wdl"', moved="https://h/root.wdl")
    messages = [finding.message for finding in load("https://h/root.wdl", web=lambda: web).diagnostics]
    path = "`https://h/root.wdl` → `https://h/a.wdl` → `https://h/root.wdl`"
    assert messages == [f"documents import each other: {path}"]


def test_several_roots_share_what_they_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.wdl").write_text('version 1.1\nimport "c.wdl"')
    (tmp_path / "c.wdl").write_text("version 1.1")
    read: Counter[str] = Counter()

    def fetch(uri: str) -> bytes:
        read[uri.rsplit("/", 1)[-1]] += 1
        return read_local(uri)

    library = load_all(["a.wdl", "none.wdl", "b.wdl", (tmp_path / "c.wdl").as_uri(), "./x/../c.wdl"], fetch)
    assert read == {"a.wdl": 1, "b.wdl": 1, "c.wdl": 1, "none.wdl": 1}
    assert [str(failure) for failure in library.failures] == ["there is no document `none.wdl`"]
    assert [root.source.name for root in library.roots] == ["a.wdl", "b.wdl", "c.wdl", "c.wdl"]
    assert [uri.rsplit("/", 1)[-1] for uri in library.discovered] == ["a.wdl", "c.wdl", "b.wdl"]


def test_a_location_that_is_no_url_is_a_finding(check: Check) -> None:
    library = check('version 1.1\nimport "file://relative.wdl" as a\nimport "https:///x" as b')
    assert [finding.message for finding in library.diagnostics] == [
        "cannot import `file://relative.wdl`: `file://relative.wdl` names no local file",
        "cannot import `https:///x`: `https:///x` is not a URL: it names no host",
    ]


@pytest.mark.parametrize(("location", "code"), [("", "ImportFailed"), ("lib~{1}.wdl", "PlaceholderInImport")])
def test_a_location_that_names_nothing_is_told_once(check: Check, location: str, code: str) -> None:
    found = check(f'version 1.1\nimport "{location}"\nworkflow w {{}}').diagnostics
    assert [finding.code for finding in found] == [code]


def test_the_first_error_of_an_imported_document_shows_the_import(check: Check) -> None:
    library = check(
        'version 1.1\nimport "a.wdl"\nimport "a.wdl" as again\nworkflow w { }',
        a="version 1.1\nworkflow a { Int x = unknown  Int y = unknown }",
    )
    first, second = library.diagnostics
    places = [(label.source.name, label.text) for label in first.labels]
    assert places == [("/documents/a.wdl", ""), ("/documents/root.wdl", "imported here")]
    assert len(second.labels) == 1


def test_imported_documents_of_unknown_version_are_read_as_the_fallback_version() -> None:
    files = {
        "file:///documents/root.wdl": b'version 1.1\nimport "a.wdl"\nworkflow w { call a.t }',
        "file:///documents/a.wdl": b"task t { command { echo } }",
    }
    refused = load("file:///documents/root.wdl", files.__getitem__)
    assert [finding.code for finding in refused.diagnostics] == ["MissingVersion"]
    library = load("file:///documents/root.wdl", files.__getitem__, fallback_version="1.0")
    assert [finding.code for finding in library.diagnostics] == ["UnreleasedVersion"]
    assert library.documents["file:///documents/a.wdl"].version == (1, 0)


def test_a_struct_that_many_imports_bring_is_one_object_and_an_alias_copies_no_other(check: Check) -> None:
    library = check(
        'version 1.1\nimport "a.wdl"\nimport "b.wdl" alias Other as Mine\nimport "c.wdl" as again',
        a='version 1.1\nimport "c.wdl"',
        b='version 1.1\nimport "c.wdl"\nstruct Other { Shared s }\nstruct Both { Other one  Array[Other] more }',
        c="version 1.1\nstruct Shared { Int n }",
    )
    assert library.diagnostics == []
    root, c = library.root, library.root.namespaces["again"]
    assert root.structs["Shared"] is c.structs["Shared"]
    assert root.structs["Mine"].member("s") is c.structs["Shared"]
    assert str(root.structs["Both"].member("more")) == "Array[Mine]"
