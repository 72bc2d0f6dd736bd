"""POSIX extended regular expressions: leftmost, then longest; and the escapes that patterns in the wild use."""

from __future__ import annotations

import ctypes
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pysprocket.errors import EvaluationError
from pysprocket.types.patterns import parse
from pysprocket.values.stdlib.greed import greedy_is_longest
from pysprocket.values.stdlib.matching import Pattern, compile_pattern

MATCHES = [
    # pattern, text, match, groups
    ("b+", "abbbc", "bbb", ()),
    ("a|ab|abc", "xabcd", "abc", ()),
    ("(a|ab)(c|bcd)(d*)", "abcd", "abcd", ("ab", "c", "d")),
    ("(a|ab)(c|bcd)(d*)", "abcd.", "abcd", ("ab", "c", "d")),
    ("(a?)(ab)?", "ab", "ab", ("", "ab")),
    ("a*(ab)?", "aab", "aab", ("ab",)),
    ("(fq|fastq)(.gz)?$", "x.fastq.gz", "fastq.gz", ("fastq", ".gz")),
    ("x*", "abc", "", ()),
    ("((a)|b)*", "ab", "ab", ("b", "")),
    ("(a|b)*c|(a|ab)*c", "abc", "abc", ("b", "")),
    ("[[:alpha:]]{4}", "ab1 abcdé", "abcd", ()),
    ("[^[:space:],]+", " ,a-b,", "a-b", ()),
    ("[]a]+", "x]a]", "]a]", ()),
    ("[a-]+", "x-a", "-a", ()),
    ("[[.-.]a]", "-", "-", ()),
    ("^a", "ba\na", None, ()),
    ("a$", "a\n", None, ()),
    ("a.b", "a\nb", "a\nb", ()),
    ("a{2}", "aaa", "aa", ()),
    ("a{2,}", "aaa", "aaa", ()),
    ("a{,2}b", "aaab", "aab", ()),
    ("a{x", "a{x", "a{x", ()),
    ("()b", "b", "b", ("",)),
    (r"\.\*\|\(\$", ".*|($", ".*|($", ()),
    (r"\d+\s\w\t", "a12 x\t", "12 x\t", ()),
    (r"[\d.]+\D", "v1.2x", "1.2x", ()),
    (r"[\._-]+", "a_.-b", "_.-", ()),
    (r"[^\]]+", "]ab]", "ab", ()),
    (r"a[\]", "a\\", "a\\", ()),
    (r"\bread\b", "bread read", "read", ()),
    (r"\x41", "A", "A", ()),
    ("a.*?b", "aXbXb", "aXb", ()),
    ("(?:a|ab)c", "abc", "abc", ()),
    ("(?i)AB", "xab", "ab", ()),
    ("é|éa", "éa", "éa", ()),
    ("(?i)a|AB", "xab", "ab", ()),
    ("(?i)[[:upper:]]+b", "aaB1", "aaB", ()),
    ("(?:a|ab)(c|bcd)", "abcd", "abcd", ("bcd",)),
    ("(?<letter>[a-z])(?P<digit>[0-9])", "-x1", "x1", ("x", "1")),
    ("(a|ab)(c|bcd)?(d*)", "abcd", "abcd", ("ab", "c", "d")),
    ("(a|b|ab)*(c)?", "abc", "abc", ("ab", "c")),
    ("(wk|week)(ly)?", "weekly", "weekly", ("week", "ly")),
    (".fastq.gz|.fq.gz|.fastq|.fq", "a.fastq.gz", ".fastq.gz", ()),
    (".fq|.fq.gz", "a.fq.gz", ".fq.gz", ()),
    ("(a*)*", "b", "", ("",)),
    ("(a*)+(b|ab)", "aab", "aab", ("aa", "b")),
    ("((a{2}){2}){2}b", "aaaaaaaab", "aaaaaaaab", ("aaaa", "aa")),
    ("a|", "b", "", ()),
    ("(|a)b", "ab", "ab", ("a",)),
    ("x()y", "xy", "xy", ("",)),
    ("^*a", "ba", "a", ()),
    ("a$b|c", "a$bc", "c", ()),
    ("(^a|b)c", "bc", "bc", ("b",)),
    ("[[=a=]b]+", "xab", "ab", ()),
    ("[[.hyphen.][.period.]]+", "x-.", "-.", ()),
    ("[[.a.]-[.c.]]+", "xabcd", "abc", ()),
    ("[^]a]", "]ab", "b", ()),
    ("[%--]+", "a%+-.", "%+-", ()),
    ("[a^]+", "b^a", "^a", ()),
    ("[*.+?|(){}$]+", "a.*(", ".*(", ()),
    ("[[:alpha:][:digit:]_]+", "-aé1_", "a", ()),
    ("[[:punct:]]+", 'a!"~b', '!"~', ()),
    (r"[\s\S]+", "a\nb", "a\nb", ()),
    (r"\w+\b", "-caf1_é", "caf1_", ()),
    (r"\Bb", "b ab", "b", ()),
    ("(a+?)(b*)", "aabb", "a", ("a", "")),
    ("(a|ab)(c|bcd)*?$", "abcd", "abcd", ("a", "bcd")),
    ("a{0}b", "ab", "b", ()),
    ("(ab){2}", "ababab", "abab", ("ab",)),
    ("a**b+*", "aabb", "aabb", ()),
]


