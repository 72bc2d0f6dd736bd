"""Backends of other packages: how they are made, and that their mistakes are theirs alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pysprocket.backends.job import Backend, FailureKind, Job, JobId, JobState, Limits
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.backends.registry import create
from pysprocket.config.backend_settings import Local
from pysprocket.config.plugins import settings_of
from pysprocket.errors import BackendError, ConfigError
from tests.config.test_plugins import Install, install  # noqa: F401 - a fixture

CODE = """
import asyncio, os, subprocess
from pathlib import Path
from pysprocket.plugin import *

class Sun(BackendSettings, frozen=True):
    rays: int = 3

class SunBackend(BackendBase[Sun]):
    name, Settings, running, most = "sun", Sun, 0, 0

    async def submit(self, job: Job) -> JobId:
        self.running += 1
        self.most = max(self.most, self.running)
        with (Path.home() / "running").open("a") as log:
            log.write(f"{self.running}\\n")
        with (job.directory / "stdout").open("w") as out, (job.directory / "stderr").open("w") as err:
            self.done = subprocess.run([job.shell, job.directory / "command"], stdout=out, stderr=err,
                                       cwd=job.directory / "work", env=os.environ | job.environment)
        return JobId(job.name, "1", str(job.directory))

    async def wait(self, job_id: JobId) -> Result:
        wanted = int(os.environ.get("AT_ONCE", 0))
        async with asyncio.timeout(20):
            while self.most < wanted:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.05)
        self.running -= 1
        return result_of(job_id, None, 0)

    async def cancel(self, job_id: JobId) -> None: ...
"""
SUBJECT = "the backend `sun` of the package `sun_package 1.0`"
JOB = Job("a", Path("/nowhere"))
ID = JobId("a", "1", "/nowhere")


def made(install: Install, method: str = "", body: str = "", **arguments: Any) -> Backend:  # noqa: F811
    """A backend with a method of its own."""
    code = CODE
    if method:
        header = "def" if method in {"limits", "__init__"} else "async def"
        code += f"\n    {header} {method}(self, *given, **named):\n        {body}\n"
    install("sun_package", code, sun="SunBackend")
    struct = settings_of("sun")
    assert struct is not None
    return create("sun", struct(), **arguments)


async def asked(backend: Backend, method: str) -> Any:
    """What a method gives, to arguments that it may have."""
    given = {"submit": (JOB,), "resolve_image": (("an",),), "__aexit__": (None, None, None)}
    answer = getattr(backend, method)(*given.get(method, () if method in {"limits", "__aenter__"} else (ID,)))
    return await answer if asyncio.iscoroutine(answer) else answer


async def blamed(backend: Backend, method: str) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await asked(backend, method)
    assert not caught.value.transient
    return caught.value


# --- making -------------------------------------------------------------------------------------------------


async def test_it_is_made_with_its_settings_and_told_whom_to_notify(install: Install):  # noqa: F811
    told: list[Any] = []
    body = "self.tell('job', JobState.RUNNING, f'{self.settings.rays} rays'); self.warn('job', 'cloudy')"
    backend = made(install, "cancel", body, notify=lambda *words: told.append(words))
    async with backend as entered:
        await entered.cancel(ID)
    assert (backend.name, backend.guest_root, backend.detaches, backend.limits()) == ("sun", None, False, Limits())
    assert told == [("job", JobState.RUNNING, "3 rays"), ("job", None, "cloudy")]


async def test_the_base_answers_what_a_small_backend_does_not(install: Install, tmp_path: Path):  # noqa: F811
    backend = made(install)
    (tmp_path / "note").touch()
    assert await backend.withdraw(ID) is False
    assert await backend.resolve_image(("an image",)) is None
    await backend.forget(JobId("a", "", str(tmp_path)))
    assert (tmp_path / "note").exists()


def test_a_setting_that_its_constructor_refuses_is_the_users_mistake(install: Install):  # noqa: F811
    with pytest.raises(ConfigError, match=r"^settings of the backend `sun` do not fit: rays are even$"):
        made(install, "__init__", "raise ValueError('rays are even')")


@pytest.mark.parametrize("body", ["given[7]", "import sys; sys.exit('no sun')", "self.clouds"])
def test_a_constructor_that_fails_is_told_with_its_package(install: Install, body: str):  # noqa: F811
    with pytest.raises(ConfigError) as caught:
        made(install, "__init__", body)
    assert str(caught.value).startswith(f"{SUBJECT} cannot be used: ")
    assert "(sun_package.py:34)" in str(caught.value)
    assert caught.value.shows_cause
    assert "report it to its authors" in (caught.value.help or "")


def test_what_it_lacks_is_named(install: Install):  # noqa: F811
    code = CODE.replace("BackendBase[Sun]", "Bare").replace("class Sun(", "class Bare:\n" + BARE + "class Sun(")
    install("sun_package", code, sun="SunBackend")
    struct = settings_of("sun")
    assert struct is not None
    with pytest.raises(ConfigError, match=r"it has no `limits`, `withdraw`, `resolve_image`, `forget`"):
        create("sun", struct())


BARE = """    guest_root = None
    def __init__(self, settings, *, notify): ...
    async def __aenter__(self): ...
    async def __aexit__(self, *error): ...

