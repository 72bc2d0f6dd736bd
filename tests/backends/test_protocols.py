"""Which images a backend runs, and what is said of the others."""

from __future__ import annotations

import pytest

from pysprocket.backends.protocols import (
    KNOWN,
    PROTOCOLS,
    Flaw,
    ImageSupport,
    afterthought,
    canonical,
    has_images,
    protocols_of,
    split,
)
from pysprocket.errors import ConfigError

DOCKER = ImageSupport()
SLURM = ImageSupport("the backend `hpc` (type `slurm_apptainer`)", PROTOCOLS["slurm_apptainer"])
NAMES = {
    "docker": "docker://lab/tool:1",
    "library": "library://lab/default/tool:1",
    "oras": "oras://ghcr.io/lab/tool:1",
    "file": "file:///images/my tool.sif",
}


def flaw_of(support: ImageSupport, image: str) -> Flaw:
    flaw = support.flaw(image)
    assert flaw is not None
    return flaw


@pytest.mark.parametrize("protocol", NAMES)
@pytest.mark.parametrize(
    ("kind", "runs"),
    [
        ("docker", {"docker"}),
        ("tes", {"docker", "library", "oras"}),
        ("lsf_apptainer", set(NAMES)),
        ("slurm_apptainer", set(NAMES)),
    ],
)
def test_the_table_is_that_of_the_guides(kind, runs, protocol):
    support = ImageSupport(protocols=protocols_of(kind))
    assert (support.flaw(NAMES[protocol]) is None) is (protocol in runs)
    assert support.flaw("ubuntu") is None


def test_the_local_backend_runs_none_and_every_protocol_is_described():
    assert protocols_of("local") == ()
    assert {protocol for runs in PROTOCOLS.values() for protocol in runs} == set(KNOWN)


def test_a_backend_that_is_not_in_the_table_says_it_itself():
    class Without:
        guest_root = None
        image_protocols = ()

    class Plain:
        guest_root = "/mnt"

    class Own(Plain):
        image_protocols = ("oras", "Tarball://")

    class One(Plain):
        image_protocols = "library"

    class OnHostPaths:
        guest_root = None
        image_protocols = ("docker", "file")

    assert protocols_of("own", OnHostPaths) == ("docker", "file")
    assert [has_images(each) for each in (Without, Plain, Own, OnHostPaths, object)] == [False, True, True, True, False]
    assert protocols_of("own", object) == ()
    assert protocols_of("own", Without) == ()
    assert protocols_of("own", Plain) == ("docker",)
    assert protocols_of("own", Own()) == ("oras", "tarball")
    assert protocols_of("own", One) == ("library",)
    assert protocols_of("tes", Plain) == PROTOCOLS["tes"]
    own = ImageSupport(protocols=protocols_of("own", Own))
    assert own.flaw("tarball://x") is None
    assert [flaw_of(own, image).meant for image in ("tarbal://x", "ubuntu")] == ["tarball://x", ""]
    assert "docker" in flaw_of(own, "ubuntu").elsewhere
    assert own.words == "`oras://` and `tarball://`"


@pytest.mark.parametrize("told", [5, ("docker", None), ("",)])
def test_a_backend_that_names_no_protocols_is_told_so(told):
    backend = type("Odd", (), {"guest_root": "/mnt", "image_protocols": told})
    with pytest.raises(ConfigError, match="the backend of type `odd` says `image_protocols = "):
        protocols_of("odd", backend)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ubuntu", "ubuntu"),
        ("  ubuntu:22.04\n", "ubuntu:22.04"),
        ("DOCKER://ubuntu", "docker://ubuntu"),
        ("File:///Images/Tool.sif", "file:///Images/Tool.sif"),
        ("", ""),
        ("docker:ubuntu", "docker:ubuntu"),
    ],
)
def test_space_around_a_name_and_the_case_of_a_protocol_do_not_matter(written, name):
    assert canonical(written) == name


def test_a_name_without_a_protocol_is_one_of_docker():
    assert split("localhost:5000/tool") == ("docker", "localhost:5000/tool")
    assert split("ORAS://x") == ("oras", "x")


@pytest.mark.parametrize(
    "image",
    [
        "a",
        "docker:24-dind",
        "docker:ubuntu",
        "localhost/tool",
        "localhost:5000/tool",
        "127.0.0.1:9/lab/tool:1",
        "[::1]:5000/tool:1",
        "GHCR.io/lab/tool:V1_2",
        "registry.example.org:443/a/b__c/d-e:1.2_3@sha256:" + "0a" * 32,
        "ubuntu@sha512:" + "9f" * 64,
        "ubuntu@sha256+b64u:LCa0a2j_xo=",
        "sha256:0123abc",
    ],
)
def test_what_can_be_a_name_is_left_to_the_registry(image):
    assert DOCKER.flaw(image) is None
    assert DOCKER.flaw(f"docker://{image}") is None


