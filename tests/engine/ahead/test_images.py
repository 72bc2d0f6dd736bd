"""Container images that a backend does not run are told before anything starts."""

from __future__ import annotations

import pytest

from pysprocket.backends.job import Limits
from pysprocket.backends.protocols import ImageSupport
from pysprocket.engine.ahead.dry_run import look_ahead
from pysprocket.engine.ahead.limits import check_limits
from pysprocket.engine.requirements import Defaults, Terms
from pysprocket.errors import RunRefused
from pysprocket.plan.arguments import parse_arguments
from pysprocket.plan.inputs import bind_inputs
from pysprocket.plan.targets import infer_target
from pysprocket.types.loader import load

DOCUMENT = """
version 1.3
task asks {
    input { Array[String] images = ["ubuntu"]  File? file }
    String first = "library://lab/~{1}"
    command <<< >>>
    requirements { container: images }
    output { Int number = 1 }
}
task one { input { String image } command <<< >>> requirements { container: image } }
task plain { command <<< >>> requirements { container: "oras://lab/tool:1" } }
task wrong { command <<< >>> requirements { container: "dokcer://ubuntu" } }
task none { command <<< >>> }
task star { command <<< >>> requirements { container: ["*", "oras://x"] } }
task big { command <<< >>> requirements { container: "library://x"  cpu: 64  memory: "~{1}much" } }
"""
OLD = """
version 1.0
task old { command {} runtime { docker: "library://lab/old"  memory: "0 GiB" } }
"""


@pytest.fixture
def look(tmp_path):
    def run(body, *arguments, target=None, support=ImageSupport(), default="ubuntu", text=DOCUMENT, ahead=check_limits):  # noqa: B008 - frozen
        workflow = f"workflow w {{ {body} hints {{ allow_nested_inputs: true }} }}" if body else ""
        (tmp_path / "main.wdl").write_text(text.lstrip() + workflow)
        library = load(str(tmp_path / "main.wdl"))
        assert not library.has_errors, library.diagnostics
        given = parse_arguments(arguments, target, tmp_path)
        chosen = infer_target(library.root, target, given)
        terms = Terms(Limits(cpu=4), defaults=Defaults(container=default), containers=support)
        return ahead(chosen, bind_inputs(chosen, given), terms, "/mnt/task")

    return run


@pytest.fixture
def refused(look):
    def errors(*arguments, **options):
        with pytest.raises(RunRefused) as caught:
            look(*arguments, **options)
        return caught.value.failures

    return errors


def underlined(error):
    return [label.source.text[label.start : label.end] for label in error.labels]


def test_an_image_of_another_protocol_is_told_with_its_place_and_the_remedy(refused):
    (error,) = refused("", target="plain")
    assert str(error) == (
        "task `plain` cannot run: the backend `docker` does not run the container image `oras://lab/tool:1`: "
        "it runs `docker://` and names without a protocol"
    )
    assert underlined(error) == ['"oras://lab/tool:1"']
    assert error.help == (
        "name an image that it runs, alone or in a list with this one; "
        "or use a backend of type `tes`, `lsf_apptainer` or `slurm_apptainer`"
    )


def test_a_misspelt_protocol_is_told_with_the_nearest(refused):
    (error,) = refused("", target="wrong")
    assert "there is no protocol `dokcer://`" in str(error)
    assert error.help == "did you mean `docker://ubuntu`?"


def test_all_are_told_at_once_and_the_same_task_only_once(refused):
    errors = refused("call plain as a  call plain as b  call wrong  call none  call asks  call big")
    assert [str(error).partition(" cannot run: ")[0] for error in errors] == [
        "task `plain` (calls `a`, `b`)",
        "task `wrong`",
        "task `big`",
        "task `big`",
    ]
    assert underlined(errors[0]) == ['"oras://lab/tool:1"', "a", "b"]
    assert ["library://x" in str(error) for error in errors] == [False, False, True, False]


def test_the_older_name_and_a_broken_neighbour_do_not_hide_it(refused):
    (error,) = refused("", target="old", text=OLD)
    assert underlined(error) == ['"library://lab/old"']


@pytest.mark.parametrize("image", ["", "   ", "docker://", "docker:ubuntu:22.04", "Ubuntu", "ubuntu latest"])
def test_what_is_no_name_of_an_image_is_refused_too(refused, image):
    (error,) = refused("", f"image={image!r}".replace("'", '"'), target="one")
    assert f"the container image `{image.strip()}` cannot be used: " in str(error)


@pytest.mark.parametrize("image", ["DOCKER://ubuntu", " ubuntu ", "docker:24", f"localhost:5000/a@sha256:{7:064}"])
def test_what_is_one_is_not(look, image):
    assert look("", f'image="{image}"', target="one") == ()


