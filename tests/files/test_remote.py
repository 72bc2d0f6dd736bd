"""Reading URLs through the cache."""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from pathlib import Path

import pytest

from pysprocket.errors import DownloadError
from pysprocket.files.http import open_url
from pysprocket.files.remote import Remote
from tests.web import Server


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("pysprocket.files.remote._FIRST_PAUSE", 0.001)
    return tmp_path / "cache"


def remote(cache: Path, retries: int = 2) -> Remote:
    return Remote(cache, retries=retries)


def test_a_url_is_asked_for_once_in_a_process_and_validated_in_the_next(server: Server, cache: Path) -> None:
    server.pages["/a"] = b"one"
    first = remote(cache)
    assert first.path(f"{server.url}/a").read_bytes() == b"one"
    assert first.read(f"{server.url}/a#part") == b"one"
    assert remote(cache).read(f"{server.url}/a") == b"one"
    assert server.asked == [("/a", 200), ("/a", 304)]


def test_a_changed_file_is_fetched_and_a_copy_handed_out_stays_as_it_is(server: Server, cache: Path) -> None:
    server.pages["/a"] = b"one"
    old = remote(cache).path(f"{server.url}/a")
    server.pages["/a"] = b"two"
    assert remote(cache).read(f"{server.url}/a") == b"two"
    assert old.read_bytes() == b"one"