@pytest.mark.parametrize(("pattern", "text", "expected", "groups"), MATCHES)
def test_the_leftmost_longest_match_is_found(pattern, text, expected, groups):
    compiled = compile_pattern(pattern)
    match = compiled.search(text)
    assert (match and text[match.start : match.end]) == expected
    assert (compiled.groups(text, match) if match else ()) == groups


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "`(` without `)`"),
        ("a)", "`)` without `(`"),
        ("[a", "ends too early"),
        ("*a", "nothing before `*`"),
        ("a{3,2}", "is no number of repeats"),
        ("(?=a)", "is not known in POSIX"),
        (r"(a)\1", r"`\1` has no meaning"),
        ("[[:letter:]]", "is no class of characters"),
        ("[z-a]", "is empty"),
        ("a\\", "ends too early"),
        ("(" * 20_000 + ")" * 20_000, "nested too deeply"),
        ("a" + "*" * 20_000, "too many repeats"),
        ("((a{1000}){1000}){1000}", "repeats of repeats are too many"),
        ("(?<=a)b", "`(?<` is not known"),
        ("(?m)^a", "`(?m` is not known"),
        ("a{2000}", "is no number of repeats"),
        ("[[.nonsense.]]", "one character or its name"),
    ],
)
def test_a_wrong_pattern_is_explained(pattern, reason):
    with pytest.raises(EvaluationError) as failure:
        compile_pattern(pattern)
    assert reason in str(failure.value)


@pytest.mark.parametrize(
    "pattern",
    [r"\.bam$", "[[:space:]]+", ".*/", "^.*_R?([12])(_001)?\\.(fastq|fq)$", "[0-9]+\\.[0-9]*", "abc|abd", "(ab)*c"],
)
def test_common_patterns_need_no_second_look(pattern):
    assert greedy_is_longest(parse(pattern).root)


@pytest.mark.parametrize("pattern", ["a|ab", "(a|ab)*", "a*(ab)?", "a?b?c?a?", ".*(xy)?"])
def test_patterns_where_greed_may_not_be_longest_are_known(pattern):
    assert not greedy_is_longest(parse(pattern).root)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(a|a)*b", "a" * 20_000, 0),
        ("(a*)*b", "a" * 20_000, 0),
        ("(x+x+)+y", "x" * 20_000, 0),
        ("((a?){20}a{20})*c", "a" * 2_000, 0),
        ("(a|aa)+$", "a" * 20_000 + "b", 0),
        ("[[:space:]]+$", " " * 20_000 + "b", 0),
        (".*,.*;", ",a" * 10_000, 0),
        ("(a|b|ab)*?c", "ab" * 10_000, 0),
        ("(.*)*=(.*)*;", "=" * 5_000, 0),
        ("a|a.*b", "a" * 20_000, 20_000),
        ("(a|ab)*c", "ab" * 5_000 + "c", 1),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_no_pattern_takes_exponential_time(pattern, text, found):
    compiled = compile_pattern(pattern)
    start = time.process_time()
    matches = list(compiled.matches(text))
    groups = [compiled.groups(text, match) for match in matches[:1]]
    assert compiled.found_in(text) == bool(found)
    assert time.process_time() - start < 3, "seconds, where a search that backtracks takes years"
    assert len(matches) == found
    assert len(groups) == min(found, 1)


@pytest.mark.parametrize(("pattern", "text", "expected", "groups"), MATCHES)
def test_both_ways_of_matching_give_the_same(pattern, text, expected, groups):
    steady = Pattern(parse(pattern))
    steady.cheap_length = -1
    match = steady.search(text)
    assert (match and text[match.start : match.end]) == expected
    assert (steady.groups(text, match) if match else ()) == groups
    assert steady.found_in(text) == (expected is not None)
    assert list(steady.matches(text)) == list(compile_pattern(pattern).matches(text))


# --- against the C library --------------------------------------------------------------------------------


class _Span(ctypes.Structure):
    _fields_ = (("start", ctypes.c_int), ("end", ctypes.c_int))


def _matched_by_c(pattern: str, text: str) -> tuple[int, int] | None:
    """Where `regexec` finds `pattern`, with the syntax of POSIX extended regular expressions."""
    library = ctypes.CDLL(None)
    memory = ctypes.create_string_buffer(1024)  # more than any `regex_t`
    assert library.regcomp(memory, pattern.encode(), 1) == 0
    span = (_Span * 1)()
    missed = library.regexec(memory, text.encode(), 1, span, 0)
    library.regfree(memory)
    return None if missed else (span[0].start, span[0].end)


_ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "[[:digit:]b]", "1", "()", "[]b-]", "\\."])
_REPEATS = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,2}", "{2,}"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda options: f"({'|'.join(options)})"),
        st.builds("({}){}".format, inner, _REPEATS),
    ),
    max_leaves=8,
)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="the C library is not glibc")
@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    start=st.sampled_from(["", "^"]), middle=_PATTERNS, end=st.sampled_from(["", "$"]), text=st.text("ab1.", max_size=8)
)
def test_the_c_library_finds_the_same(start, middle, end, text):
    pattern = start + middle + end
    expected = _matched_by_c(pattern, text)
    assert compile_pattern(pattern).search(text) == expected
    steady = Pattern(parse(pattern))
    steady.cheap_length = -1
    assert steady.search(text) == expected


def test_matches_do_not_begin_empty_behind_another():
    found = [(match.start, match.end) for match in compile_pattern("x*").matches("axxb")]
    assert found == [(0, 0), (1, 3), (4, 4)]
