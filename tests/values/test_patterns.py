"""POSIX extended regular expressions: leftmost, then longest; and the escapes that patterns in the wild use."""

from __future__ import annotations

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.values.stdlib.greed import greedy_is_longest
from pysprocket.values.stdlib.matching import compile_pattern
from pysprocket.values.stdlib.patterns import parse

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
]


@pytest.mark.parametrize(("pattern", "text", "expected", "groups"), MATCHES)
def test_the_leftmost_longest_match_is_found(pattern, text, expected, groups):
    match = compile_pattern(pattern).search(text)
    assert (match and text[match.start : match.end]) == expected
    assert (match.groups if match else ()) == groups


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


def test_matches_do_not_begin_empty_behind_another():
    found = [(match.start, match.end) for match in compile_pattern("x*").matches("axxb")]
    assert found == [(0, 0), (1, 3), (4, 4)]
