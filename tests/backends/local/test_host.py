"""What this machine gives to this process."""

from __future__ import annotations

import os

from pysprocket.backends.local import host


def test_processors_are_those_of_the_affinity_mask():
    everything = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everything)})
    try:
        assert 0 < host.available_cpu() <= 1
    finally:
        os.sched_setaffinity(0, everything)
    assert 0 < host.available_cpu() <= len(everything)


def test_a_quota_of_version_2_limits_processors_and_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "_CGROUPS", tmp_path)
    monkeypatch.setattr(host, "_group", lambda controller: "" if controller else "/outer/inner")
    (tmp_path / "outer" / "inner").mkdir(parents=True)
    (tmp_path / "outer" / "inner" / "cpu.max").write_text("max 100000\n")
    (tmp_path / "outer" / "cpu.max").write_text("50000 100000\n")
    (tmp_path / "outer" / "inner" / "memory.max").write_text("1048576\n")
    (tmp_path / "outer" / "memory.max").write_text("max\n")
    assert host.available_cpu() == 0.5
    assert host.available_memory() == 1 << 20


def test_a_quota_of_version_1_limits_processors_and_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "_CGROUPS", tmp_path)
    monkeypatch.setattr(host, "_group", lambda controller: f"/{controller}-group")
    cpu, memory = tmp_path / "cpu" / "cpu-group", tmp_path / "memory"
    cpu.mkdir(parents=True)
    memory.mkdir()
    (cpu / "cpu.cfs_quota_us").write_text("25000\n")
    (cpu / "cpu.cfs_period_us").write_text("100000\n")
    (memory / "memory.limit_in_bytes").write_text("2097152\n")
    assert host.available_cpu() == 0.25
    assert host.available_memory() == 2 << 20


def test_without_control_groups_the_machine_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "_CGROUPS", tmp_path)
    assert host.available_cpu() == len(os.sched_getaffinity(0))
    assert host.available_memory() == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