"""


def test_a_backend_without_a_name_is_refused(install: Install):  # noqa: F811
    install("sun_package", CODE.replace("name, Settings", "nickname, Settings"), sun="SunBackend")
    struct = settings_of("sun")
    assert struct is not None
    with pytest.raises(ConfigError, match="cannot be used: it has no `name`"):
        create("sun", struct())


def test_a_method_that_nobody_has_written_is_named(install: Install):  # noqa: F811
    install("sun_package", CODE.replace("async def cancel", "async def cansel"), sun="SunBackend")
    struct = settings_of("sun")
    assert struct is not None
    with pytest.raises(ConfigError, match=r"1.0` cannot be used: it has no `cancel`"):
        create("sun", struct())


def test_a_type_that_sprocket_has_itself_stays_its_own(install: Install):  # noqa: F811
    install("sun_package", CODE, local="SunBackend", tes="SunBackend")
    assert create("local", Local()).limits().cpu is not None
    with pytest.raises(ConfigError, match="there is no backend of type `tes` yet"):
        create("tes", Local())


def test_its_type_is_suggested_and_one_that_is_broken_is_not(install: Install, tmp_path: Path):  # noqa: F811
    install("sun_package", CODE, sun="SunBackend", moon="Nobody")
    said = sprocket(tmp_path, "run", "week.wdl", "-b", "sum").stderr
    assert "did you mean `sun`?" in said
    said = sprocket(tmp_path, "run", "week.wdl", "-b", "kubernetes").stderr
    assert "`sun`" in said
    assert "`moon`" not in said


@pytest.mark.parametrize("command", ["backends", "check"])
def test_one_that_is_not_used_is_warned_of(install: Install, tmp_path: Path, command: str):  # noqa: F811
    install("sun_package", CODE, local="SunBackend")
    said = " ".join(sprocket(tmp_path, "config", command).stderr.split())
    assert "the backend `local` of the package `sun_package 1.0` is not used: sprocket has its own of that type" in said


# --- mistakes -----------------------------------------------------------------------------------------------


METHODS = ["__aenter__", "__aexit__", "limits", "submit", "wait", "cancel", "withdraw", "resolve_image", "forget"]


@pytest.mark.parametrize("method", METHODS)
async def test_an_exception_of_a_method_is_a_backend_error_that_names_it(install: Install, method: str):  # noqa: F811
    error = await blamed(made(install, method, "{}['sun']"), method)
    assert str(error) == f"{SUBJECT} failed in `{method}`: KeyError: 'sun' (sun_package.py:34)"
    assert error.shows_cause
    assert isinstance(error.__cause__, KeyError)


@pytest.mark.parametrize(
    ("method", "body", "said"),
    [
        ("submit", "return 4", "TypeError: it gives 4, not a `JobId`"),
        ("wait", "return 'well'", "TypeError: it gives 'well', not a `Result`"),
        ("submit", "return JobId('a', 4, 'b')", "ValidationError: Expected `str`, got `int` - at `$.native`"),
        ("wait", "return None", "TypeError: it gives None, not a `Result`"),
        ("wait", "return Result('0', 'out', 'err', 'work')", "Expected `int | null`, got `str` - at `$.exit_code`"),
        ("wait", "return Result(None, 'out', 'err', 'work')", "neither an exit code nor a failure"),
        ("limits", "return 8", "TypeError: it gives 8, not a `Limits`"),
        ("cancel", "import sys; sys.exit(3)", "SystemExit: 3"),
        ("wait", "asyncio.current_task(); raise asyncio.CancelledError", "CancelledError"),
    ],
)
async def test_what_a_method_must_not_give_is_its_mistake(
    install: Install,  # noqa: F811
    method: str,
    body: str,
    said: str,
):
    error = await blamed(made(install, method, body), method)
    assert str(error).startswith(f"{SUBJECT} failed in `{method}`: ")
    assert said in str(error)
    assert "guarded.py" not in str(error)


async def test_an_error_that_is_meant_passes(install: Install):  # noqa: F811
    backend = made(install, "submit", "raise BackendError('the sun is down', help='wait', transient=True)")
    with pytest.raises(BackendError, match=r"^the sun is down$") as caught:
        await backend.submit(JOB)
    assert (caught.value.transient, caught.value.help, caught.value.shows_cause) == (True, "wait", False)


async def test_being_cancelled_is_no_mistake(install: Install):  # noqa: F811
    waiting = asyncio.create_task(made(install, "wait", "await asyncio.sleep(60)").wait(ID))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_the_traceback_is_told_to_who_wants_details(install: Install):  # noqa: F811
    details: list[str] = []
    error = await blamed(made(install, "forget", "{}['sun']", detail=details.append), "forget")
    assert not error.shows_cause
    assert len(details) == 1
    assert details[0].startswith("Traceback")
    assert details[0].endswith("KeyError: 'sun'")


async def test_a_mistake_on_leaving_is_a_warning(install: Install):  # noqa: F811
    told: list[Any] = []
    async with made(install, "__aexit__", "{}['sun']", notify=lambda *words: told.append(words)) as backend:
        assert backend.limits() == Limits()
    assert told == [("sun", None, f"{SUBJECT} failed in `__aexit__`: KeyError: 'sun' (sun_package.py:34)")]


async def test_a_mistake_of_a_backend_of_ours_is_a_bug_and_fails_one_job(monkeypatch: pytest.MonkeyPatch):
    async def submit(self: LocalBackend, job: Job) -> JobId:
        raise IndexError("too far")

    monkeypatch.setattr(LocalBackend, "submit", submit)
    error = await blamed(create("local", Local()), "submit")
    assert str(error).startswith(
        "this is a bug in sprocket: the backend `local` failed in `submit`: IndexError: too far"
    )
    assert "-vv" in (error.help or "")


# --- in a run -----------------------------------------------------------------------------------------------

WORKFLOW = """version 1.2

