"""Which backend a run uses."""

import pytest

from pysprocket.config import ChosenBackend, Config, choose_backend
from pysprocket.config.backend_settings import Docker, Local
from pysprocket.config.settings import BackendEntry, Run
from pysprocket.errors import ConfigError


def config(backend: str | None = None, **entries: BackendEntry) -> Config:
    return Config(run=Run(backend=backend, backends=entries))


LOCAL = BackendEntry("local", Local(cpu=2))
DOCKER = BackendEntry("docker", Docker())


def test_without_configuration_docker_is_used():
    assert choose_backend(Config()) == ChosenBackend("docker", "docker", Docker())
    assert choose_backend(config("default")) == ChosenBackend("default", "docker", Docker())


def test_the_configuration_chooses_and_the_command_line_overrules_it():
    both = config("l", l=LOCAL, d=DOCKER)
    assert choose_backend(both) == ChosenBackend("l", "local", Local(cpu=2))
    assert choose_backend(both, "d") == ChosenBackend("d", "docker", Docker())
    assert both.run.backends["l"] == LOCAL


def test_a_single_entry_called_default_needs_no_choice():
    assert choose_backend(config(default=LOCAL)) == ChosenBackend("default", "local", Local(cpu=2))


def test_several_entries_need_a_choice_even_when_one_is_called_default():
    assert "there are `default`, `d`" in str(refused(config(default=LOCAL, d=DOCKER)))


def test_a_type_without_settings_is_a_name_unless_an_entry_has_it():
    assert choose_backend(Config(), "local") == ChosenBackend("local", "local", Local())
    assert choose_backend(config(l=LOCAL), "docker") == ChosenBackend("docker", "docker", Docker())
    assert choose_backend(config(docker=LOCAL), "docker") == ChosenBackend("docker", "local", Local(cpu=2))


def refused(settings: Config, name: str | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        choose_backend(settings, name)
    return caught.value


def test_entries_without_a_default_need_a_choice():
    error = refused(config(cluster=LOCAL))
    assert str(error) == "the configuration does not say which backend to use; there is `cluster`"
    assert error.help == 'set `run.backend = "cluster"` or give `--backend cluster`'
    assert "there are `a`, `b`" in str(refused(config(a=LOCAL, b=DOCKER)))


ALL = "choose one of `a`, `docker`, `local`"


def test_an_unknown_name_gets_a_suggestion():
    error = refused(config("clutser", cluster=LOCAL))
    assert (str(error), error.help) == ("there is no backend named `clutser`", "did you mean `cluster`?")
    assert refused(config(a=LOCAL), "tes").help == ALL
    assert refused(config(a=LOCAL), "slurm_aptainer").help == ALL
    assert refused(config(a=LOCAL), "default").help == ALL
