r"""Characters and sets of characters in POSIX regular expressions: the text, read by one character, and `[…]`.

In: the text of a pattern. Out: `Reader`, which gives bracket expressions in Python's notation, or `PatternError`.
Source: POSIX.1-2017, "RE Bracket Expression": classes, ranges, collating symbols by name, `]` first; beyond it the
escapes that patterns in the wild use, such as `[\w.-]`. Classes mean ASCII.
"""

from __future__ import annotations


class PatternError(ValueError):
    """A pattern that is none; the text says why."""


_DIGIT, _SPACE, _WORD = "0-9", r" \t\n\r\f\v", "A-Za-z0-9_"
SHORT = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
CONTROL = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "v": r"\v", "a": r"\a"}
CLASSES = {
    "alpha": "A-Za-z",
    "digit": _DIGIT,
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": _SPACE,
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
    "xdigit": "0-9A-Fa-f",
    "word": _WORD,
}
_DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NAMES = """
    exclamation-mark ! quotation-mark " number-sign # dollar-sign $ percent-sign % ampersand & apostrophe '
    left-parenthesis ( right-parenthesis ) asterisk * plus-sign + comma , hyphen - hyphen-minus - period . full-stop .
    slash / solidus / colon : semicolon ; less-than-sign < equals-sign = greater-than-sign > question-mark ?
    commercial-at @ left-square-bracket [ right-square-bracket ] circumflex ^
    circumflex-accent ^ underscore _ low-line _ grave-accent ` left-brace { left-curly-bracket { vertical-line |
    right-brace } right-curly-bracket } tilde ~
"""
_COLLATING = {
    "backslash": "\\",
    "reverse-solidus": "\\",
    "space": " ",
    "tab": "\t",
    "newline": "\n",
    "carriage-return": "\r",
    **dict(zip(_NAMES.split()[::2], _NAMES.split()[1::2], strict=True)),
    **{name: str(digit) for digit, name in enumerate(_DIGIT_NAMES)},
}


class Reader:
    """Goes through the text of a pattern."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def take(self, text: str) -> bool:
        """Whether `text` comes next; it is then passed over."""
        if self.text.startswith(text, self.place):
            self.place += len(text)
            return True
        return False

    def next(self) -> str:
        """The next character."""
        if self.place >= len(self.text):
            raise PatternError("it ends too early")
        self.place += 1
        return self.text[self.place - 1]

    def bracket(self) -> str:
        """The set that a bracket expression means, behind its `[`, in Python's notation."""
        negated = self.take("^")
        members: list[str] = []
        first = True
        while first or not self.take("]"):
            members.append(self._bracket_member())
            first = False
        return f"[{'^' * negated}{''.join(members)}]"

    def _bracket_member(self) -> str:
        if self.take("[:"):
            return self._character_class()
        if self.text.startswith("\\", self.place) and (member := self._bracket_set()):
            return member
        low = self._bracket_character()
        if self.text.startswith("-", self.place) and not self.text.startswith("-]", self.place):
            self.place += 1
            high = self._bracket_character()
            if high < low:
                raise PatternError(f"the range `{low}-{high}` is empty")
            return f"{_in_class(low)}-{_in_class(high)}"
        return _in_class(low)

    def _character_class(self) -> str:
        end = self.text.find(":]", self.place)
        name = self.text[self.place : end] if end >= 0 else self.text[self.place :]
        if name not in CLASSES:
            raise PatternError(f"`[:{name}:]` is no class of characters")
        self.place = end + 2
        return CLASSES[name]

    def _bracket_set(self) -> str | None:
        r"""`\d` and kin in brackets; POSIX means a backslash and a letter, no author does."""
        symbol = self.text[self.place + 1 : self.place + 2]
        if symbol.lower() not in SHORT:
            return None
        self.place += 2
        return "\\" + symbol if symbol.isupper() else SHORT[symbol]

    def _bracket_character(self) -> str:
        for opening, closing in (("[.", ".]"), ("[=", "=]")):
            if self.take(opening):
                return self._collating(opening, closing)
        symbol = self.next()
        if symbol != "\\" or self.place >= len(self.text):
            return symbol
        escaped = self.text[self.place]
        if escaped in CONTROL:
            self.place += 1
            return {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}[escaped]
        if not escaped.isalnum() and (escaped != "]" or "]" in self.text[self.place + 1 :]):
            self.place += 1
            return escaped
        return symbol

    def _collating(self, opening: str, closing: str) -> str:
        """One character between such brackets, or its name."""
        end = self.text.find(closing, self.place + 1)
        name = self.text[self.place : end] if end >= 0 else ""
        symbol = name if len(name) == 1 else _COLLATING.get(name)
        if symbol is None:
            raise PatternError(f"`{opening}…{closing}` holds one character or its name, such as `hyphen`")
        self.place = end + 2
        return symbol


def _in_class(symbol: str) -> str:
    return symbol if symbol.isalnum() else "\\" + symbol if symbol.isprintable() else f"\\U{ord(symbol):08x}"
