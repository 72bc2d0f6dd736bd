"""Files behind URLs: where their copies go, and who waits for them."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from pysprocket.engine.downloads import Downloads, FetchNeeded, remote_paths
from pysprocket.errors import DownloadError, EvaluationError
from pysprocket.values.model import Directory, File, Pair, StructValue


class Fetched:
    """Gives copies whose content is the URL; `urls` are those that were asked for."""

    def __init__(self, directory: Path) -> None:
        self.urls: list[str] = []
        self._directory = directory

    def __call__(self, url: str) -> Path:
        self.urls.append(url)
        if "gone" in url:
            raise DownloadError(f"{url}: 404 Not Found")
        copy = self._directory / f"cached{len(self.urls)}"
        copy.write_text(url)
        return copy


@pytest.fixture
def fetched(tmp_path: Path) -> Fetched:
    return Fetched(tmp_path)


def place(downloads: Downloads, url: str) -> Path:
    with pytest.raises(FetchNeeded):
        downloads.path(url)
    downloads.fetch_now(url)
    return downloads.path(url)


def test_files_of_one_directory_are_beside_each_other_under_their_names(fetched, tmp_path):
    downloads = Downloads(fetched, tmp_path / "d")
    first = place(downloads, "https://x.org/a/b%20c.bam?sig=1")
    second = place(downloads, "https://x.org/a/b%20c.bam.bai")
    other = place(downloads, "https://x.org/other/b%20c.bam")
    assert (first.name, second.name) == ("b c.bam", "b c.bam.bai")
    assert first.parent == second.parent != other.parent
    assert first.read_text() == "https://x.org/a/b%20c.bam?sig=1"


def test_a_process_that_goes_on_finds_the_file_and_leaves_nothing_beside_it(tmp_path):
    """Both names are of one file: to rename one onto the other changes nothing."""
    copy = tmp_path / "cached"
    copy.write_text("content")
    first = place(Downloads(lambda url: copy, tmp_path / "d"), "https://x.org/a/b.txt")
    (first.parent / ".b.txt.part").write_text("of a process that died")
    assert place(Downloads(lambda url: copy, tmp_path / "d"), "https://x.org/a/b.txt") == first
    assert {path.name: path.read_text() for path in first.parent.iterdir()} == {"b.txt": "content"}


def test_two_urls_with_one_name_are_two_files(fetched, tmp_path):
    downloads = Downloads(fetched, tmp_path / "d")
    first = place(downloads, "https://x.org/get?id=1")
    second = place(downloads, "https://x.org/get?id=2")
    assert first != second
    assert (first.read_text(), second.read_text()) == ("https://x.org/get?id=1", "https://x.org/get?id=2")


@pytest.mark.parametrize(
    "url", ["https://x.org", "https://x.org/a/..%2F..%2Fetc%2Fpasswd", "https://x.org/%2e%2e", "https://x.org/a%00b"]
)
def test_a_url_cannot_name_a_file_outside(fetched, tmp_path, url):
    found = place(Downloads(fetched, tmp_path / "d"), url)
    assert found.parent.parent == tmp_path / "d"
    assert found.name not in ("", "..")


def test_what_cannot_be_had_is_told_each_time_and_asked_for_once(fetched, tmp_path):
    downloads = Downloads(fetched, tmp_path / "d", {"https://x.org/gone": "main.f"})
    downloads.fetch_now("https://x.org/gone")
    for _ in range(2):
        with pytest.raises(EvaluationError, match=r"^main\.f: https://x\.org/gone: 404 Not Found$"):
            downloads.path("https://x.org/gone")
    downloads.fetch_now("https://x.org/gone")
    assert len(fetched.urls) == 1
    with pytest.raises(EvaluationError, match="s3 URLs cannot be read yet"):
        downloads.path("s3://bucket/x")


def test_many_wait_for_one_download_and_none_for_one_that_was_abandoned(fetched, tmp_path):
    async def run() -> None:
        downloads = Downloads(fetched, tmp_path / "d")
        await downloads.fetch_all(["https://x.org/a", "https://x.org/a", "https://x.org/b"])
        assert sorted(fetched.urls) == ["https://x.org/a", "https://x.org/b"]

        never = threading.Event()

        def hang(url: str) -> Path:
            never.wait()
            return Path(url)

        hanging = Downloads(hang, tmp_path / "e")
        waiting = asyncio.ensure_future(hanging.fetch("https://x.org/c"))
        await asyncio.sleep(0.05)
        await hanging.abandon()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        never.set()

    asyncio.run(asyncio.wait_for(run(), 10))


def test_urls_are_found_at_every_depth():
    value = StructValue("S", {"a": [Pair(File("https://x/1"), None)], "b": {File("s3://x/2"): Directory("/d")}})
    assert list(remote_paths([value, "https://text", File("https://x/1")])) == ["https://x/1", "s3://x/2"]