task shine {
    input { Int day }
    command <<< echo ~{day} >>>
    output { Int out = read_int(stdout()) }
}

workflow week {
    scatter (day in [1, 2, 3, 4, 5]) {
        call shine { day }
    }
    output { Array[Int] days = shine.out }
}
"""


def sprocket(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "week.wdl").write_text(WORKFLOW)
    return subprocess.run(
        [Path(sys.executable).with_name("sprocket"), *words],
        cwd=folder,
        env={name: os.environ[name] for name in ("PATH", "AT_ONCE") if name in os.environ}
        | {"HOME": str(folder), "PYTHONPATH": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_run_obeys_its_scatter_concurrency(
    install: Install,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    install("sun_package", CODE, sun="SunBackend")
    for most in (5, 2):
        (tmp_path / "running").unlink(missing_ok=True)
        setting = f"run.backends.sky={{type='sun', max_scatter_concurrency={most}}}"
        monkeypatch.setenv("AT_ONCE", str(most))
        completed = sprocket(tmp_path, "--set", setting, "run", "week.wdl", "-b", "sky", "-t", "week")
        assert completed.returncode == 0, completed.stderr
        assert max(map(int, (tmp_path / "running").read_text().split())) == most


@pytest.mark.parametrize(("method", "flags"), [("submit", []), ("wait", []), ("wait", ["-vv"]), ("submit", ["-q"])])
def test_a_mistake_fails_the_task_and_the_run_ends_in_order(
    install: Install,  # noqa: F811
    tmp_path: Path,
    method: str,
    flags: list[str],
):
    install("sun_package", CODE + f"\n    async def {method}(self, *given):\n        {{}}['sun']\n", sun="SunBackend")
    completed = sprocket(tmp_path, *flags, "run", "week.wdl", "-t", "shine", "day=1", "-b", "sun")
    assert completed.returncode == 1
    said = " ".join(completed.stderr.split())
    assert f"task `shine` failed: {SUBJECT} failed in `{method}`: KeyError: 'sun' (sun_package.py:34)" in said
    assert "kind backend, attempt 0" in said
    assert "bug in sprocket" not in said
    log = (tmp_path / "out/runs/shine/_latest/output.log").read_text()
    assert ("Traceback" in completed.stderr, "Traceback" in log) == ((True, True) if "-vv" in flags else (False, False))
    assert FailureKind.BACKEND in sprocket(tmp_path, "runs", "show").stdout


@pytest.mark.parametrize("flags", [[], ["-vv"]])
def test_a_package_that_cannot_be_imported_is_no_traceback_unless_wanted(
    install: Install,  # noqa: F811
    tmp_path: Path,
    flags: list[str],
):
    install("sun_package", "import nowhere_at_all", sun="SunBackend")
    completed = sprocket(tmp_path, *flags, "run", "week.wdl", "-t", "shine", "day=1", "-b", "sun")
    assert completed.returncode == 1
    said = " ".join(completed.stderr.split())
    assert f"error: {SUBJECT} cannot be used: No module named 'nowhere_at_all'" in said
    assert "pip uninstall sun_package" in said
    assert ("Traceback" in said) == bool(flags)


def test_a_run_on_a_backend_of_ours_does_not_look_for_packages(tmp_path: Path):
    (tmp_path / "week.wdl").write_text(WORKFLOW)
    (tmp_path / "sprocket.toml").write_text('[run.backends.default]\ntype = "local"\n')
    program = (
        "import sys\nfrom pysprocket.cli.main import main\n"
        "status = main(['run', 'week.wdl', '-t', 'shine', 'day=1', '--progress', 'none'])\n"
        "sys.exit(status or ('importlib.metadata' in sys.modules))"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (completed.returncode, completed.stderr) == (0, "")
