"""What was revealed is in nothing that is told."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from urllib.parse import quote

import pytest

from pysprocket.source.revealed import conceal, concealed, remember
from pysprocket.source.uris import without_secrets

WORD = "p/ss w&rd\u00fc+1"


@pytest.mark.parametrize("write", [str, quote, json.dumps, repr, lambda text: quote(text, safe="")])
def test_each_way_of_writing_it_is_found(write):
    assert concealed(f"no {write(WORD)}!") == f"no {write(WORD)}!"
    remember(WORD)
    assert write(WORD).strip("\"'") not in concealed(f"no {write(WORD)}!")
    assert "<REDACTED>" in without_secrets(f"no {write(WORD)}!")


@pytest.mark.parametrize("user", ["", "a", "me", "you", "them"])
def test_it_is_found_in_the_header_of_a_login(user):
    remember(WORD)
    header = b64encode(f"{user}:{WORD}".encode()).decode()
    shown = concealed(f"Basic {header}")
    assert "<REDACTED>" in shown
    assert len(re.sub("<REDACTED>", "", shown)) < len("Basic ") + len(b64encode(f"{user}:".encode())) + 4


def test_lines_of_a_key_are_found_and_short_words_are_not():
    remember("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nabc\n")
    remember("abc")
    assert concealed("MIIEvQIBADANBgkqhkiG9w0BAQEF abc") == "<REDACTED> abc"


def test_an_exception_and_what_it_came_from_lose_it():
    error = ValueError(f"no {WORD}")
    error.said = [WORD]  # type: ignore[attr-defined]
    error.__cause__ = KeyError(WORD)
    remember(WORD)
    conceal(error)
    assert str(error) == "no <REDACTED>"
    assert vars(error)["said"] == ["<REDACTED>"]
    assert str(error.__cause__) == "'<REDACTED>'"
