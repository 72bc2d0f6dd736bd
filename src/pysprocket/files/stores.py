"""Object stores behind URLs: S3, Google Cloud Storage, Azure Blob Storage, and local directories.

In: a URL and the settings `run.storage`. Out: `Place`, a store of obstore and a path in it; `reach` tells whether it is
there and can be read. What the settings do not say comes from where the tools of each provider look: environment
variables (`AWS_ACCESS_KEY_ID`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_KEY`, …) and what machines in
the cloud are given. `https` URLs of the providers mean the same as `s3://bucket/key`, `gs://bucket/key` and
`az://account/container/key`. obstore is imported with this module: whoever needs no store does not import it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from obstore import exceptions
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from pysprocket.config.settings import S3, Azure, Google, Storage
from pysprocket.errors import DownloadError
from pysprocket.source.uris import local_path, redacted, without_secrets

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_GOOGLE_AS_S3 = "https://storage.googleapis.com"
"""Where Google Cloud Storage speaks the language of S3, which is what its HMAC keys are for."""
_DEFAULT_REGION = "us-east-1"
_AZURE_HOST = r"([a-z0-9]+)\.blob\.core\.windows\.net"
_S3_BUCKET_HOST = r"(.+)\.s3(?:[.-]([a-z0-9-]+))?\.amazonaws\.com"
_S3_HOST = r"s3(?:[.-]([a-z0-9-]+))?\.amazonaws\.com"
_MOST = 200
"""Characters of what a store says that are quoted."""
_MOST_READ = 1 << 16
"""Characters of what a store says that are looked at: obstore quotes answers whole, however long they are."""


class Place(NamedTuple):
    """A path in a store; the store knows its bucket, and how to log in there."""

    store: S3Store | GCSStore | AzureStore | LocalStore
    path: str


class _Parts(NamedTuple):
    """What a URL says; `kind` is "s3", "gs", "az" or "file", and `account` is of Azure."""

    kind: str
    bucket: str
    path: str
    account: str = ""
    region: str = ""
    signature: str = ""


def is_store(url: str) -> bool:
    """Whether the URL names a place in an object store or a local directory, rather than on a web server."""
    return _parts(url) is not None


def open_place(url: str, storage: Storage, *, seconds: float = 60, retries: int = 5) -> Place:
    """The store of a URL, and the path in it. Nothing is asked yet.

    Args:
        url: of an object, or of a prefix.
        storage: how to log in.
        seconds: how long one request may take.
        retries: how often a request is made again when the store is busy or cannot be reached.

    Raises:
        DownloadError: it is no URL of a store.
        ConfigError: a secret cannot be had.
    """
    parts = _parts(url)
    if parts is None or not parts.bucket:
        raise DownloadError(
            f"`{redacted(url)}` names no place in an object store",
            help="write `s3://bucket/path/`, `gs://bucket/path/`, `az://account/container/path/` or `file:///path/`",
        )
    if parts.kind == "file":
        return Place(LocalStore("/"), parts.path)
    limits = _Limits(seconds, retries)
    try:
        return Place(_store(parts, storage, limits), parts.path)
    except exceptions.BaseError as error:
        raise _failed(url, error) from None


def reach(url: str, storage: Storage, *, seconds: float = 60, retries: int = 5) -> None:
    """Ask whether the bucket or directory of a URL is there, and may be listed; this waits for the answer.

    It does so without `asyncio`: obstore fails badly when what waits for a list is cancelled.

    Args:
        url: of a prefix, below which there need not be anything.
        storage: how to log in.
        seconds: how long one request may take.
        retries: how often a request is made again when the store is busy or cannot be reached.

    Raises:
        DownloadError: it is not there, or cannot be read with these credentials.
        ConfigError: a secret cannot be had.
    """
    place = open_place(url, storage, seconds=seconds, retries=retries)
    if isinstance(place.store, LocalStore):
        _reach_directory(url, "/" + place.path)
        return
    try:
        for _ in place.store.list(place.path or None, chunk_size=1):
            return
    except (exceptions.BaseError, OSError) as error:
        raise _failed(url, error) from None
    if isinstance(place.store, S3Store) and _has_everything(place.store):
        raise _no_store(url, "it has an object of any name")


def _no_store(url: str, reason: str) -> DownloadError:
    return DownloadError(
        f"what answers for `{redacted(url)}` is no object store: {reason}",
        help="check `run.storage.s3.endpoint`; a web page for administrators often has another port",
    )


def _has_everything(store: S3Store) -> bool:
    """Whether it has what nobody has ever put there, as web pages have that answer each request alike."""
    try:
        store.get(f".sprocket-{os.urandom(16).hex()}")
    except (exceptions.BaseError, OSError):
        return False
    return True


def reach_web(url: str, seconds: float) -> None:
    """Ask whether a web server answers at a URL; that there is nothing (yet) is no matter.

    Raises:
        DownloadError: nobody answers, or the server refuses it.
    """
    from pysprocket.files.http import open_url  # noqa: PLC0415 - ssl is slow to import

    try:
        with open_url(url, {}, seconds):
            return
    except DownloadError as error:
        if error.status != 404:
            raise


def _reach_directory(url: str, path: str) -> None:
    if not os.path.isdir(path):  # noqa: PTH112 - a text
        raise DownloadError(f"there is no directory `{redacted(url)}`", help="make it, or correct the URL")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise DownloadError(f"you may not read and write `{redacted(url)}`", help="change its permissions")


class _Limits(NamedTuple):
    seconds: float
    retries: int

    def client(self, *, plain: bool = False) -> ClientConfig:
        """Options of the HTTP client; `plain` allows connections without TLS."""
        milliseconds = f"{max(1, round(self.seconds * 1000))}ms"
        return {"timeout": milliseconds, "connect_timeout": milliseconds, "allow_http": plain}

    def retry(self) -> RetryConfig:
        """Options for what is tried again."""
        return {"max_retries": self.retries}


def _store(parts: _Parts, storage: Storage, limits: _Limits) -> S3Store | GCSStore | AzureStore:
    if parts.kind == "s3":
        return _s3(parts, storage.s3, limits)
    return _google(parts, storage.google, limits) if parts.kind == "gs" else _azure(parts, storage.azure, limits)


def _s3(parts: _Parts, settings: S3, limits: _Limits) -> S3Store:
    told = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    endpoint = settings.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    more = {"endpoint": endpoint} if endpoint else {}
    if settings.auth is not None:
        more["access_key_id"] = settings.auth.access_key_id
        more["secret_access_key"] = settings.auth.secret_access_key.reveal()
    return S3Store(
        parts.bucket,
        region=settings.region or parts.region or told or _DEFAULT_REGION,
        client_options=limits.client(plain=(endpoint or "").startswith("http:")),
        retry_config=limits.retry(),
        **more,  # type: ignore[arg-type]
    )


def _google(parts: _Parts, settings: Google, limits: _Limits) -> S3Store | GCSStore:
    if settings.auth is None:
        return GCSStore(parts.bucket, client_options=limits.client(), retry_config=limits.retry())
    return S3Store(
        parts.bucket,
        endpoint=_GOOGLE_AS_S3,
        region="auto",
        access_key_id=settings.auth.access_key,
        secret_access_key=settings.auth.secret.reveal(),
        client_options=limits.client(),
        retry_config=limits.retry(),
    )


def _azure(parts: _Parts, settings: Azure, limits: _Limits) -> AzureStore:
    plain = os.environ.get("AZURE_ENDPOINT", "").startswith("http:")
    more = {}
    if parts.signature:
        more["sas_key"] = parts.signature
    elif settings.auth is not None and settings.auth.account_name == parts.account:
        more["account_key"] = settings.auth.access_key.reveal()
    return AzureStore(
        parts.bucket,
        account_name=parts.account,
        client_options=limits.client(plain=plain),
        retry_config=limits.retry(),
        **more,  # type: ignore[arg-type]
    )


def _parts(url: str) -> _Parts | None:
    """What the URL says; None when it names no store."""
    scheme, _, _ = url.partition(":")
    scheme = scheme.lower()
    if scheme == "file":
        return _Parts("file", "/", local_path(url).lstrip("/"))
    try:
        split = urlsplit(url)
        host, path = split.hostname or "", unquote(split.path).lstrip("/")
    except ValueError:
        return None
    if "@" in split.netloc and scheme != "https":
        return None  # logins are settings
    if scheme in ("s3", "gs"):
        return _Parts(scheme, split.netloc, path)
    first, _, rest = path.partition("/")
    if scheme == "az":
        return _Parts("az", first, rest, split.netloc)
    return _on_web(host, path, split.query) if scheme == "https" else None


def _on_web(host: str, path: str, query: str) -> _Parts | None:
    """The store that an `https` URL of a provider names."""
    first, _, rest = path.partition("/")
    if match := re.fullmatch(_AZURE_HOST, host):
        return _Parts("az", first, rest, match[1], signature=query)
    if host == "storage.googleapis.com":
        return _Parts("gs", first, rest)
    if match := re.fullmatch(_S3_HOST, host):
        return _Parts("s3", first, rest, region=match[1] or "")
    if match := re.fullmatch(_S3_BUCKET_HOST, host):
        return _Parts("s3", match[1], path, region=match[2] or "")
    return None


def _failed(url: str, error: Exception) -> DownloadError:
    """What a store says, in words for the user; obstore wraps causes in each other, and names few by a class."""
    parts = _parts(url)
    bucket = f"the {'container' if parts and parts.kind == 'az' else 'bucket'} of `{redacted(url)}`"
    credentials = _CREDENTIALS.get(parts.kind if parts else "", "the credentials")
    text = str(error)[:_MOST_READ]
    words, status = _words(text), _status(error, text)
    if isinstance(error, exceptions.GenericError) and "invalid list response" in text:
        return _no_store(url, "its answer is no list of objects")
    if _OF_MACHINES in text:
        what, remedy = f"there are no credentials for {bucket}", f"set {credentials}"
    elif status == 404:
        what, remedy = f"{bucket} does not exist", "make it, or correct the URL"
    elif status in (401, 403):
        what = f"{bucket} refuses these credentials: {words}"
        remedy = f"check {credentials}, and that they may list the bucket"
    elif "redirect without LOCATION" in text:
        what, remedy = f"{bucket} is in another region", "set `run.storage.s3.region`"
    else:
        what = f"{bucket} cannot be read: {words}"
        remedy = f"check the URL, {credentials}, and the network connection"
    return DownloadError(what, help=remedy, status=status, transient=status is None or status >= 500)


_OF_MACHINES = "169.254.169.254"
"""Where machines in the cloud are given credentials; asked where nobody else has any."""
_CREDENTIALS = {
    "s3": "`run.storage.s3` or the variables `AWS_…`",
    "gs": "`run.storage.google.auth` or `GOOGLE_APPLICATION_CREDENTIALS`",
    "az": "`run.storage.azure.auth` or the variables `AZURE_STORAGE_…`",
}
_CAUSES = {
    "refused": "it refuses the connection",
    "dns error": "its name is not known",
    "ertificate": "its certificate is not trusted",
    "InvalidContentType": "it does not speak TLS; is it `http`?",
    "imeout": "it does not answer in time",
    "timed out": "it does not answer in time",
}
"""Why there was no answer, by what stands in the cause."""


def _status(error: Exception, text: str) -> int | None:
    if isinstance(error, FileNotFoundError | exceptions.NotFoundError):
        return 404
    if isinstance(error, exceptions.PermissionDeniedError):
        return 403
    match = re.search(r"non-2xx status code: (\d{3})", text)
    return int(match[1]) if match else None


def _words(text: str) -> str:
    said, _, causes = without_secrets(text).partition("\n\nDebug")
    quoted = [match[1] for tag in ("Code", "Message") if (match := re.search(rf"<{tag}>(.*?)</{tag}>", said))]
    if quoted:
        return ": ".join(quoted)[:_MOST]
    if "error sending request" in said:
        return next((words for mark, words in _CAUSES.items() if mark in causes), "there is no connection")
    return " ".join(said.rpartition("status code: ")[2].split())[:_MOST]
