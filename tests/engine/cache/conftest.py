"""What tests of the call cache share: calls of tasks as the engine makes them, one by one."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pysprocket.backends.job import Result
from pysprocket.backends.protocols import ImageSupport
from pysprocket.config.settings import Task as Settings
from pysprocket.engine.cache.call_cache import Begun, Cached, CallCache
from pysprocket.engine.contexts import OutputContext, TaskContext
from pysprocket.engine.machine import Call
from pysprocket.engine.paths import PathMap
from pysprocket.engine.preparation import Preparation
from pysprocket.engine.requirements import Terms
from pysprocket.plan.arguments import parse_arguments
from pysprocket.plan.inputs import bind_inputs
from pysprocket.types.loader import load
from pysprocket.values.compile import compile_task, evaluate
from pysprocket.values.json import to_json
from pysprocket.values.model import map_paths
from pysprocket.values.scope import Scope


class Place:
    """A backend as far as the cache asks it; `digest` is that of every image, or an error."""

    def __init__(self, guest_root: str | None = None, digest: str | Exception = "sha256:1") -> None:
        self.guest_root = guest_root
        self.digest = digest

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str]:
        if isinstance(self.digest, Exception):
            raise self.digest
        return images[0], self.digest


class Answer(msgspec.Struct):
    """How a call went: whether its result was cached, why not, its outputs as JSON data, its attempt directory."""

    hit: bool
    reason: str
    outputs: dict[str, Any]
    directory: Path
    exit_code: int
    origin: str = ""


class Caller:
    """Makes calls below a directory, each in a run of its own; what the cache tells is in `told` and `remarks`.

    With `resumed` the process that began them dies before they end, and what that does happens then.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = Settings(cache="on", cache_dir=str(directory / "cache"))
        self.place = Place()
        self.told: list[str] = []
        self.remarks: list[str] = []
        self.meanwhile: Callable[[Path], None] = lambda _: None
        self.resumed: Callable[[], None] | None = None
        self._count = 0

    def __call__(
        self,
        text: str,
        *arguments: str,
        version: str = "1.3",
        document: str = "main.wdl",
        call_id: str = "t",
        attempt: int = 0,
        **settings: Any,
    ) -> Answer:
        """Call the task `t` of a document."""
        path = self.directory / document
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"version {version}\n{text}")
        library = load(str(path))
        assert not library.has_errors, library.diagnostics
        task = library.root.tasks["t"]
        given = bind_inputs(task, parse_arguments(arguments, "t", self.directory))
        call = Call(call_id, call_id, task, given.values)
        return asyncio.run(self._call(call, attempt, msgspec.structs.replace(self.settings, **settings)))

    async def _call(self, call: Call, number: int, settings: Settings) -> Answer:
        self._count += 1
        directory = self.directory / f"run-{self._count}" / "call"
        attempt = directory / "attempts" / str(number)
        (attempt / "work").mkdir(parents=True, exist_ok=True)
        paths = PathMap(self.place.guest_root)
        context = TaskContext(call.task.document, directory / "tmp", paths)
        preparation = Preparation(
            call, context, {}, Terms(containers=None if self.place.guest_root is None else ImageSupport())
        )
        scope = preparation.bind()
        grant = preparation.grant(scope, 0)
        name = f"run-{self._count}"
        backend: Any = self.place
        async with CallCache(settings, backend, f"id-{name}", name, self.told.append, self.remarks.append) as cache:
            asked = call.id, call.task, scope, context, grant.requirements
            answer = await cache.take(*asked, attempt)
            if isinstance(answer, Cached):
                outputs = {key: to_json(value) for key, value in answer.outputs.items()}
                return Answer(True, "", outputs, attempt, answer.exit_code, answer.origin.name)
            paths.enter_attempt(attempt)
            (attempt / "command").write_text(evaluate(compile_task(call.task).command, scope, context))
            begun = cache.begin(answer, attempt, begun_before=False)
            if self.resumed is not None:
                self.resumed()
                answer = await cache.miss(*asked)
                begun = cache.begin(answer, attempt, begun_before=True)
            ended = self._run(cache, begun, call, scope, paths, attempt)
            return Answer(False, answer.reason, *ended)

    def _run(
        self, cache: CallCache, begun: Begun | None, call: Call, scope: Scope, paths: PathMap, attempt: Path
    ) -> tuple[dict[str, Any], Path, int]:
        began = time.time()
        with (attempt / "stdout").open("wb") as out, (attempt / "stderr").open("wb") as err:
            ended = subprocess.run(["bash", "../command"], cwd=attempt / "work", stdout=out, stderr=err, check=False)
        self.meanwhile(attempt)
        out_, err_, work = (str(attempt / name) for name in ("stdout", "stderr", "work"))
        result = Result(ended.returncode, out_, err_, work, started=began, ended=time.time())
        context = OutputContext(call.task.document, attempt.parent.parent / "tmp", paths, attempt)
        inner = Scope(scope)
        for step in compile_task(call.task).outputs:
            assert step.function is not None
            inner[step.name] = evaluate(step.function, inner, context)
        outputs = {name: map_paths(inner[name], paths.host_value) for name in call.task.outputs}
        if begun is not None:
            cache.store(begun, attempt, result, outputs)
        return {name: to_json(value) for name, value in outputs.items()}, attempt, ended.returncode


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path)