def test_inputs_and_declarations_that_are_known_count(refused, look):
    body = 'input { String tag = "1" } String image = "oras://x:~{tag}" call asks { images = ["library://a", image] }'
    (error,) = refused(body, "w.tag=2")
    assert "`library://a`: `library://` is not supported" in str(error)
    assert "`oras://x:2`: `oras://` is not supported" in str(error)
    assert underlined(error) == ["images", "asks"]
    assert error.labels[0].text == "these images asked for here"


def test_an_empty_list_is_told_too(refused, look):
    (error,) = refused("call asks { images = [] }")
    assert str(error) == "task `asks` cannot run: the list of container images is empty"
    assert error.help == "name an image such as `ubuntu:22.04`"
    plan = look("call asks as a  if (a.number > 0) { call asks { images = [] } }", ahead=look_ahead)
    assert [call.images for call in plan.calls] == [("ubuntu",), ()]


def test_one_that_is_run_is_enough(look):
    assert look('call asks { images = ["oras://a", "dokcer://b", "", "ubuntu"] }') == ()
    assert look('call asks { images = ["oras://a", "*"] }') == ()


def test_an_image_from_outside_is_told_with_its_key(refused):
    (error,) = refused("call none", "w.none.requirements.container=oras://x")
    assert "image `oras://x` (given as `w.none.requirements.container`)" in str(error)
    assert underlined(error) == ["none"]
    (error,) = refused("", "plain.runtime.docker=library://x", target="plain")
    assert "image `library://x` (given as `plain.runtime.docker`)" in str(error)
    assert error.labels == ()


def test_one_from_outside_replaces_that_of_the_document(look):
    assert look("", "plain.requirements.container=ubuntu", target="plain") == ()


def test_the_default_of_the_configuration_is_told_with_its_key(refused):
    (error,) = refused("call none", default="library://x")
    assert "image `library://x` (of `run.task.container`)" in str(error)
    assert underlined(error) == ["none", "none"]
    assert error.labels[0].text == "gets `library://x`, for it does not say"
    assert error.help == "set `run.task.container` to an image that it runs, or give the task one"
    (error,) = refused("", target="star", default="library://x")
    assert "container images (`*` is `run.task.container`)" in str(error)
    assert "\n  `library://x`: " in str(error)
    (error,) = refused("call none", "w.none.requirements.container=*", default="library://x")
    assert "(of `run.task.container`)" in str(error)


def test_each_item_of_a_scatter_counts_where_the_image_depends_on_it(refused):
    body = 'scatter (i in ["ubuntu", "oras://a", "oras://b", "oras://a"]) { call one { image = i } }'
    first, second = refused(body)
    assert (
        "(calls `one-1`, `one-3`) cannot run: the backend `docker` does not run the container image `oras://a`"
        in str(first)
    )
    assert "(call `one-2`)" in str(second)


def test_a_call_that_is_not_reached_asks_for_nothing(look):
    assert look("if (1 > 2) { call plain } scatter (i in range(0)) { call wrong }") == ()


def test_a_call_that_only_may_run_is_a_warning(look):
    (request,) = look("call asks  if (asks.number > 0) { call plain }")
    assert request.warning().startswith("task `plain` may run and then fail: the backend `docker` does not run")


def test_what_only_the_run_can_know_is_left_to_it(look):
    assert look('call asks  call one { image = "oras://~{asks.number}" }') == ()
    assert look('call one { image = read_string("https://example.org/image") }') == ()


def test_where_there_are_no_containers_images_are_ignored(look):
    assert look("call plain  call wrong", support=None) == ()
    assert look("", 'image=""', target="one", support=None) == ()


def test_a_dry_run_refuses_as_a_run_does_and_shows_what_would_be_used(look, refused):
    (error,) = refused("call plain", ahead=look_ahead)
    assert "oras://lab/tool:1" in str(error)
    body = 'call asks { images = ["oras://a", " Docker://b ", "*", "dokcer://c"] }  if (asks.number > 0) { call plain }'
    plan = look(body, ahead=look_ahead)
    asks, plain = plan.calls
    assert asks.images == ("docker://b", "ubuntu")
    assert plain.images == ("oras://lab/tool:1",)
    (warning,) = plan.warnings
    assert warning.startswith("task `plain` may run and then fail")


def test_plain_images_cost_no_look_ahead(look, monkeypatch):
    monkeypatch.setattr("pysprocket.engine.ahead.requests.surveyed", None)
    body = "call none  call asks as a { images = [] }"
    text = 'version 1.3\ntask none { command <<< >>> requirements { container: ["oras://a", "ubuntu"] } }\n'
    assert look("call none", text=text) == ()
    with pytest.raises(TypeError):
        look(body)
