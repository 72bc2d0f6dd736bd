"""The guide about container images has the table of protocols, and its messages."""

from __future__ import annotations

import re
from pathlib import Path

from pysprocket.backends.protocols import KNOWN, PROTOCOLS, ImageSupport, split
from pysprocket.cli.main import main

GUIDE = (Path(__file__).parents[2] / "docs/guide/containers.md").read_text()


def test_the_table_is_that_of_the_program():
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in GUIDE.splitlines() if line[:1] == "|"]
    head, _, *rows = rows
    backends = [cell.strip("`") for cell in head[2:]]
    assert set(backends) == set(PROTOCOLS)
    told = {}
    for names, words, *cells in rows:
        protocol, _ = split(names.split(",")[0].strip("`"))
        assert words == KNOWN[protocol]
        told[protocol] = dict(zip(backends, cells, strict=True))
    wanted = {
        protocol: {
            backend: ("yes" if protocol in runs else "no") if runs else "ignored" for backend, runs in PROTOCOLS.items()
        }
        for protocol in KNOWN
    }
    assert told == wanted


def test_the_names_that_cannot_be_one_are_refused():
    for name in ("dokcer://ubuntu", "docker:ubuntu:22.04", "Ubuntu"):
        assert f"`{name}`" in GUIDE
        assert ImageSupport().flaw(name) is not None


def test_the_message_is_that_of_the_program(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    document = re.findall(r"```wdl\n(version.*?)```", GUIDE, re.DOTALL)
    Path("align.wdl").write_text(*document)
    ((command, shown),) = re.findall(r"```console\n\$ sprocket (.*?)\n(.*?)```", GUIDE, re.DOTALL)
    assert main([*command.split(), "--dry-run", "--backend", "docker"]) == 1
    assert capfd.readouterr().err.strip() == shown.strip()
