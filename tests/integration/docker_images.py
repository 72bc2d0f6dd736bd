"""Images for tests, made of this machine's own programs.

In: an engine's API and a folder to keep tarballs in. Out: an engine that has every image of `IMAGES`. On an engine
of somebody else, an image that is there or that can be pulled is taken as it is.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.docker_engine import Api

_PROGRAMS = (
    "awk bash dash diff env find findmnt free gawk grep gzip hostname mawk sed tar xargs zcat cmp ps lspci getconf "
    "cut which"
)
_RECIPE = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
"""Images of another recipe are made anew."""
_LABEL = "pysprocket.recipe"


def provide_images(api: Api, home: Path, *, own: bool) -> None:
    """Have every image on an engine: on our own engine ours, on another's theirs where there is one."""
    for name, write in IMAGES.items():
        status, answer = api.request("GET", f"/images/{name}/json")
        if status == 200 and (not own or _label(answer) == _RECIPE):
            continue
        repository, tag = name.split(":")
        query = urllib.parse.urlencode({"fromImage": repository, "tag": tag})
        if not own and not name.startswith("pysprocket/") and api.request("POST", f"/images/create?{query}")[0] == 200:
            continue
        import_image(api, name, _tarball(home, write))


def import_image(api: Api, name: str, tarball: Path, *changes: str) -> None:
    """Make an image of the files in `tarball`; `changes` are lines of a Dockerfile."""
    repository, tag = name.rsplit(":", 1)
    lines = (f"LABEL {_LABEL}={_RECIPE}", *changes)
    fields = [("fromSrc", "-"), ("repo", repository), ("tag", tag), *(("changes", line) for line in lines)]
    with tarball.open("rb") as stream:
        status, answer = api.request("POST", f"/images/create?{urllib.parse.urlencode(fields)}", stream=stream)
    if status != 200 or b'"error"' in answer:
        raise RuntimeError(f"image {name} cannot be made: {answer.decode()}")


def base_tarball(home: Path) -> Path:
    """This machine's shell and text tools with their libraries as a file system, made once."""
    return _tarball(home, _write_base)


def _label(answer: bytes) -> str | None:
    label: str | None = (json.loads(answer)["Config"].get("Labels") or {}).get(_LABEL)
    return label


def _tarball(home: Path, write: Callable[[tarfile.TarFile], None]) -> Path:
    tarball = home / f"{write.__name__.removeprefix('_write_')}-{_RECIPE}.tar"
    if not tarball.is_file():
        aside = tarball.with_suffix(".part")
        with tarfile.open(aside, "w") as archive:
            write(archive)
        aside.rename(tarball)
    return tarball


# what is in them


def _write_base(archive: tarfile.TarFile, *linked: Path) -> None:
    """Shell and text tools, and the libraries that these and `linked` need."""
    for folder in ("usr/bin", "usr/lib", "etc", "root", "proc", "sys", "dev", "run", "var/tmp", "home", "mnt", "opt"):
        _add_folder(archive, folder, 0o755)
    _add_folder(archive, "tmp", 0o1777)
    for alias in ("bin", "sbin", "lib", "lib64"):
        _add_link(archive, alias, "usr/bin" if alias.endswith("bin") else "usr/lib")
    programs = {name: path for name in _program_names() if (path := shutil.which(name, path="/usr/bin:/bin"))}
    for name, path in programs.items():
        archive.add(Path(path).resolve(), f"usr/bin/{name}")
    _add_link(archive, "usr/bin/sh", "dash" if "dash" in programs else "bash")
    _add_libraries(archive, [*programs.values(), *linked])
    _add_text(archive, "etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    _add_text(archive, "etc/group", "root:x:0:\nnogroup:x:65534:\n")


def _write_focal(archive: tarfile.TarFile) -> None:
    """The release file of Ubuntu 20.04 beside the base."""
    _write_base(archive)
    release = "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=20.04\nDISTRIB_CODENAME=focal\n"
    _add_text(archive, "etc/lsb-release", release)


def _write_python(archive: tarfile.TarFile) -> None:
    """This Python and its standard library beside the base."""
    program = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    _write_base(archive, program, *library.glob("lib-dynload/*.so"))
    archive.add(program, str(program).lstrip("/"))
    archive.add(library, str(library).lstrip("/"), filter=_needed)
    for name in ("python", "python3"):
        _add_link(archive, f"usr/bin/{name}", str(program))


_UNNEEDED = {"__pycache__", "test", "idlelib", "lib2to3", "ensurepip", "tkinter", "site-packages", "dist-packages"}


def _needed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if _UNNEEDED.intersection(Path(entry.name).parts) or entry.name.endswith(".a") else entry


IMAGES: dict[str, Callable[[tarfile.TarFile], None]] = {
    "ubuntu:latest": _write_base,
    "ubuntu:22.04": _write_base,
    "ubuntu:focal": _write_focal,
    "debian:12-slim": _write_base,
    "archlinux:latest": _write_base,
    "python:latest": _write_python,
    "pysprocket/base:latest": _write_base,
}
"""The images that tests name, and what is in ours."""


def _program_names() -> list[str]:
    listing = subprocess.run(["dpkg", "-L", "coreutils"], capture_output=True, text=True, check=True).stdout
    coreutils = [line.rsplit("/", 1)[1] for line in listing.splitlines() if "/bin/" in line]
    return sorted({*_PROGRAMS.split(), *coreutils})


def _add_libraries(archive: tarfile.TarFile, programs: Iterable[str | Path]) -> None:
    """The shared libraries of programs, one path for each name; scripts and static programs have none."""
    listing = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    words = [word for line in listing.splitlines() if not line.endswith(":") for word in line.split()]
    for library in sorted({Path(word).name: word for word in words if word.startswith("/")}.values()):
        archive.add(Path(library).resolve(), f"usr/lib/{Path(library).name}")


def _add_folder(archive: tarfile.TarFile, name: str, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    archive.addfile(entry)


def _add_link(archive: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    archive.addfile(entry)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    archive.addfile(entry, io.BytesIO(text.encode()))
