"""What expressions may ask of the world."""

import pytest

from pysprocket.engine.contexts import OutputContext, TaskContext, WorkflowContext
from pysprocket.engine.paths import PathMap
from pysprocket.errors import EvaluationError
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.types.typed import TypedDocument
from pysprocket.values.model import Directory, File


def document(directory, version=(1, 2)):
    tree = nodes.Document(0, 0, None, (), (), (), (), None)
    return TypedDocument(Source(f"file://{directory}/main.wdl", ""), tree, version)


@pytest.fixture
def outputs(tmp_path):
    """The output section of a task that ran in a container."""
    work = tmp_path / "attempts/0/work"
    work.mkdir(parents=True)
    (tmp_path / "attempts/0/stdout").write_text("said")
    paths = PathMap("/mnt/task")
    paths.enter_attempt(tmp_path / "attempts/0")
    return OutputContext(document(tmp_path), tmp_path / "tmp", paths, tmp_path / "attempts/0")


def test_a_relative_path_is_beside_the_document_from_1_2_on(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    context = WorkflowContext(document(tmp_path), tmp_path / "tmp")
    assert context.file("a.txt") == str(tmp_path / "a.txt")
    assert isinstance(context.file("a.txt"), File)


def test_a_relative_path_is_in_the_current_directory_before_1_2(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.txt").write_text("x")
    monkeypatch.chdir(tmp_path / "here")
    context = WorkflowContext(document(tmp_path, (1, 1)), tmp_path / "tmp")
    assert context.file("a.txt") == str(tmp_path / "here" / "a.txt")


def test_a_missing_path_is_an_error_or_none_where_that_is_allowed(tmp_path):
    context = WorkflowContext(document(tmp_path), tmp_path / "tmp")
    with pytest.raises(EvaluationError, match="the file `nope` does not exist"):
        context.file("nope")
    assert context.file("nope", optional=True) is None
    assert context.directory("nope", optional=True) is None


def test_a_path_of_the_wrong_kind_is_an_error_also_where_none_is_allowed(tmp_path):
    context = WorkflowContext(document(tmp_path), tmp_path / "tmp")
    with pytest.raises(EvaluationError, match="is not a file"):
        context.file(str(tmp_path), optional=True)


def test_a_directory_has_no_slash_at_its_end(tmp_path):
    (tmp_path / "d").mkdir()
    found = WorkflowContext(document(tmp_path), tmp_path / "tmp").directory("d/")
    assert found == str(tmp_path / "d")
    assert isinstance(found, Directory)


def test_a_written_file_is_named_by_its_content(tmp_path):
    context = WorkflowContext(document(tmp_path), tmp_path / "tmp")
    first = context.write_file("one\n", ".txt")
    assert context.write_file("one\n", ".txt") == first
    assert context.write_file("two\n", ".txt") != first
    assert context.host_path(first).read_text() == "one\n"


def test_a_file_that_a_task_names_itself_is_shown_to_its_job(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    paths = PathMap("/mnt/task")
    context = TaskContext(document(tmp_path), tmp_path / "tmp", paths)
    guest = context.file("a.txt")
    assert guest == "/mnt/task/inputs/1/a.txt"
    assert context.file(guest) == guest
    assert context.host_path(guest) == tmp_path / "a.txt"
    assert context.write_file("x").startswith("/mnt/task/inputs/2/")


def test_a_path_below_an_input_must_lead_to_something(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text("x")
    context = TaskContext(document(tmp_path), tmp_path / "tmp", PathMap("/mnt/task"))
    guest = context.directory("d")
    assert context.file(f"{guest}/a.txt") == f"{guest}/a.txt"
    assert context.file(f"{guest}/b.txt", optional=True) is None
    with pytest.raises(EvaluationError, match=r"the file `/mnt/task/inputs/1/d/b\.txt` does not exist"):
        context.file(f"{guest}/b.txt")
    with pytest.raises(EvaluationError, match="neither in the task's working directory nor one of its inputs"):
        context.file("/mnt/task/work/a.txt")


def test_a_relative_path_in_a_remote_document_is_a_url(tmp_path):
    tree = nodes.Document(0, 0, None, (), (), (), (), None)
    remote = TypedDocument(Source("https://example.org/w/main.wdl", ""), tree, (1, 2))
    context = WorkflowContext(remote, tmp_path)
    assert context.file("data/a b.txt") == "https://example.org/w/data/a%20b.txt"


def test_outputs_are_found_in_the_working_directory(outputs, tmp_path):
    (tmp_path / "attempts/0/work/out.txt").write_text("x")
    (tmp_path / "attempts/0/work/d").mkdir()
    assert outputs.file("out.txt") == "/mnt/task/work/out.txt"
    assert outputs.file("/mnt/task/work/out.txt") == "/mnt/task/work/out.txt"
    assert outputs.directory("d/") == "/mnt/task/work/d"
    assert outputs.host_path(outputs.stdout()).read_text() == "said"


def test_an_output_that_is_missing_is_named_with_its_place(outputs):
    with pytest.raises(EvaluationError, match=r"the file `out\.txt` does not exist in the task's working directory"):
        outputs.file("out.txt")
    assert outputs.file("out.txt", optional=True) is None


@pytest.mark.parametrize("path", ["../../secret.txt", "link"])
def test_an_output_cannot_lead_out_of_the_working_directory(outputs, tmp_path, path):
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "attempts/secret.txt").write_text("x")
    (tmp_path / "attempts/0/work/link").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(EvaluationError, match="leads out of the task's working directory"):
        outputs.file(path)


def test_an_output_may_be_a_link_to_an_input(outputs, tmp_path):
    (tmp_path / "input.txt").write_text("x")
    outputs.paths.guest(File(str(tmp_path / "input.txt")))
    (tmp_path / "attempts/0/work/link").symlink_to(tmp_path / "input.txt")
    assert outputs.file("link") == "/mnt/task/work/link"


def test_glob_gives_files_and_links_to_files_in_the_order_of_the_c_locale(outputs, tmp_path):
    work = tmp_path / "attempts/0/work"
    for name in ("b.txt", "B.txt", "a.txt", ".hidden.txt"):
        (work / name).write_text("")
    (work / "dir.txt").mkdir()
    (work / "link.txt").symlink_to("a.txt")
    (work / "broken.txt").symlink_to("none")
    found = outputs.glob("*.txt")
    assert [path.rpartition("/")[2] for path in found] == ["B.txt", "a.txt", "b.txt", "link.txt"]
    assert all(isinstance(path, File) for path in found)
    assert outputs.glob("*.none") == []


def test_glob_stays_in_the_working_directory(outputs, tmp_path):
    work = tmp_path / "attempts/0/work"
    (work / "d").mkdir()
    (work / "d/a.txt").write_text("")
    (tmp_path / "attempts/0/secret.txt").write_text("")
    (work / "out").symlink_to("..")
    assert outputs.glob("/mnt/task/work/d/*.txt") == ["/mnt/task/work/d/a.txt"]
    assert outputs.glob("./d//*.txt") == ["/mnt/task/work/d/a.txt"]
    for pattern in ("../*.txt", "d/../../*.txt", "out/*.txt", "/etc/*", "{d,/etc}/p*"):
        with pytest.raises(EvaluationError, match="leads out of"):
            outputs.glob(pattern)


@pytest.mark.parametrize("function", ["stdout", "stderr"])
def test_what_only_a_task_has_is_refused_elsewhere(tmp_path, function):
    with pytest.raises(EvaluationError, match="can only be used in the output section"):
        getattr(WorkflowContext(document(tmp_path), tmp_path), function)()


@pytest.mark.parametrize("path", ["/usr", "/etc/passwd", "/bin/../lib/x"])
def test_a_path_that_belongs_to_the_image_stays_as_the_document_wrote_it(tmp_path, path):
    paths = PathMap("/mnt/task")
    context = TaskContext(document(tmp_path), tmp_path / "tmp", paths)
    assert (str(context.directory(path)), str(context.file(path))) == (path, path)
    assert paths.mounts() == ()
    with pytest.raises(EvaluationError, match="lies in the image of the container"):
        context.host_path(path)


def test_without_a_container_a_path_of_the_system_is_the_hosts(tmp_path):
    context = TaskContext(document(tmp_path), tmp_path / "tmp", PathMap(None))
    assert context.directory("/usr") == "/usr"
    with pytest.raises(EvaluationError, match="does not exist"):
        context.file("/usr/no such file")
