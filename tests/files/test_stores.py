"""Object stores behind URLs; a real S3 server is asked in tests/integration."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from pysprocket.config.secrets import Secret
from pysprocket.config.settings import S3, Azure, AzureAuth, Google, GoogleAuth, S3Auth, Storage
from pysprocket.errors import ConfigError, DownloadError
from pysprocket.files import stores
from pysprocket.files.stores import is_store, open_place, reach
from pysprocket.source.uris import without_secrets
from tests.web import Server

LOGIN = S3Auth("someone", Secret(text="sesame"))
KEY = Secret(text="c2VzYW1l")
LISTING = b'<?xml version="1.0"?><ListBucketResult><Name>data</Name><KeyCount>0</KeyCount></ListBucketResult>'


def complaint(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>because</Message></Error>".encode()


def storage(server: Server) -> Storage:
    return Storage(s3=S3(endpoint=server.url, auth=LOGIN))


@pytest.mark.parametrize(
    ("url", "kind", "shown", "path"),
    [
        ("s3://data/a/b/", S3Store, 'S3Store(bucket="data")', "a/b/"),
        ("S3://data", S3Store, 'S3Store(bucket="data")', ""),
        ("https://data.s3.eu-west-1.amazonaws.com/a%20b/", S3Store, 'S3Store(bucket="data")', "a b/"),
        ("https://s3.us-east-2.amazonaws.com/data/a/", S3Store, 'S3Store(bucket="data")', "a/"),
        ("gs://data/a/", GCSStore, 'GCSStore(bucket="data")', "a/"),
        ("https://storage.googleapis.com/data/a/", GCSStore, 'GCSStore(bucket="data")', "a/"),
        ("az://us/data/a/", AzureStore, 'AzureStore(container_name="data", account_name="us")', "a/"),
        (
            "https://us.blob.core.windows.net/data/a/?sv=2024&sig=x%3D",
            AzureStore,
            'AzureStore(container_name="data", account_name="us")',
            "a/",
        ),
    ],
)
def test_a_url_names_a_store_and_a_path_in_it(url: str, kind: type, shown: str, path: str):
    place = open_place(url, Storage())
    assert is_store(url)
    assert (type(place.store), repr(place.store), place.path) == (kind, shown, path)


def test_the_region_is_that_of_the_settings_then_of_the_url_then_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    def region(url: str, settings: S3 | None = None) -> object:
        store = open_place(url, Storage(s3=settings or S3())).store
        assert isinstance(store, S3Store)
        return store.config["region"]

    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert region("s3://data/") == "us-east-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert region("s3://data/") == "eu-north-1"
    assert region("https://data.s3.eu-west-1.amazonaws.com/") == "eu-west-1"
    assert region("https://data.s3.eu-west-1.amazonaws.com/", S3(region="ap-south-1")) == "ap-south-1"


def test_hmac_keys_of_google_are_used_in_the_language_of_s3():
    place = open_place("gs://data/a/", Storage(google=Google(auth=GoogleAuth("someone", KEY))))
    assert isinstance(place.store, S3Store)
    assert place.store.config["endpoint"] == "https://storage.googleapis.com"


def test_the_key_of_azure_is_for_its_account_alone():
    settings = Storage(azure=Azure(auth=AzureAuth("us", KEY)))
    ours, others = (open_place(f"az://{account}/data/", settings).store for account in ("us", "them"))
    assert isinstance(ours, AzureStore)
    assert isinstance(others, AzureStore)
    assert "account_key" in ours.config
    assert "account_key" not in others.config


@pytest.mark.parametrize("url", ["https://example.org/data/", "s3:///data/", "s3://me:sesame@data/", "ftp://data/"])
def test_what_names_no_store_is_told(url: str):
    with pytest.raises(DownloadError, match="names no place in an object store") as error:
        open_place(url, Storage())
    assert "sesame" not in str(error.value)


def test_a_secret_that_cannot_be_had_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    auth = S3Auth("someone", Secret(env="NOT_SET"))
    with pytest.raises(ConfigError, match="`NOT_SET`"):
        open_place("s3://data/", Storage(s3=S3(auth=auth)))


def test_a_bucket_that_is_there_is_reached_even_empty(server: Server):
    server.pages["/data"] = (200, {"Content-Type": "application/xml"}, LISTING)
    reach("s3://data/a/", storage(server), retries=0)
    assert server.asked[0][0].startswith("/data?")
    assert "prefix=a" in server.asked[0][0]
    assert "Credential=someone/" in server.headers["authorization"]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, complaint("NoSuchBucket"), "the bucket of `s3://data/a/` does not exist"),
        (403, complaint("SignatureDoesNotMatch"), "refuses these credentials: SignatureDoesNotMatch: because"),
        (403, complaint("AccessDenied"), "refuses these credentials: AccessDenied: because"),
        (401, b"", "refuses these credentials"),
        (301, complaint("PermanentRedirect"), "is in another region"),
        (503, b"busy", "cannot be read: 503 Service Unavailable: busy"),
    ],
)
def test_each_refusal_of_a_store_has_its_words(server: Server, status: int, body: bytes, words: str):
    server.pages["/data"] = (status, {}, body)
    with pytest.raises(DownloadError, match=words) as error:
        reach("s3://data/a/", storage(server), retries=0)
    assert error.value.help
    assert "sesame" not in str(error.value)


def test_a_web_page_is_not_taken_for_an_empty_bucket(server: Server):
    page = (200, {"Content-Type": "text/html", "Last-Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}, b"<html></html>")
    server.reply = lambda path, headers: page  # type: ignore[method-assign]
    with pytest.raises(DownloadError, match="is no object store") as error:
        reach("s3://data/", storage(server), retries=0)
    assert "another port" in str(error.value.help)


def test_of_an_answer_of_any_length_a_part_is_looked_at(server: Server, monkeypatch: pytest.MonkeyPatch):
    server.reply = lambda path, headers: (200, {}, b"http://a:b@c/ " * 50_000)  # type: ignore[method-assign]
    look = Mock(side_effect=without_secrets)
    monkeypatch.setattr(stores, "without_secrets", look)
    with pytest.raises(DownloadError, match="is no object store: its answer is no list of objects") as error:
        reach("s3://data/", storage(server), retries=0)
    assert len(str(error.value)) < 300
    assert [len(call.args[0]) for call in look.call_args_list] == [stores._MOST_READ]


def test_a_store_that_is_away_refuses_the_connection(server: Server):
    server.stop()
    with pytest.raises(DownloadError, match="cannot be read: it refuses the connection") as error:
        reach("s3://data/", storage(server), retries=0)
    assert error.value.transient


def test_a_store_without_tls_is_told(server: Server):
    settings = Storage(s3=S3(endpoint=server.url.replace("http:", "https:"), auth=LOGIN))
    with pytest.raises(DownloadError, match="cannot be read: it does not speak TLS"):
        reach("s3://data/", settings, retries=0)


def test_directories_are_stores_too(tmp_path: Path):
    assert isinstance(open_place(tmp_path.as_uri(), Storage()).store, LocalStore)
    reach(f"{tmp_path.as_uri()}/", Storage())
    with pytest.raises(DownloadError, match="there is no directory"):
        reach(f"{tmp_path.as_uri()}/missing/", Storage())
