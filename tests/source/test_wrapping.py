"""Sentences in lines that fit: where they are broken, and where they are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pysprocket.source.visible import columns
from pysprocket.source.wrapping import wrapped

SENTENCE = "one two three four five six seven eight nine ten"


def test_what_fits_stays_as_it_is():
    assert wrapped(SENTENCE, len(SENTENCE)) == [SENTENCE]
    assert wrapped("", 10) == [""]
    assert wrapped("a   b", 10, begin=5) == ["a   b"]


def test_what_is_too_long_is_broken_at_blanks():
    assert wrapped(SENTENCE, 19) == ["one two three four", "five six seven", "eight nine ten"]


def test_the_first_line_leaves_what_is_taken_and_the_others_hang():
    assert wrapped(SENTENCE, 30, begin=7, hang=2) == ["one two three four five", "  six seven eight nine ten"]


def test_there_is_no_indentation_where_it_would_leave_too_little():
    assert wrapped(SENTENCE, 20, begin=9, hang=9) == ["one two", "three four five six", "seven eight nine ten"]


def test_lines_of_their_own_stay_and_what_goes_on_them_is_deeper():
    text = f"the beginning:\n  {SENTENCE}\n\nthe end"
    assert wrapped(text, 30) == [
        "the beginning:",
        "  one two three four five six",
        "    seven eight nine ten",
        "",
        "the end",
    ]


def test_a_word_that_is_too_long_is_neither_broken_nor_moved_where_that_does_not_help():
    path = "/a/" + "long/" * 8 + "path"
    assert wrapped(f"the file {path} is gone", 30) == [f"the file {path}", "is gone"]
    assert wrapped(f"the file {path[:25]} is gone", 30) == ["the file", f"{path[:25]} is", "gone"]


def test_what_is_quoted_is_kept_together_where_it_fits():
    assert wrapped('set the key `run.fail = "fast"` for it', 24) == ["set the key", '`run.fail = "fast"` for', "it"]
    assert wrapped("it is (`a b c d e`), or not", 14) == ["it is", "(`a b c d e`),", "or not"]


def test_what_is_quoted_and_longer_than_a_line_is_broken():
    assert wrapped("it is `one two three four five` here", 20) == ["it is `one two three", "four five` here"]


def test_what_is_quoted_and_does_not_fit_in_the_first_line_begins_there():
    assert wrapped("`one two three` is", 20, begin=10) == ["`one two", "three` is"]


def test_a_lone_back_tick_quotes_nothing():
    assert wrapped("the ` here and all the rest", 12) == ["the ` here", "and all the", "rest"]


def test_wide_characters_take_two_columns():
    assert wrapped("日本 日本 日本", 9) == ["日本 日本", "日本"]


WORDS = st.lists(st.text("ab`日/", min_size=1, max_size=12), min_size=1, max_size=30)


@given(words=WORDS, width=st.integers(1, 60), begin=st.integers(0, 30), hang=st.integers(0, 30))
def test_no_word_is_lost_and_only_long_words_exceed_the_width(words, width, begin, hang):
    lines = wrapped(" ".join(words), width, begin=begin, hang=hang)
    assert " ".join(lines).split() == words
    for number, line in enumerate(lines):
        if columns(line) + (0 if number else begin) > width:
            longest = max(columns(word) for word in line.split())
            assert longest > width - hang or (not number and len(line.split()) == 1)