@pytest.mark.parametrize(
    ("image", "reason", "meant"),
    [
        ("dokcer://ubuntu:1", "no protocol `dokcer://`", "docker://ubuntu:1"),
        ("foo://x", "no protocol `foo://`", ""),
        ("docker-daemon://x", "no protocol `docker-daemon://`", ""),
        ("https://hub.docker.com/_/ubuntu", "no protocol `https://`", ""),
        ("docker:ubuntu:22.04", "`:ubuntu:22.04` is no tag", "docker://ubuntu:22.04"),
        ("docker:lab/tool", "not of the form", "docker://lab/tool"),
        ("docker:/ubuntu", "not of the form", "docker://ubuntu"),
        ("docker:///ubuntu", "not of the form", "ubuntu"),
        ("docker://docker://ubuntu", "not of the form", ""),
        ("Ubuntu:22.04", "small letters", "ubuntu:22.04"),
        ("ubuntu:", "`:` is no tag", ""),
        ("ubuntu:22 04", "a space in it", ""),
        ("ubuntu@", "`@` is no digest", ""),
        ("lab//tool", "not of the form", ""),
        ("~{image}", "not of the form", ""),
        ("./tool.sif", "not of the form", ""),
        ("", "names no image", ""),
        ("docker://", "names no image", ""),
        ("docker:///", "names no image", ""),
    ],
)
def test_what_cannot_be_a_name_is_told_with_what_was_meant(image, reason, meant):
    flaw = flaw_of(DOCKER, image)
    assert reason in flaw.reason
    assert flaw.meant == meant
    assert meant in flaw.remedy


@pytest.mark.parametrize(
    ("image", "meant"),
    [
        ("/images/tool.sif", "file:///images/tool.sif"),
        ("file:/images/tool.sif", "file:///images/tool.sif"),
        ("oras:ghcr.io/lab/tool:1", "oras://ghcr.io/lab/tool:1"),
    ],
)
def test_a_path_or_half_a_protocol_means_an_image_where_such_are_run(image, meant):
    assert flaw_of(SLURM, image).meant == meant
    other = flaw_of(DOCKER, image)
    assert (other.meant, "slurm_apptainer" in other.elsewhere) == ("", True)


def test_an_image_of_no_name_is_none_of_any_protocol():
    for protocol in PROTOCOLS["slurm_apptainer"]:
        flaw = flaw_of(SLURM, f"{protocol}://")
        assert flaw.reason == "it names no image"


def test_a_refusal_says_what_the_backend_runs_and_who_runs_the_image():
    assert DOCKER.refusal(["library://x"]) == (
        "the backend `docker` does not run the container image `library://x`: "
        "it runs `docker://` and names without a protocol"
    )
    flaw = flaw_of(DOCKER, "library://x")
    assert "`tes`, `lsf_apptainer` or `slurm_apptainer`" in flaw.remedy


def test_of_several_images_each_is_told_with_its_reason():
    first, *lines = DOCKER.refusal(["oras://x", "dokcer://y"], " (from outside)").splitlines()
    assert first.startswith(
        "the backend `docker` runs none of the container images (from outside): it runs `docker://`"
    )
    assert lines == [
        "  `oras://x`: `oras://` is not supported",
        "  `dokcer://y`: there is no protocol `dokcer://`; did you mean `docker://y`?",
    ]


def test_those_that_are_run_stay_in_order():
    images = ("oras://x", "ubuntu", "Bad", "docker://debian")
    assert DOCKER.runnable(images) == ("ubuntu", "docker://debian")
    assert SLURM.runnable(("oras://x", "ubuntu")) == ("oras://x", "ubuntu")
    assert DOCKER.runnable(("oras://x",)) == ()


@pytest.mark.parametrize(
    ("image", "idea"),
    [
        ("docker:ubuntu", "did you mean `docker://ubuntu`?"),
        ("oras:1", "did you mean `oras://1`?"),
        ("tool.sif", "file:///"),
        ("ubuntu:22.04", ""),
        ("docker://docker:24", ""),
        ("docker", ""),
    ],
)
def test_what_may_have_been_meant_by_an_image_that_cannot_be_had(image, idea):
    assert idea in afterthought(image)
    assert bool(idea) == bool(afterthought(image))


@pytest.mark.parametrize(
    "digest",
    [
        "sha256:abc",
        "sha256:" + "0" * 63,
        "sha256:" + "0" * 65,
        "sha256:" + "G" * 64,
        "sha256:" + "AB" * 32,
        "sha512:",
        "sha512:" + "0" * 64,
        "",
        "abc",
        ":abc",
        "md5:",
        "sha256:a:b",
        "SHA256:" + "0" * 64,
        "a b:c",
        "blake3:x/y",
    ],
)
def test_a_digest_that_cannot_be_is_refused(digest):
    found = DOCKER.flaw(f"ubuntu@{digest}")
    assert found is not None
    assert f"`@{digest}` is no digest" in found.reason or found.reason == "there is a space in it"