def test_last_modified_validates_where_there_is_no_etag(server: Server, cache: Path) -> None:
    date = "Wed, 21 Oct 2015 07:28:00 GMT"

    def page(headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return (304, {}, b"") if headers.get("If-Modified-Since") == date else (200, {"Last-Modified": date}, b"x")

    server.pages["/a"] = page
    for _ in range(2):
        assert remote(cache).read(f"{server.url}/a") == b"x"
    assert [status for _, status in server.asked] == [200, 304]


def test_a_damaged_copy_is_not_used(server: Server, cache: Path) -> None:
    server.pages["/a"] = b"one"
    remote(cache).path(f"{server.url}/a").write_bytes(b"two")
    assert remote(cache).read(f"{server.url}/a") == b"one"
    for entry in (cache / "entries").iterdir():
        entry.write_bytes(b'{"url": ')
    assert remote(cache).read(f"{server.url}/a") == b"one"
    assert [status for _, status in server.asked] == [200, 200, 200]


def test_without_the_server_the_copy_is_used_with_a_remark(server: Server, cache: Path) -> None:
    server.pages["/a"] = b"one"
    url = f"{server.url}/a?sig=SECRET&v=1"
    remote(cache).read(url)
    server.stop()
    offline = remote(cache, retries=9)
    assert offline.read(url) == b"one"
    (remark,) = offline.take_remarks()
    assert remark.startswith("offline: used the copy of 20")
    assert "?sig=***&v=1`" in remark
    assert offline.take_remarks() == []
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 refuses the connection"):
        remote(cache).read(f"{server.url}/other")


def test_copies_of_one_host_are_told_of_together(server: Server, cache: Path) -> None:
    server.pages |= {"/a": b"a", "/b": b"b"}
    remote(cache).prefetch([f"{server.url}/a", f"{server.url}/b"])
    server.pages["/a"] = (503, {}, b"")
    trouble = remote(cache)
    assert trouble.read(f"{server.url}/a") + trouble.read(f"{server.url}/b") == b"ab"
    assert len(trouble.take_remarks()) == 1  # one answer of a server in trouble says nothing of its other files
    assert server.asked[-1] == ("/b", 304)
    server.stop()
    offline = remote(cache)
    assert offline.read(f"{server.url}/a") + offline.read(f"{server.url}/b") == b"ab"
    (remark,) = offline.take_remarks()
    assert remark.startswith("offline: used the copies of 2 files of 127.0.0.1")


def test_a_server_in_trouble_is_asked_again(server: Server, cache: Path) -> None:
    answers = [(503, {"Retry-After": "0"}, b""), (429, {}, b""), (200, {}, b"at last")]
    server.pages["/a"] = lambda _: answers.pop(0)
    assert remote(cache).read(f"{server.url}/a") == b"at last"
    server.pages["/b"] = (500, {}, b"")
    with pytest.raises(DownloadError, match="the server answers 500"):
        remote(cache).read(f"{server.url}/b")
    assert [status for path, status in server.asked if path == "/b"] == [500, 500, 500]


def test_what_is_not_there_is_asked_for_once(server: Server, cache: Path) -> None:
    reader = remote(cache)
    for _ in range(2):
        with pytest.raises(DownloadError, match="the server answers 404") as caught:
            reader.read(f"{server.url}/none")
    assert caught.value.help == "check the URL"
    assert server.asked == [("/none", 404)]


def test_what_is_gone_from_the_server_is_not_taken_from_the_cache(server: Server, cache: Path) -> None:
    server.pages["/a"] = b"one"
    remote(cache).read(f"{server.url}/a")
    del server.pages["/a"]
    with pytest.raises(DownloadError, match="404"):
        remote(cache).read(f"{server.url}/a")


def test_half_a_file_is_no_file(server: Server, cache: Path) -> None:
    server.pages["/a"] = (200, {"Content-Length": "10"}, b"half")
    with pytest.raises(DownloadError, match="only 4 of 10 bytes came"):
        remote(cache, retries=1).path(f"{server.url}/a")
    assert list((cache / "content").iterdir()) == []
    assert list((cache / "entries").iterdir()) == []


def test_redirects_give_the_place_where_it_was_found_but_never_lead_to_a_local_file(
    server: Server, cache: Path
) -> None:
    server.pages["/deep/b"] = b"b"
    server.pages["/a"] = (302, {"Location": "/deep/b"}, b"")
    reader = remote(cache)
    assert reader.read(f"{server.url}/a") == b"b"
    assert reader.location(f"{server.url}/a") == f"{server.url}/deep/b"
    for target in ("file:///etc/passwd", "ftp://h/x"):
        server.pages["/evil"] = (302, {"Location": target}, b"")
        with pytest.raises(DownloadError, match="which is not on the web"):
            remote(cache).read(f"{server.url}/evil")
    server.pages["/loop"] = (302, {"Location": "/loop"}, b"")
    with pytest.raises(DownloadError, match="redirects without end"):
        remote(cache).read(f"{server.url}/loop")


def test_a_password_is_sent_but_neither_shown_nor_stored(server: Server, cache: Path) -> None:
    server.pages["/a"] = b"one"
    server.pages["/moved"] = (302, {"Location": "/a"}, b"")
    url = server.url.replace("http://", "http://me:pass%40word@")
    reader = remote(cache)
    reader.read(f"{url}/a?X-Amz-Signature=abcdef")
    assert server.headers["Authorization"] == "Basic bWU6cGFzc0B3b3Jk"
    assert reader.location(f"{url}/moved") == f"{url}/a"
    with pytest.raises(DownloadError) as caught:
        reader.read(f"{url}/none?token=abcdef")
    stored = "".join(entry.read_text() for entry in (cache / "entries").iterdir())
    for secret in ("pass", "me:", "abcdef"):
        assert secret not in stored
        assert secret not in str(caught.value)


def test_a_password_goes_along_to_the_same_server_only(server: Server, cache: Path) -> None:
    def page(headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return (200, {}, b"in") if "Authorization" in headers else (401, {}, b"")

    other = server.url.replace("127.0.0.1", "localhost")
    server.pages |= {
        "/a": page,
        "/same": (301, {"Location": "/a"}, b""),
        "/other": (301, {"Location": f"{other}/a"}, b""),
    }
    url = server.url.replace("http://", "http://me:secret@")
    assert remote(cache).read(f"{url}/same") == b"in"
    with pytest.raises(DownloadError, match="the server answers 401"):
        remote(cache).read(f"{url}/other")


def test_the_cache_is_for_the_user_alone_and_names_are_digests(server: Server, cache: Path) -> None:
    server.pages["/../../escape"] = server.pages["/escape"] = b"x"
    remote(cache).path(f"{server.url}/%2e%2e/../escape")
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert [path.stat().st_mode & 0o777 for path in [cache, *files]] == [0o700, 0o600, 0o600]
    assert all(len(path.name) == 64 for path in files)


def test_a_document_has_a_largest_size(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pysprocket.files.remote.LARGEST_DOCUMENT", 10)
    server.pages["/a"] = b"x" * 11
    with pytest.raises(DownloadError, match="more than 10 bytes, which no document has"):
        remote(cache).read(f"{server.url}/a")
    assert remote(cache).path(f"{server.url}/a").stat().st_size == 11


def test_a_cache_that_cannot_be_written_names_the_setting(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    server.pages["/a"] = b"x"
    with pytest.raises(DownloadError, match="cannot be used") as caught:
        remote(tmp_path / "file" / "cache").read(f"{server.url}/a")
    assert "run.http.cache_dir" in str(caught.value.help)


def test_what_went_wrong_is_said(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(DownloadError, match=r"no secure connection to 127\.0\.0\.1"):
        remote(cache).read(server.url.replace("http:", "https:") + "/a")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DownloadError, match=r"the name name\.invalid is not known \(DNS\)"):
        remote(cache).read("http://name.invalid/a")


def test_a_server_that_says_nothing_is_left_alone_after_a_while(server: Server, cache: Path) -> None:
    def page(_: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.3)
        return 200, {}, b""

    server.pages["/a"] = page
    with pytest.raises(DownloadError, match="does not answer in time"):
        Remote(cache, retries=0, timeout=0.05).read(f"{server.url}/a")


def test_several_are_fetched_together(server: Server, cache: Path) -> None:
    urls = [f"{server.url}/{number}" for number in range(10)]
    server.pages |= {f"/{number}": b"%d" % number for number in range(9)}
    reader = remote(cache)
    reader.prefetch(urls)
    assert len(server.asked) == 10
    assert [reader.read(url) for url in urls[:9]] == [b"%d" % number for number in range(9)]
    with pytest.raises(DownloadError, match="404"):
        reader.read(urls[9])
    assert len(server.asked) == 10


def _read_often(cache: Path, url: str, queue: multiprocessing.Queue[bool]) -> None:
    queue.put(all(set(Remote(cache).read(url)) <= {120} for _ in range(10)))


def test_processes_share_a_cache(server: Server, cache: Path) -> None:
    server.pages["/a"] = lambda _: (200, {}, b"x" * (1 + len(server.asked) % 3 * 100_000))
    context = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[bool] = context.Queue()
    workers = [context.Process(target=_read_often, args=(cache, f"{server.url}/a", queue)) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert [queue.get(timeout=30) for _ in workers] == [True, True, True]
    for worker in workers:
        worker.join()
    assert not list(cache.rglob("part-*"))
    assert json.loads(next((cache / "entries").iterdir()).read_text())["url"] == f"{server.url}/a"


def test_what_is_no_url_of_the_web_is_told():
    with pytest.raises(DownloadError, match=r"cannot read `s3://data/a`: it is no URL of the web"):
        open_url("s3://me:tiger@data/a", {}, 5)
