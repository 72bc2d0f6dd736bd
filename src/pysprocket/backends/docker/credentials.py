"""Credentials for container registries, as `docker login` has left them.

In: the name of an image and `config.json` of Docker. Out: what the Engine API wants as authentication, or None.
Understood are plain entries (`auths`) and helper programs (`credHelpers` for one registry, `credsStore` for all).
Source: Docker command line reference, "docker login", "Credential stores".
"""

from __future__ import annotations

import asyncio
import base64

import msgspec

from pysprocket.backends.docker.address import configuration
from pysprocket.config.secrets import whole_environment
from pysprocket.errors import BackendError, ImageError

_HUB = "https://index.docker.io/v1/"
_NO_CREDENTIALS = b"credentials not found"


async def credentials_for(image: str) -> dict[str, str] | None:
    """The credentials for the registry of `image`; None when there are none.

    Raises:
        ImageError: the configuration cannot be read, or a helper program fails.
    """
    try:
        config = configuration()
    except BackendError as error:
        raise ImageError(str(error), help=error.help) from error
    registry = registry_of(image)
    helper = config.get("credHelpers", {}).get(registry) or config.get("credsStore")
    if helper:
        return await _ask(helper, registry)
    entry = config.get("auths", {}).get(registry) or config.get("auths", {}).get(f"https://{registry}")
    return _from_entry(entry, registry) if entry else None


def registry_of(image: str) -> str:
    """The registry an image name belongs to: its first part when that looks like a host, else Docker Hub."""
    first, slash, _ = image.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return first if is_host and first not in {"docker.io", "index.docker.io"} else _HUB


def _from_entry(entry: dict[str, str], registry: str) -> dict[str, str] | None:
    if token := entry.get("identitytoken"):
        return {"identitytoken": token, "serveraddress": registry}
    user, colon, password = base64.b64decode(entry.get("auth", "")).decode().partition(":")
    return {"username": user, "password": password, "serveraddress": registry} if colon else None


async def _ask(helper: str, registry: str) -> dict[str, str] | None:
    program = f"docker-credential-{helper}"
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            program, "get", stdin=pipe, stdout=pipe, stderr=pipe, env=whole_environment()
        )
    except OSError as error:
        raise ImageError(f"the credential helper `{program}` cannot be run: {error}") from error
    answer, complaint = await process.communicate(registry.encode())
    if process.returncode != 0:
        if _NO_CREDENTIALS in answer + complaint:
            return None
        words = (answer + complaint).decode(errors="replace").strip()
        raise ImageError(f"the credential helper `{program}` gives none for `{registry}`: {words}")
    found = msgspec.json.decode(answer, type=dict[str, str])
    if found["Username"] == "<token>":
        return {"identitytoken": found["Secret"], "serveraddress": registry}
    return {"username": found["Username"], "password": found["Secret"], "serveraddress": registry}
