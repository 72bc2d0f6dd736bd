"""What each diagnostic about settings means.

In: nothing. Out: `EXPLANATIONS`, one paragraph for each code; `source.codes` joins the tables of all rooms.
"""

from __future__ import annotations

EXPLANATIONS: dict[str, str] = {
    "ConflictingSettings": (
        "One setting is made twice in the same place: by a key and an older spelling of it, be it in one file or in "
        "two environment variables, or by two that differ in capitals alone. Nothing says which counts, so remove one."
    ),
    "InvalidToml": (
        "A configuration file is not TOML. Texts are written in quotes, each setting stands on a line of its own, and "
        "a key or a section may be there only once. The other files are checked all the same."
    ),
    "MissingSetting": (
        "A table lacks keys that it must have, in all configuration files, the environment and `--set` together. A "
        "backend always needs its `type`, and some types need more, such as the `url` of a TES server."
    ),
    "UnavailableSecret": (
        "A setting says that a secret is in an environment variable or in a file, and the variable is not set, or the "
        "file cannot be read or is empty. `sprocket config check` looks for it before a run needs it."
    ),
    "UnknownBackend": (
        "`run.backend` or `--backend` names no entry of `run.backends`, nor a type of backend that needs no settings, "
        "or nothing says which of several entries is to be used."
    ),
    "UnknownSetting": (
        "There is no such key in this table. It may be misspelt, belong to another table, or to another type of "
        "backend; it would have no effect, which is why it is refused."
    ),
    "UnreadableConfig": (
        "A configuration file cannot be read: there is none, something else is in its place, it may not be read, it is "
        "not UTF-8 text, or it is far larger or deeper than any. The other files are checked all the same."
    ),
    "UnusableDirectory": (
        "A directory for outputs or caches cannot be made or written, because something else is in its place or its "
        "permissions do not allow it. `sprocket config check` looks before a run needs it."
    ),
    "WrongSettingType": (
        "A setting has a value of another type: a string where a number belongs, or a single value where a table or "
        "an array does. Numbers, `true` and `false` are written without quotes, texts with them."
    ),
    "WrongSettingValue": (
        "The value of a setting has the right type, but cannot be: a word that is none of those that are known, a "
        "number out of range, or something that contradicts another setting."
    ),
}
