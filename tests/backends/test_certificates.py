"""aiohttp is imported without certificates, and nothing else is affected."""

import ssl

from pysprocket.backends.certificates import none_loaded


def test_certificates_are_left_out_in_the_block_only():
    with none_loaded():
        assert not ssl.create_default_context().get_ca_certs()
    usual = ssl.SSLContext.set_default_verify_paths
    assert usual.__name__ == "set_default_verify_paths"
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
