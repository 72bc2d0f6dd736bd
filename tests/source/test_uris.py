"""Paths and URLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pysprocket.errors import UsageError
from pysprocket.source.uris import display_name, normalized, redacted, resolve, with_secrets_masked


@pytest.mark.parametrize(
    ("reference", "base", "uri"),
    [
        ("b.wdl", "file:///a/x.wdl", "file:///a/b.wdl"),
        ("../c/b.wdl", "file:///a/x.wdl", "file:///c/b.wdl"),
        ("/b.wdl", "file:///a/x.wdl", "file:///b.wdl"),
        ("//b.wdl", "file:///a/x.wdl", "file:///b.wdl"),
        ("with blank#%.wdl", "file:///a/x.wdl", "file:///a/with%20blank%23%25.wdl"),
        ("file:///d/./b.wdl", "file:///a/x.wdl", "file:///d/b.wdl"),
        ("file:/d/b.wdl", "file:///a/x.wdl", "file:///d/b.wdl"),
        ("FILE://localhost/d/b%2Ewdl#top", "file:///a/x.wdl", "file:///d/b.wdl"),
        ("https://h/b.wdl", "file:///a/x.wdl", "https://h/b.wdl"),
        ("HTTPS://H:443/a/../b c.wdl#x", "file:///a/x.wdl", "https://h/b%20c.wdl"),
        ("b.wdl", "https://h/a/x.wdl?v=1", "https://h/a/b.wdl"),
        ("../../b.wdl", "https://h/a/x.wdl", "https://h/b.wdl"),
        ("/b.wdl", "https://h:8080/a/x.wdl", "https://h:8080/b.wdl"),
        ("//other/b.wdl", "https://h/a/x.wdl", "https://other/b.wdl"),
        ("file:///b.wdl", "https://h/a/x.wdl", "file:///b.wdl"),
    ],
)
def test_a_reference_is_resolved_against_the_document_that_holds_it(reference: str, base: str, uri: str) -> None:
    assert resolve(reference, base) == uri


@pytest.mark.parametrize(
    ("spelling", "uri"),
    [
        ("http://Host:80", "http://host/"),
        ("http://host/%7euser/%e4", "http://host/~user/%E4"),
        ("http://host/é?q=é", "http://host/%C3%A9?q=%C3%A9"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://me:secret@host:80/a/.", "http://me:secret@host/a/"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://host/a//b/..", "http://host/a//"),
        ("gs://bucket/a", "gs://bucket/a"),
    ],
)
def test_urls_that_mean_the_same_have_one_spelling(spelling: str, uri: str) -> None:
    assert normalized(spelling) == uri
    assert normalized(uri) == uri


@pytest.mark.parametrize("url", ["http://host:port/a", "http:///a", "file://relative.wdl", "file://h/a", "http://[x/"])
def test_what_begins_like_a_url_but_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"is not a URL|names no local file"):
        normalized(url)


def test_an_escaped_reference_means_the_file_that_is_there(tmp_path: Path) -> None:
    base = (tmp_path / "x.wdl").as_uri()
    (tmp_path / "a b.wdl").touch()
    assert resolve("a%20b.wdl", base) == (tmp_path / "a b.wdl").as_uri()
    (tmp_path / "a%20b.wdl").touch()
    assert resolve("a%20b.wdl", base) == (tmp_path / "a%20b.wdl").as_uri()


def test_nothing_secret_is_shown() -> None:
    url = "https://me:pw@h/a?X-Amz-Credential=abc&X-Amz-Date=2026&sig=abc&api_key=abc&part=1#abc"
    shown = "https://h/a?X-Amz-Credential=***&X-Amz-Date=2026&sig=***&api_key=***&part=1"
    assert redacted(url) == display_name(url) == shown
    assert redacted("gs://bucket/a@b") == "gs://bucket/a@b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('url = "https://me:pw@x/a"', 'url = "https://*****@x/a"'),
        ("az://a/c/?sv=1&sig=abc&se=2", "az://a/c/?sv=1&sig=***&se=2"),
        ("https://x/?%73ig=abc and s3://b/", "https://x/?%73ig=*** and s3://b/"),
        ("https://me@x", "https://**@x"),
        ("https://x/a#access_token=abc&b=c", "https://x/a#access_token=***&b=c"),
        ("https://x/a@b?c=d", "https://x/a@b?c=d"),
        ("no url: a=b", "no url: a=b"),
    ],
)
def test_what_lets_others_in_is_masked_and_positions_stay(text: str, shown: str) -> None:
    assert with_secrets_masked(text) == shown
    assert len(shown) == len(text)
