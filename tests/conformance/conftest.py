"""Fixtures of the conformance suites."""

from __future__ import annotations

from tests.integration.docker_fixture import docker_host

__all__ = ["docker_host"]
