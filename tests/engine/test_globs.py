"""Patterns of `glob` against bash, which the specification names as the rule."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pysprocket.engine.globs import expand
from pysprocket.errors import EvaluationError

NAMES = [
    "a.txt",
    "b.txt",
    "ab",
    "A",
    ".hidden",
    ".h.txt",
    "-dash",
    "sp ace",
    "x[1]",
    "x1",
    "q?",
    "s*r",
    "é",
    "two\nlines",
]
NAMES += [
    "d/one.bam",
    "d/two.bam",
    "d/.three.bam",
    "e/one.bam",
    "d/f/deep.bam",
    "chr1.vcf",
    "chr10.vcf",
    "chr2.vcf",
    "{b}",
]

PATTERNS = [
    *(
        "*",
        "*.txt",
        "?",
        "??",
        ".*",
        ".h*",
        "a.txt",
        "missing",
        "*.bam",
        "d/*",
        "*/one.bam",
        "*/*.bam",
        "**/*.bam",
        "**",
    ),
    *(
        "d/",
        "d",
        "./a*",
        "d//one.bam",
        "[ab].txt",
        "[!a]*",
        "[^a].txt",
        "[a-c]*",
        "[[:upper:]]",
        "[[:digit:]]*",
        "x[[]1]",
    ),
    *(r"q\?", r"s\**", "x[1]", r"x\[1\]", "[", "[a", "[]a]*", "*[!a-z]", "[z-a]*", "-*", "* *", "two*", "*e*"),
    *("{a,b}.txt", "{b,a}.txt", "chr{1..3}.vcf", "chr{10,1}.vcf", "{d,e}/{one,two}.bam", "{a,{b,A}}*", "{b}", r"\{b}"),
    *(
        "{a,b",
        "a,b}",
        "{}",
        "{,a}b",
        "*{.txt,.vcf}",
        "chr{01..02}.vcf",
        "chr{3..1}.vcf",
        "{a..c}.txt",
        "*a*b*",
        "???",
        "[.]h*",
    ),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("globs")
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root / "linked").symlink_to("a.txt")
    (root / "link_to_d").symlink_to("d")
    return root


def _expanded_by_bash(patterns: list[str], root) -> list[list[str]]:
    words = [pattern.replace(" ", r"\ ") for pattern in patterns]
    print_files = 'do [ -f "$path" ] && printf "%s\\0" "$path"; done; printf "/\\0"'
    loops = [f"for path in {word}; {print_files}" for word in words]
    program = "\n".join(["shopt -s nullglob", *loops])
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", program], cwd=root, capture_output=True, check=True, env=environment)
    return [list(dict.fromkeys(block.split("\0")[:-1])) for block in done.stdout.decode().split("/\0")[:-1]]


@pytest.fixture(scope="module")
def bash(root):
    """What bash makes of each of the patterns, started once."""
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    return dict(zip(PATTERNS, _expanded_by_bash(PATTERNS, root), strict=True))


def _files(pattern: str, root) -> list[str]:
    return [path for path in expand(pattern, str(root)) if (root / path).is_file()]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_bash_finds_the_same(pattern, root, bash):
    assert [path.replace("//", "/") for path in bash[pattern]] == _files(pattern, root)


def _is_plain(pattern: str) -> bool:
    """Whether it holds no collating symbol, `[.x.]`: bash alone knows what one means that is not closed."""
    return "[." not in pattern


@settings(max_examples=5, deadline=None, derandomize=True)
@given(patterns=st.lists(st.text("ab*?[]!-^.x1t", min_size=1, max_size=7).filter(_is_plain), min_size=20, max_size=40))
def test_bash_finds_the_same_for_any_pattern(patterns, root, bash):
    assert [_files(pattern, root) for pattern in patterns] == _expanded_by_bash(patterns, root)


def test_a_pattern_with_many_stars_takes_no_time(tmp_path):
    (tmp_path / ("a" * 200)).write_text("")
    assert expand("*a" * 30 + "b", str(tmp_path)) == []
    assert expand("*a" * 30, str(tmp_path)) == ["a" * 200]


def test_braces_that_stand_for_too_many_words_are_refused(tmp_path):
    with pytest.raises(EvaluationError, match="more than 10000 words"):
        expand("{a,b}" * 40, str(tmp_path))
    with pytest.raises(EvaluationError, match="more than 10000 words"):
        expand("{1..999999999}", str(tmp_path))
