"""Requirements given from outside."""

from pysprocket.engine.events import AttemptCreated


def resources_of(engine):
    return [(attempt.call_id, attempt.resources.cpu, attempt.resources.memory) for attempt in engine.of(AttemptCreated)]


def test_they_reach_every_item_of_a_scatter_and_tasks_of_sub_workflows(engine, tmp_path):
    (tmp_path / "sub.wdl").write_text(
        "version 1.2\ntask t { command <<< >>> requirements { cpu: 2 } }\n"
        "workflow sub { scatter (i in [1]) { call t } }\n"
    )
    engine(
        'import "sub.wdl"\ntask t { command <<< >>> }\n'
        "workflow w { scatter (i in [1, 2]) { if (i > 0) { call t call sub.sub } } }",
        "w.t.requirements.cpu=0.5",
        "w.sub.t.requirements.cpu=1",
        "w.sub.t.runtime.memory=1 GiB",
    )
    assert sorted(resources_of(engine)) == [
        ("sub-0/t-0", 1.0, 1 << 30),
        ("sub-1/t-0", 1.0, 1 << 30),
        ("t-0", 0.5, 2 << 30),
        ("t-1", 0.5, 2 << 30),
    ]


def test_they_replace_what_the_document_says_under_another_name_and_do_not_need_its_value(engine):
    engine(
        'task t { command <<< >>> runtime { memory: "~{1 / 0} GiB" docker: "a" container: "b" maxRetries: 3 } }',
        "t.requirements.memory=3 GiB",
        "t.requirements.container=mine",
        "t.requirements.max_retries=0",
    )
    (attempt,) = engine.of(AttemptCreated)
    assert attempt.resources.memory == 3 << 30
