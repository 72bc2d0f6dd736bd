"""Host paths and the paths that a job sees."""

from pathlib import Path

import pytest

from pysprocket.engine.links import translate_links
from pysprocket.engine.paths import PathMap
from pysprocket.errors import EvaluationError
from pysprocket.values.model import Directory, File


@pytest.fixture
def paths(tmp_path):
    made = PathMap("/mnt/task")
    made.enter_attempt(tmp_path / "attempt")
    (tmp_path / "attempt" / "work").mkdir(parents=True)
    return made


def test_inputs_of_one_directory_stay_together(paths):
    assert paths.guest(File("/data/a.bam")) == "/mnt/task/inputs/1/a.bam"
    assert paths.guest(File("/data/a.bam.bai")) == "/mnt/task/inputs/1/a.bam.bai"


def test_equal_base_names_do_not_collide(paths):
    assert paths.guest(File("/one/x.txt")) != paths.guest(File("/two/x.txt"))


def test_the_same_file_has_one_path(paths):
    assert paths.guest(File("/one/x.txt")) == paths.guest(File("/one/x.txt"))
    assert len(paths.mounts()) == 1


def test_a_file_below_a_mounted_directory_is_not_mounted_again(paths):
    directory = paths.guest(Directory("/data/genome"))
    assert paths.guest(File("/data/genome/index/a.fa")) == f"{directory}/index/a.fa"
    assert [mount.target for mount in paths.mounts()] == [directory]


def test_a_link_is_mounted_as_what_it_points_at_under_its_own_name(paths, tmp_path):
    (tmp_path / "real.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to("real.txt")
    guest = paths.guest(File(str(tmp_path / "link.txt")))
    assert guest.endswith("/link.txt")
    assert paths.mounts()[0].source == str((tmp_path / "real.txt").resolve())


def test_paths_lead_back_to_the_host(paths, tmp_path):
    guest = paths.guest(File("/data/a.bam"))
    assert paths.host(guest) == Path("/data/a.bam")
    assert paths.host("out.txt") == tmp_path / "attempt/work/out.txt"
    assert paths.host("/mnt/task/work/d/out.txt") == tmp_path / "attempt/work/d/out.txt"
    assert paths.host("/mnt/task/stdout") == tmp_path / "attempt/stdout"


@pytest.mark.parametrize("path", ["/root/x", "/mnt/task/inputs/9/x", "/mnt/task", "/usr/local/x"])
def test_a_path_that_the_job_was_not_shown_is_refused(paths, path):
    with pytest.raises(EvaluationError, match="neither in the task's working directory nor one of its inputs"):
        paths.host(path)


def test_without_a_container_both_sides_are_the_same(tmp_path):
    paths = PathMap(None)
    paths.enter_attempt(tmp_path)
    assert paths.guest(File("/data/a.bam")) == "/data/a.bam"
    assert paths.host("/etc/passwd") == Path("/etc/passwd")
    assert paths.guest_of_attempt("work") == str(tmp_path / "work")


def test_an_extra_disk_is_a_directory_of_the_attempt(paths, tmp_path):
    attempt = tmp_path / "attempt"
    paths.enter_attempt(attempt, ["", "/", "/mnt/task/work", "/mnt/data/", "/mnt/data/deep"])
    assert paths.written() == (attempt / "work", attempt / "disks/1", attempt / "disks/2")
    assert paths.host("/mnt/data/a.bam") == attempt / "disks/1/a.bam"
    assert paths.host("/mnt/data/deep/er/b") == attempt / "disks/2/er/b"
    assert [(mount.target, mount.read_only) for mount in paths.mounts()] == [
        ("/mnt/data", False),
        ("/mnt/data/deep", False),
    ]
    with pytest.raises(EvaluationError, match="neither in"):
        paths.host("/mnt/database")
    paths.enter_attempt(tmp_path / "next", [])
    with pytest.raises(EvaluationError, match="neither in"):
        paths.host("/mnt/data/a.bam")


def test_without_a_container_a_disk_is_the_hosts_own(tmp_path):
    paths = PathMap(None)
    paths.enter_attempt(tmp_path, ["/mnt/data"])
    assert (paths.written(), paths.mounts()) == ((tmp_path / "work",), ())


def test_links_between_the_disks_of_a_job_lead_to_each_other_afterwards(paths, tmp_path):
    paths.enter_attempt(tmp_path / "attempt", ["/mnt/data"])
    work, disk = paths.written()
    disk.mkdir(parents=True)
    (disk / "file").write_text("on the disk")
    (work / "link").symlink_to("/mnt/data/file")
    (work / "other").write_text("in work")
    (disk / "back").symlink_to("/mnt/task/work/other")
    translate_links(paths)
    assert ((work / "link").read_text(), (disk / "back").read_text()) == ("on the disk", "in work")


def test_links_made_in_the_container_point_at_the_host_afterwards(paths, tmp_path):
    source = tmp_path / "a.bam"
    source.write_text("reads")
    guest = paths.guest(File(str(source)))
    work = tmp_path / "attempt" / "work"
    (work / "sub").mkdir()
    (work / "sub" / "link.bam").symlink_to(guest)
    (work / "dangling").symlink_to("/mnt/task/inputs/7/none")
    (work / "foreign").symlink_to("/etc/hostname")
    translate_links(paths)
    assert (work / "sub" / "link.bam").read_text() == "reads"
    assert str((work / "dangling").readlink()) == "/mnt/task/inputs/7/none"
    assert str((work / "foreign").readlink()) == "/etc/hostname"
