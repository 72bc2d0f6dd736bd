"""Which settings hold a secret: the one answer for all that shows, records or hands on settings.

In: data as TOML has it, by the keys as they are written. Out: the paths of secrets, which need no struct that describes
them; data without them; and, for messages about mistakes, what might be one though it stands in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pysprocket.config.problems import Keys
from pysprocket.config.secrets import REDACTED

_SOUNDS_SECRET = ["passw", "passph", "pasw", "pasph", "pwd", "secr", "token", "credential", "cookie", "authorization"]
_ENDS_SECRET = ("key", "keys")
_NAMES = ("password", "secret", "client_secret", "token", "access_key", "secret_access_key")
_TABLES = ("auth", "authentication", "login")
"""Tables that hold secrets; what is wrong in one may be a secret in the wrong place."""

_NO_SECRETS = frozenset({("run", "storage", "google", "auth", "access_key")})
"""What sounds like one: the name of a key, not the key."""

_NAMED = (("run", "backends"), ("check", "rules"))
"""Tables whose keys are names that users choose: these say nothing of what is below."""

_LOGIN = r"(?<![^\s\"'`])[^\s\"'`:/@]+:[^\s\"'`@/]+@(?!sha\d+:)(?=[\w\[])"
_WEB = ("http://", "https://")


def secrets_in(data: Any, keys: Keys = ()) -> Iterator[Keys]:
    """The paths of values that are secrets by the name of their key, or are URLs that let others in."""
    for path, value in leaves(data, keys):
        if is_secret(path, value):
            yield path


def is_secret(keys: Keys, value: Any) -> bool:
    """Whether a single value is one; a URL is none for its key, such as the `token` of OAuth."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    if isinstance(value, str):
        if "://" in value and _lets_in(value):
            return True
        if value.startswith(_WEB):
            return False
    return any(map(sounds_secret, _own(keys))) and keys not in _NO_SECRETS


def is_delicate(keys: Keys, value: Any) -> bool:
    """Whether a value must not be shown where a mistake is told: it may be a secret that is misspelt or misplaced."""
    return is_secret(keys, value) or any(map(_may_be_secret, _own(keys)))


@lru_cache(4096)
def sounds_secret(key: str | int) -> bool:
    """Whether a key is called like one of a secret."""
    name = str(key).lower()
    return name.endswith(_ENDS_SECRET) or any(part in name for part in _SOUNDS_SECRET)


@lru_cache(4096)
def _may_be_secret(key: str | int) -> bool:
    if isinstance(key, int):
        return False
    if sounds_secret(key) or key in _TABLES:
        return True
    from pysprocket.nearest import nearest  # noqa: PLC0415 - only for mistakes

    return bool(nearest(key, (*_NAMES, *_TABLES), alike=0.7)) and key != "insecure"


def _lets_in(text: str) -> bool:
    from pysprocket.source.uris import lets_in  # noqa: PLC0415 - only where there are URLs

    return lets_in(text.replace(REDACTED, ""))


def leaves(data: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """All single values, but not where a secret is to be found: `{ env = … }` and `{ file = … }` are none."""
    if isinstance(data, Mapping):
        if not (data and data.keys() <= {"env", "file"} and keys and sounds_secret(keys[-1])):
            for key, value in data.items():
                yield from leaves(value, (*keys, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from leaves(value, (*keys, place))
    else:
        yield keys, data


def _own(keys: Keys) -> Keys:
    """The keys whose names say what is below."""
    return (*keys[:2], *keys[3:]) if keys[:2] in _NAMED else keys


def without(data: Any, keys: Keys = ()) -> Any:
    """Data with a word in place of each secret; in a URL in place of what lets others in."""
    if isinstance(data, Mapping):
        if not any(True for _ in leaves(data, keys)):
            return data
        return {key: without(value, (*keys, key)) for key, value in data.items()}
    if isinstance(data, list):
        return [without(value, (*keys, place)) for place, value in enumerate(data)]
    if not is_secret(keys, data):
        return data
    if isinstance(data, str) and "://" in data and not any(map(sounds_secret, _own(keys))):
        from pysprocket.source.uris import with_word  # noqa: PLC0415 - only where there are URLs

        return with_word(data, REDACTED)
    return REDACTED


def stripped(text: str) -> str:
    """A text whose URLs let nobody in."""
    from pysprocket.source.uris import with_word  # noqa: PLC0415 - only where there are URLs

    return with_word(text, "").replace("://@", "://")


def said_without(text: str) -> str:
    """A message in which no login before an `@` is shown, with or without a scheme before it."""
    from pysprocket.source.uris import without_secrets  # noqa: PLC0415 - only for mistakes

    return re.sub(_LOGIN, f"{REDACTED}@", without_secrets(text)) if "@" in text or "://" in text else text


def login_masked(text: str) -> str:
    """A text of the same length in which `*` stand for logins and signatures, with or without a scheme."""
    from pysprocket.source.uris import with_secrets_masked  # noqa: PLC0415 - only for mistakes

    return re.sub(_LOGIN, lambda found: "*" * (len(found[0]) - 1) + "@", with_secrets_masked(text))
