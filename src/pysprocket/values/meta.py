"""The value of the `task` variable.

In: a task, and what the engine grants it. Out: `TaskVariable`, which the engine puts into the scope as `task` and
replaces as more is known. Source: WDL specification 1.2 and 1.3, "Runtime Access to Requirements, Hints, and Metadata".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pysprocket.syntax import nodes
from pysprocket.types.typed import TypedTask
from pysprocket.values.json import plain_value
from pysprocket.values.model import Object, Value

_REMEMBERED = ("memory", "cpu", "container", "gpu", "fpga", "disks", "max_retries")


class Granted(Protocol):
    """What an attempt gets: processors, bytes of memory, number of GPUs, an FPGA or not, bytes by mount point."""

    @property
    def cpu(self) -> float: ...  # noqa: D102
    @property
    def memory(self) -> int: ...  # noqa: D102
    @property
    def gpu(self) -> int: ...  # noqa: D102
    @property
    def fpga(self) -> bool: ...  # noqa: D102
    @property
    def disks(self) -> Mapping[str, int]: ...  # noqa: D102


class TaskVariable(dict[str, Value]):
    """The members of `task` that are known; each method gives a new one that knows more."""

    __slots__ = ()

    @classmethod
    def before(cls, task: TypedTask, id_: str, attempt: int, previous: TaskVariable | None) -> TaskVariable:
        """What is known before the requirements are.

        Args:
            task: the task.
            id_: the identifier of the call.
            attempt: the number of the attempt, from 0.
            previous: the variable of the attempt before, None on the first.
        """
        known: Mapping[str, Value] = previous or {}
        return cls(
            name=task.name,
            id=id_,
            attempt=attempt,
            previous=cls({member: known.get(member) for member in _REMEMBERED}),
            meta=_section(task.node.meta),
            parameter_meta=_section(task.node.parameter_meta),
            ext=Object(),
        )

    def granted(self, resources: Granted, container: str | None, max_retries: int) -> TaskVariable:
        """With what the attempt gets; `end_time` is 0, there is none."""
        return TaskVariable(
            self,
            container=container,
            cpu=float(resources.cpu),
            memory=resources.memory,
            gpu=[str(number) for number in range(resources.gpu)],
            fpga=["0"] if resources.fpga else [],
            disks=dict(resources.disks),
            max_retries=max_retries,
            end_time=0,
        )

    def ended(self, return_code: int) -> TaskVariable:
        """With the exit code of the command, for the output section."""
        return TaskVariable(self, return_code=return_code)


def _section(section: nodes.MetaSection | None) -> Value:
    if section is None:
        return Object()
    return plain_value({entry.name.name: entry.value for entry in section.entries})
