"""What tests of runs share: a run of a document on the real local backend, its events and its directory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pysprocket.backends.job import Backend
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.backends.protocols import ImageSupport
from pysprocket.config.backend_settings import Local
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.driver import Run
from pysprocket.engine.events import Event
from pysprocket.engine.release import Releaser
from pysprocket.engine.requirements import Terms
from pysprocket.engine.retries import RetryPolicy
from pysprocket.engine.services import Services
from pysprocket.plan.arguments import parse_arguments
from pysprocket.plan.inputs import bind_inputs
from pysprocket.plan.targets import infer_target
from pysprocket.types.loader import load
from pysprocket.values.json import to_json


class Engine:
    """Runs documents below a directory; `events` are those of the last run.

    Attributes:
        while_running: awaited beside the run, with the `Run`.
        durable: what `Services.durable` does.
        wrap: what stands between the engine and the backend.
        policy: of retrying.
        images: which images the backend runs; None where jobs have none.
        version: of WDL.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "run"
        self.events: list[Event] = []
        self.while_running: Callable[[Run], Awaitable[None]] | None = None
        self.durable: Callable[[], Awaitable[None]] = _at_once
        self.wrap: Callable[[Any], Any] = lambda backend: backend
        self.policy = RetryPolicy()
        self.images: ImageSupport | None = None
        self.version = "1.2"
        self._documents = directory

    def __call__(self, text: str, *arguments: str, target: str | None = None, **options: Any) -> dict[str, Any]:
        """The outputs of a run as JSON data; raises what `Run.execute` raises."""
        document = self._documents / "main.wdl"
        document.write_text(f"version {self.version}\n{text}")
        library = load(str(document))
        assert not library.has_errors, library.diagnostics
        given = parse_arguments(arguments, target, self._documents)
        chosen = infer_target(library.root, target, given)
        return asyncio.run(self._run(chosen, bind_inputs(chosen, given), options))

    async def _run(self, target: Any, inputs: Any, options: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.timeout(60), LocalBackend(Local(cpu=2, memory="64 GiB"), grace=1) as local:
            backend: Backend = self.wrap(local)
            release = Releaser(backend, self.durable, self.events.append)
            services = Services(
                "r",
                backend,
                self.events.append,
                self.durable,
                release,
                terms=Terms(backend.limits(), containers=self.images),
                retry=self.policy,
            )
            run = Run(services, RunDirectory(self._documents, self.directory), target, inputs, **options)
            async with release:
                beside = asyncio.ensure_future(self.while_running(run)) if self.while_running else None
                try:
                    outputs = await run.execute()
                finally:
                    if beside is not None:
                        await beside
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, "the driver awaits all it has started"
        return {name: to_json(value) for name, value in outputs.items()}

    def of(self, *kinds: type) -> list[Any]:
        """The events of some kinds, in order."""
        return [event for event in self.events if isinstance(event, kinds)]


async def _at_once() -> None:
    """Everything is safe already."""


class Between(NamedTuple):
    """A backend with some of its verbs replaced."""

    backend: Any
    verbs: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.verbs.get(name) or getattr(self.backend, name)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)
