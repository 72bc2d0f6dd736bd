"""Candidates for the image of a task: which of them a job gets, and what is told when it gets none."""

from __future__ import annotations

import pytest

from pysprocket.backends.job import FailureKind as JobFailureKind
from pysprocket.backends.protocols import ImageSupport
from pysprocket.engine.events import AttemptCreated, CallEnded, Notice
from pysprocket.engine.failures import FailureKind
from pysprocket.engine.retries import Budget, RetryPolicy
from pysprocket.errors import EvaluationError, ImageError, RunFailed
from tests.engine.stub import StubBackend

TASK = """
task t {
    input { Array[String] images }
    command <<< runs in ~{task.container} >>>
    output { String? image = task.container }
    requirements { container: images  max_retries: 3 }
}
"""
SILENT = TASK.replace("~{task.container}", "").replace("task.container", "None")


class Containers(StubBackend):
    """Has some images and runs jobs in them, all of which end well.

    Attributes:
        asked: the candidates of each question for an image.
    """

    guest_root = "/mnt/task"

    def __init__(self, *here, end_of=lambda job, number: 0):
        super().__init__(end_of)
        self.here = here
        self.asked = []

    async def resolve_image(self, images):
        self.asked.append(images)
        for image in images:
            if image in self.here:
                return image, "sha256:1"
        raise ImageError("there is no such image", transient=True)


@pytest.fixture
def run(engine):
    engine.images = ImageSupport()
    engine.policy = RetryPolicy({kind: Budget(2, 0.001, 0.001) for kind in (FailureKind.IMAGE, FailureKind.BACKEND)})

    def with_images(backend, *images, text=TASK):
        engine.wrap = lambda _: backend
        listed = ", ".join(f'"{image}"' for image in images)
        return engine(text, f"images=[{listed}]", target="t")

    return with_images


def test_a_job_gets_the_candidates_that_the_backend_runs(run, engine):
    backend = Containers("ubuntu", "debian")
    assert run(backend, "oras://a", "ubuntu", "library://b", "DOCKER://debian") == {"image": "ubuntu"}
    (job,) = backend.jobs
    assert job.images == ("ubuntu",), "the one that the command names"
    (created,) = engine.of(AttemptCreated)
    assert created.images == ("ubuntu",)


def test_candidates_that_are_passed_over_are_a_remark(run, engine):
    run(Containers("ubuntu"), "oras://a", "dokcer://b", "ubuntu")
    told = [(notice.message, notice.detail) for notice in engine.of(Notice)]
    assert told == [
        ("task `t`: an image is passed over: `oras://a`: `oras://` is not supported", True),
        (
            "task `t`: an image is passed over: "
            "`dokcer://b`: there is no protocol `dokcer://`; did you mean `docker://b`?",
            True,
        ),
    ]


def test_the_command_names_the_candidate_that_can_be_had(run, engine):
    backend = Containers("second", "third")
    assert run(backend, "oras://a", "first", "second", "third") == {"image": "second"}
    assert (engine.directory / "attempts" / "0" / "command").read_text().strip() == "runs in second"
    assert [job.images for job in backend.jobs] == [("second",)]
    assert backend.asked == [("first",), ("second",)]


def test_nobody_is_asked_before_where_it_makes_no_difference(run):
    for images, text in ((("first", "second"), SILENT), (("second",), TASK), (("oras://a", "second"), TASK)):
        backend = Containers("second")
        run(backend, *images, text=text)
        assert backend.asked == []
        assert [job.images for job in backend.jobs] == [tuple(each for each in images if ":" not in each)]


def test_when_none_can_be_had_each_is_told_with_its_reason(run, engine):
    backend = Containers(end_of=lambda job, number: ImageError(f"none can be had: {' '.join(job.images)}"))
    with pytest.raises(RunFailed) as caught:
        run(backend, "oras://a", "first", "second")
    message = str(caught.value)
    assert "none can be had: first second" in message
    assert "\n  `oras://a`: `oras://` is not supported" in message
    (end,) = engine.of(CallEnded)
    assert end.failure == "image"


def test_a_job_whose_image_failed_names_those_that_were_passed_over(run):
    backend = Containers("first", end_of=lambda job, number: JobFailureKind.IMAGE)
    with pytest.raises(RunFailed, match="`oras://a`: `oras://` is not supported"):
        run(backend, "oras://a", "first")


def test_a_failure_of_another_kind_does_not_speak_of_images(run):
    backend = Containers("first", end_of=lambda job, number: 3)
    with pytest.raises(RunFailed) as caught:
        run(backend, "oras://a", "first")
    assert "oras" not in str(caught.value)


def test_where_none_is_run_the_task_fails_once_before_a_job_is_started(run, engine):
    backend = Containers()
    with pytest.raises(RunFailed) as caught:
        run(backend, "oras://a")
    (error,) = caught.value.failures
    assert str(error).startswith("task `t` failed: the backend `docker` does not run the container image `oras://a`")
    assert isinstance(error, EvaluationError)
    assert error.help is not None
    assert error.help.startswith("name an image that it runs")
    assert [label.source.text[label.start : label.end] for label in error.labels] == ["images"]
    (end,) = engine.of(CallEnded)
    assert end.failure == "image"
    assert backend.jobs == engine.of(AttemptCreated) == []


def test_an_image_from_outside_has_no_place_in_the_document(run, engine):
    engine.wrap = lambda _: Containers()
    with pytest.raises(RunFailed, match=r"`oras://a` \(given as `t.requirements.container`\)") as caught:
        engine(TASK, 'images=["x"]', "t.requirements.container=oras://a", target="t")
    (error,) = caught.value.failures
    assert isinstance(error, EvaluationError)
    assert error.labels == ()


def test_a_place_without_containers_ignores_images(run, engine):
    engine.images = None
    backend = StubBackend(lambda job, number: 0)
    assert run(backend, "oras://a", "") == {"image": None}
    assert run(backend, text=SILENT) == {"image": None}
    assert [job.images for job in backend.jobs] == [(), ()]
