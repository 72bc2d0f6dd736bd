"""The calls of sub-workflows: told when they begin and end, and left on disk.

In: what the machine says of them. Out: `CallStarted` and `CallEnded`, and the inputs and outputs in their directories.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress

from pysprocket.clock import now
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.evaluation import encoded, write_call, write_outputs
from pysprocket.engine.events import CallEnded, CallStarted, Status
from pysprocket.engine.frames import SubworkflowEnd, SubworkflowStart
from pysprocket.engine.services import Services
from pysprocket.errors import OutputDirectoryError


class Subworkflows:
    """The calls of sub-workflows of a run; it knows those that are under way."""

    def __init__(self, services: Services, directory: RunDirectory) -> None:
        self._services = services
        self._directory = directory
        self._under_way: dict[str, SubworkflowStart] = {}

    def tell(self, moves: Iterable[SubworkflowStart | SubworkflowEnd]) -> None:
        """Tell what has happened.

        Raises:
            OutputDirectoryError: the inputs or outputs cannot be written.
        """
        for move in moves:
            if isinstance(move, SubworkflowStart):
                self._begin(move)
            else:
                self._end(move)

    def close(self, failed: Collection[str], *, recorded: bool) -> None:
        """Leave the inputs of those that have not ended.

        Args:
            failed: the ids of calls that failed: the sub-workflows around them failed too, the others were stopped.
            recorded: whether their end is told; else somebody goes on with them.
        """
        for start in self._under_way.values():
            with suppress(OutputDirectoryError):  # what stopped the run is what the user has to know
                write_call(self._directory.call(start.id), start.inputs)
            if recorded:
                has_failed = any(call.startswith(f"{start.id}/") for call in failed)
                status = Status.FAILED if has_failed else Status.CANCELED
                self._services.emit(CallEnded(now(), self._services.run_id, start.id, status))

    def _begin(self, start: SubworkflowStart) -> None:
        self._under_way[start.id] = start
        name, inputs = start.workflow.name, dict(start.inputs)
        self._services.emit(CallStarted(now(), self._services.run_id, start.id, name, "workflow", inputs))

    def _end(self, end: SubworkflowEnd) -> None:
        del self._under_way[end.id]
        directory = self._directory.call(end.id)
        write_call(directory, end.inputs)
        text = encoded(end.outputs)
        write_outputs(directory, text)
        services = self._services
        services.emit(
            CallEnded(now(), services.run_id, end.id, Status.COMPLETED, outputs=end.outputs, outputs_json=text)
        )
