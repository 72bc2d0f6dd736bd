"""Which container images a backend runs: the one table, and what images are called.

In: the type of a backend, names of images as a document writes them. Out: `ImageSupport`, which says of each image
whether the backend runs it and what is wrong otherwise, in words for the user. Nothing is looked up anywhere.

An image is named `protocol://name`; a name without a protocol is one of `docker://`, as in `ubuntu:22.04`. Names of
`docker://` have the grammar of registries: `[host[:port]/]path[:tag][@digest]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from pysprocket.errors import ConfigError
from pysprocket.nearest import nearest

DOCKER = "docker"
_APPTAINER = (DOCKER, "library", "oras", "file")
PROTOCOLS: Mapping[str, tuple[str, ...]] = {
    "docker": (DOCKER,),
    "tes": (DOCKER, "library", "oras"),
    "lsf_apptainer": _APPTAINER,
    "slurm_apptainer": _APPTAINER,
    "local": (),
}
"""By type of backend, those that it runs; none where jobs do not run in containers and images are ignored."""
KNOWN: Mapping[str, str] = {
    DOCKER: "images of Docker and OCI registries; also names without a protocol",
    "library": "images of a Sylabs library",
    "oras": "SIF images in OCI registries",
    "file": "SIF files",
}
"""Every protocol of the table, and what it names."""
_DIGESTS = {"sha256": 64, "sha512": 128}
"""How many characters a digest has, by its algorithm."""
_HEX = frozenset("0123456789abcdef")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def protocols_of(type_: str, backend: object = None) -> tuple[str, ...]:
    """The protocols that a type of backend runs.

    Args:
        type_: of the backend.
        backend: its class, or one of it: where the type is not in the table, its attribute `image_protocols` tells.
            Where that is empty or missing, it runs `docker://` if it has a `guest_root`, else none. (Containers may
            as well show the paths of the host: Apptainer can.)

    Raises:
        ConfigError: the attribute names no protocols.
    """
    if type_ in PROTOCOLS:
        return PROTOCOLS[type_]
    told = getattr(backend, "image_protocols", ())
    if not told:
        return () if getattr(backend, "guest_root", None) is None else (DOCKER,)
    names = (told,) if isinstance(told, str) else told
    if not isinstance(names, Iterable) or not all(isinstance(each, str) and each for each in names):
        raise ConfigError(
            f"the backend of type `{type_}` says `image_protocols = {told!r}`, which names no protocols",
            help='its authors should write a tuple such as `("docker", "oras")`',
        )
    return tuple(each.removesuffix("://").lower() for each in names)


def has_images(backend: object) -> bool:
    """Whether the jobs of a backend run in container images."""
    return bool(getattr(backend, "image_protocols", ())) or getattr(backend, "guest_root", None) is not None


def canonical(image: str) -> str:
    """The name of an image without space around it, its protocol in small letters."""
    protocol, separator, name = image.strip().partition("://")
    return f"{protocol.lower()}://{name}" if separator else protocol


def split(image: str) -> tuple[str, str]:
    """The protocol of an image and its name there."""
    protocol, separator, name = image.partition("://")
    return (protocol.lower(), name) if separator else (DOCKER, image)


class Flaw(msgspec.Struct, frozen=True):
    """Why a backend does not run an image.

    Attributes:
        reason: in a few words.
        meant: what its name was probably meant to be, empty when that is not known.
        elsewhere: the types of backends that run it.
    """

    reason: str
    meant: str = ""
    elsewhere: tuple[str, ...] = ()

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if self.meant:
            return f"did you mean `{self.meant}`?"
        if self.elsewhere:
            return (
                "name an image that it runs, alone or in a list with this one; "
                f"or use a backend of type {_listed([f'`{each}`' for each in self.elsewhere], 'or')}"
            )
        return "name an image such as `ubuntu:22.04`"

    def __str__(self) -> str:
        return f"{self.reason}; did you mean `{self.meant}`?" if self.meant else self.reason


NO_IMAGE = Flaw("it names no image")


class ImageSupport(msgspec.Struct, frozen=True):
    """Which images a backend runs.

    Attributes:
        backend: what messages call it, such as "the backend `docker`".
        protocols: of the images that it runs.
    """

    backend: str = "the backend `docker`"
    protocols: tuple[str, ...] = PROTOCOLS[DOCKER]

    def flaw(self, image: str) -> Flaw | None:
        """Why it does not run an image; None when it does."""
        return _flaw(image, self.protocols)

    def runnable(self, images: tuple[str, ...]) -> tuple[str, ...]:
        """Those that it runs."""
        kept = tuple(image for image in images if _flaw(image, self.protocols) is None)
        return images if len(kept) == len(images) else kept

    @property
    def words(self) -> str:
        """What it runs."""
        names = [f"`{each}://`" for each in self.protocols]
        if DOCKER in self.protocols:
            names.append("names without a protocol")
        return _listed(names, "and") if names else "no images"

    def refusal(self, images: Sequence[str], origin: str = "") -> str:
        """That it runs none of the images; `origin`, after their names, says where they are from."""
        if not images:
            return f"the list of container images{origin} is empty"
        if len(images) > 1:
            lines = "\n".join(f"  {line}" for line in self.reasons(images))
            return f"{self.backend} runs none of the container images{origin}: it runs {self.words}\n{lines}"
        flaw = self.flaw(images[0])
        assert flaw is not None, "what it runs is not refused"
        image = f"the container image `{images[0]}`{origin}"
        if flaw.elsewhere:
            return f"{self.backend} does not run {image}: it runs {self.words}"
        return f"{image} cannot be used: {flaw.reason} ({self.backend} runs {self.words})"

    def reasons(self, images: Sequence[str]) -> list[str]:
        """Those of the images that it does not run, each with the reason."""
        flaws = ((image, self.flaw(image)) for image in images)
        return [f"`{image}`: {flaw}" for image, flaw in flaws if flaw is not None]


@lru_cache(1024)
def _flaw(image: str, protocols: tuple[str, ...]) -> Flaw | None:
    protocol, name = split(image)
    if protocol not in protocols and protocol not in KNOWN:
        near = nearest(protocol, dict.fromkeys((*protocols, *KNOWN)), alike=0.7)
        return Flaw(f"there is no protocol `{protocol}://`", f"{near[0]}://{name}" if near else "")
    if not name.strip("/ "):
        return NO_IMAGE
    reason = _reference_flaw(name) if protocol == DOCKER else None
    if reason is not None:
        meant = _meant(image, name)
        protocol = split(meant)[0]
        if not meant or protocol in protocols:
            return Flaw(reason, meant)
    if protocol in protocols:
        return None
    elsewhere = tuple(each for each, runs in PROTOCOLS.items() if protocol in runs)
    return Flaw(reason or f"`{protocol}://` is not supported", elsewhere=elsewhere)


def afterthought(image: str) -> str:
    """What else may have been meant by the name of an image that cannot be had; empty when there is no idea."""
    head, _, name = image.partition(":")
    if "://" not in image and name and head.lower() in KNOWN:
        return f"it is the tag `{name}` of the image `{head}`; did you mean `{head.lower()}://{name}`?"
    if "://" not in image and image.endswith(".sif"):
        return "a SIF file is named by its path, as in `file:///images/tool.sif`"
    return ""


def _meant(image: str, name: str) -> str:
    """What was probably meant by a name that cannot be; empty when there is no idea."""
    head, colon, rest = image.partition(":")
    if "://" not in image and colon and head.lower() in KNOWN:  # docker:lab/tool, file:/images/tool.sif
        rest = f"/{rest.lstrip('/')}" if head.lower() == "file" else rest.lstrip("/")
        return f"{head.lower()}://{rest}" if rest.strip("/") else ""
    if image.startswith("/") and image.endswith((".sif", ".img", ".simg")):
        return f"file://{image}"
    for close in (name.strip("/"), name.lower()):
        if close != name and _reference_flaw(close) is None:
            return close
    return ""


def _reference_flaw(name: str) -> str | None:
    """What is wrong with a name of `docker://`."""
    if any(map(str.isspace, name)):
        return "there is a space in it"
    path, at, digest = name.partition("@")
    if at and (wrong := _digest_flaw(digest)):
        return wrong
    folder, slash, last = path.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _is_plain(tag):
        return f"`:{tag}` is no tag"
    host, _, inner = folder.partition("/")
    if not (slash and _is_host(host)):
        host, inner = "", folder
    parts = [*(inner.split("/") if inner or (slash and not host) else ()), last]
    if not all(map(_is_plain, parts)):
        return "it is not of the form `registry/path/name:tag`"
    return "names of images are in small letters" if any(part != part.lower() for part in parts) else None


def _digest_flaw(digest: str) -> str | None:
    """What is wrong with a digest (OCI image specification, "Digests"): `algorithm:text`, of known ones in hex."""
    algorithm, _, text = digest.partition(":")
    length = _DIGESTS.get(algorithm)
    if length is not None and text:
        is_right = len(text) == length and _HEX.issuperset(text)
        return None if is_right else f"`@{digest}` is no digest: `{algorithm}` has {length} of `0-9` and `a-f`"
    parts = re.split("[+._-]", algorithm)
    if text and all(part.isascii() and part.isalnum() and part == part.lower() for part in parts):
        return None if _PLAIN.issuperset(text.replace("=", "")) else f"`@{digest}` is no digest, as `@sha256:…` is"
    return f"`@{digest}` is no digest, as `@sha256:…` is"


def _is_plain(text: str) -> bool:
    return bool(text) and _PLAIN.issuperset(text) and text[0] not in ".-"


def _is_host(text: str) -> bool:
    """Whether the first part of a name is a registry: it has a dot, a port, or is `localhost`."""
    if text.startswith("["):  # an address of IPv6
        return True
    host, colon, port = text.partition(":")
    if not _is_plain(host):
        return False
    return port.isdecimal() if colon else "." in host or host == "localhost" or host != host.lower()


def _listed(names: Sequence[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
