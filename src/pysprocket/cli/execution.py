"""A run from its order to its end.

In: an `Order`. Out: what it gave. A workflow that calls no task is evaluated here; for everything else `cli.calls` is
imported, with a backend and asyncio, which take longer to import than most such workflows take to run.
"""

from __future__ import annotations

from collections.abc import Sequence

from pysprocket.cli.orders import Finished, Order, begun, leave, recorded, tidy, with_files
from pysprocket.cli.signals import interruptible
from pysprocket.engine.emitter import Emitter
from pysprocket.engine.events import Listener
from pysprocket.engine.names import random_uuid, run_name
from pysprocket.types.typed import TypedWorkflow


def execute(order: Order, listeners: Sequence[Listener]) -> Finished:
    """Run, record, and leave the outputs on disk.

    Raises:
        SprocketError: whatever stopped it.
    """
    resumed = order.resumed
    emitter = (
        Emitter(random_uuid(), run_name(), listeners)
        if resumed is None
        else Emitter(resumed.run_id, resumed.name, listeners)
    )
    target = order.target
    if isinstance(target, TypedWorkflow) and not target.calls_tasks:
        return _evaluate(order, target, emitter)
    from pysprocket.cli.calls import run_calls  # noqa: PLC0415 - only for tasks

    return run_calls(order, emitter)


def _evaluate(order: Order, workflow: TypedWorkflow, emitter: Emitter) -> Finished:
    from pysprocket.engine.evaluation import evaluate_workflow  # noqa: PLC0415 - only without tasks

    with recorded(order, emitter) as (recorder, directory):
        downloads = order.downloads(directory, emitter)
        order = with_files(order, directory, downloads)
        with interruptible(), begun(order, emitter, recorder, directory, "local") as completed:
            outputs = evaluate_workflow(workflow, order.inputs, directory, downloads)
            finished = leave(order, emitter, directory, outputs)
            completed(finished)
        tidy(order, emitter, directory, finished)
    return finished
