"""Finding and reading documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pysprocket.errors import DocumentError, UsageError
from pysprocket.types.loader import Library, load, read_local, resolve

Check = Callable[..., Library]


@pytest.mark.parametrize(
    ("reference", "base", "uri"),
    [
        ("b.wdl", "file:///a/x.wdl", "file:///a/b.wdl"),
        ("../c/b.wdl", "file:///a/x.wdl", "file:///c/b.wdl"),
        ("/b.wdl", "file:///a/x.wdl", "file:///b.wdl"),
        ("with blank.wdl", "file:///a/x.wdl", "file:///a/with%20blank.wdl"),
        ("file:///d/./b.wdl", "file:///a/x.wdl", "file:///d/b.wdl"),
        ("https://h/b.wdl", "file:///a/x.wdl", "https://h/b.wdl"),
        ("b.wdl", "https://h/a/x.wdl", "https://h/a/b.wdl"),
        ("../b.wdl", "https://h/a/x.wdl", "https://h/b.wdl"),
        ("/b.wdl", "https://h/a/x.wdl", "https://h/b.wdl"),
    ],
)
def test_a_reference_is_resolved_against_the_document_that_holds_it(reference: str, base: str, uri: str) -> None:
    assert resolve(reference, base) == uri


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
        'version 1.1\nimport "a.wdl"\nimport "b.wdl"\nworkflow w { Int x = "a"  Int y = "b" }',
        a='version 1.1\nimport "c.wdl"\nworkflow a { Int x = "a" }',
        b='version 1.1\nworkflow b { Int x = "a" }',
        c='version 1.1\nworkflow c { Int x = "a" }',
    )
    places = [(finding.labels[0].source.uri[-8:-4], finding.labels[0].start) for finding in library.diagnostics]
    assert [place for place, _ in places] == ["root", "root", "rk/a", "rk/c", "rk/b"]
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
    with pytest.raises(DocumentError, match="remote documents cannot be read yet"):
        load("https://example.com/x.wdl")


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
