"""Settings of the right type that cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from pysprocket.config import load, rules
from pysprocket.config.backend_settings import (
    Apptainer,
    BearerAuth,
    OAuth,
    Queue,
    SlurmApptainer,
    Tes,
)
from pysprocket.config.secrets import Secret, decode
from pysprocket.config.section import Section, required
from pysprocket.config.settings import S3, Budget
from pysprocket.errors import ConfigError


def broken(settings: Section) -> dict[str, str]:
    return {".".join(map(str, problem.keys)): problem.message for problem in rules.broken(settings)}


def tes(**changes: object) -> Tes:
    fields = {"url": "https://x.invalid/ga4gh", "inputs": "s3://b/in/", "outputs": "s3://b/out/", **changes}
    return msgspec.convert(fields, Tes, dec_hook=decode)


def sections(base: type[Section] = Section) -> Iterator[type[Section]]:
    for struct in base.__subclasses__():
        yield struct
        yield from sections(struct)


@pytest.mark.parametrize(
    "struct", [struct for struct in sections() if struct.__module__.startswith("pysprocket.") and not required(struct)]
)
def test_the_defaults_break_no_rule(struct):
    assert broken(struct()) == {}


def test_all_are_told_with_the_way_to_each_also_of_entries_that_are_not_chosen(tmp_path):
    file = tmp_path / "sprocket.toml"
    file.write_text(
        """
        [run]
        backend = "l"
        backends.l = { type = "local", memory = "0 GB" }
        task.retry.lost = { backoff = "2 min", longest_backoff = "1 min" }
        storage.s3.endpoint = "nowhere"

        [run.backends.s]
        type = "slurm_apptainer"
        default_slurm_partition = { name = "a b", max_memory_per_task = 0 }
        sbatch = { args = ["--x", ""], conditional = [{ condition = "cpu", args = [] }] }
        """
    )
    with pytest.raises(ConfigError) as caught:
        load(files=[file], search=False)
    assert [each.message for each in caught.value.diagnostics] == [
        "`run.backends.l.memory` cannot be 0 or less",
        "`run.task.retry.lost.longest_backoff` cannot be shorter than the first pause, `backoff`, which is 120 s",
        "`run.storage.s3.endpoint` is not the URL of a server",
        "`run.backends.s.default_slurm_partition.name` has ' ', which is in no name of a partition or queue",
        "`run.backends.s.default_slurm_partition.max_memory_per_task` cannot be 0 or less",
        "`run.backends.s.sbatch.args[1]` is empty",
        "`run.backends.s.sbatch.conditional[0].condition` needs a Boolean, but `cpu` is a `Float`",
    ]


def test_what_is_no_time_span_at_all_is_told_elsewhere():
    assert broken(Budget(backoff="soon")) == broken(Budget(longest_backoff="late")) == {}


def test_pauses_grow():
    assert broken(Budget(backoff=0, longest_backoff=0)) == broken(Budget(backoff="10 min")) == {}
    assert broken(Budget(backoff="1 h")) == {
        "backoff": "cannot be longer than the longest pause, `longest_backoff`, which is 600 s"
    }
    assert list(broken(Budget(longest_backoff=9))) == ["longest_backoff"]


@pytest.mark.parametrize(
    ("url", "insecure", "said"),
    [
        ("https://x.invalid", False, None),
        ("https://[::1]:8080/ga4gh/tes", False, None),
        ("http://x.invalid", True, None),
        ("http://x.invalid", False, "is not encrypted"),
        ("HTTPS://X.invalid", False, None),
        ("x.invalid", True, "is not the URL of a server"),
        ("x.invalid:8080", True, "is not the URL of a server"),
        ("https://", False, "is not the URL of a server"),
        ("https://x:y", False, "is not the URL of a server"),
        ("https://x.invalid:99999", False, "is not the URL of a server"),
        ("https://[::1", False, "is not the URL of a server"),
        ("https://<tes-server-url>/a b", False, "has a blank or a control character"),
        ("ftp://x.invalid", True, "is not the URL of a server"),
        ("s3://x", False, "is not the URL of a server"),
        ("https://x.invalid/ga4gh?key=1", False, "has a `?` or `#`"),
        ("https://x.invalid/ga4gh#tasks", False, "has a `?` or `#`"),
        ("https://x.invalid?", False, "has a `?` or `#`"),
    ],
)
def test_the_url_of_a_server(url, insecure, said):
    assert broken(tes(url=url, insecure=insecure)) == ({"url": said} if said else {})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        *[(f"{scheme}://b/in/", None) for scheme in ("s3", "gs", "az", "http", "https", "S3")],
        ("file:///shared/in/", None),
        ("file://localhost/shared/in/", None),
        ("https://me:s3cret@x.invalid/in/", None),
        ("s3://AKIA:s3cret@bucket/in/", "has a login in it"),
        ("gs://me@bucket/in/", "has a login in it"),
        ("AZ://account:key@container/in/", "has a login in it"),
        ("file://shared/in/", "has a host, and files have none"),
        ("s3://bucket/", None),
        ("az://account/container/in/?sv=1&sig=abc", None),
        ("s3://bucket", "does not end in `/`"),
        ("s3://bucket/in", "does not end in `/`"),
        ("az://a/c/in?sig=abc/", "does not end in `/`"),
        ("s3:///in/", "has no bucket or host"),
        ("ftp://b/in/", "is not the URL of a place for files"),
        ("/shared/in/", "is not the URL of a place for files"),
        ("file:/shared/in/", "is not the URL of a place for files"),
        ("s3://b/my in/", "has a blank or a control character"),
        ("https://[b/in/", "is not the URL of a place for files"),
    ],
)
def test_the_url_of_a_place_for_files(url, said):
    assert broken(tes(inputs=url)) == ({"inputs": said} if said else {})
    assert broken(tes(outputs=url)) == ({"outputs": said} if said else {})


def test_no_message_has_a_part_of_a_url():
    wrong = tes(url="http://me:s3cret@x", inputs="ftp://x/?sig=s3cret", outputs="s3://x/a?sig=s3cret")
    told = list(rules.broken(wrong))
    assert len(told) == 3
    assert "s3cret" not in str(told)


def test_one_login_is_enough():
    url = "https://me:s3cret@x.invalid"
    told = broken(tes(url=url, auth={"type": "bearer", "token": "x"}))
    assert told == {"url": "cannot have a login in it together with `auth`"}
    assert broken(tes(url=url)) == {}


def test_an_endpoint_has_no_query():
    assert broken(S3(endpoint="https://x.invalid/s3")) == {}
    assert broken(S3(endpoint="https://x.invalid/?region=x")) == {"endpoint": "has a `?` or `#`"}


def test_the_urls_of_a_login():
    login = OAuth(client_id="me", authorization="x", token="https://x.invalid/token")
    assert broken(login) == {"authorization": "is not the URL of a server"}
    assert broken(BearerAuth(token=Secret("x"))) == {}


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("wdl-", None),
        ("x" * 100, None),
        ("x" * 101, "has 101 bytes; the names of jobs have room for 100"),
        ("ä" * 51, "has 102 bytes; the names of jobs have room for 100"),
        ("my jobs", None),
        ("my\tjobs", "has a control character or an odd blank"),
        ("my\x1bjobs", "has a control character or an odd blank"),
        ("my\u2028jobs", "has a control character or an odd blank"),
    ],
)
def test_the_prefix_of_the_names_of_jobs(prefix, said):
    assert broken(SlurmApptainer(job_name_prefix=prefix)) == ({"job_name_prefix": said} if said else {})


@pytest.mark.parametrize("name", ["gpu", "gpu_long-2", "short,long", "a.b", "Ünlü"])
def test_names_of_queues(name):
    assert broken(Queue(name=name)) == {}


@pytest.mark.parametrize(
    "name", ["", "a b", "a\n", "--qos=x", "$(id)", "a;b", "a'b", 'a"b', "a\\b", "a|b", "a=b", "a\0"]
)
def test_what_is_no_name_of_a_queue(name):
    assert list(broken(Queue(name=name))) == ["name"]


def test_an_argument_is_not_empty():
    assert broken(Apptainer(extra_args=["--nv", "a b", "c\nd"])) == {}
    assert broken(Apptainer(extra_args=["a", ""])) == {"extra_args.1": "is empty"}
