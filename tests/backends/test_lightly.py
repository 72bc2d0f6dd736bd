"""aiohttp is imported without certificates, aiodocker without metadata, and nothing else is affected."""

import importlib.metadata
import ssl
import sys

import pytest

from pysprocket.backends.lightly import lightly


def test_certificates_are_left_out_in_the_block_only():
    with lightly():
        assert not ssl.create_default_context().get_ca_certs()
    usual = ssl.SSLContext.set_default_verify_paths
    assert usual.__name__ == "set_default_verify_paths"
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


def test_metadata_is_left_out_in_the_block_only(monkeypatch):
    monkeypatch.delitem(sys.modules, "importlib.metadata")
    with lightly():
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - what aiodocker does

        with pytest.raises(PackageNotFoundError):
            version("msgspec")
    assert "importlib.metadata" not in sys.modules


def test_metadata_that_is_loaded_already_is_left_alone():
    with lightly():
        assert sys.modules["importlib.metadata"] is importlib.metadata
