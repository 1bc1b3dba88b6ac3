"""Texts for users are in the standard words; the checker finds each other one, and no false alarm."""

import pytest
from support.words import WORDS, findings, prose, texts_for_users, wrong_words

WRONG = [
    "the function gives back two tensors",
    "the loop gives a result",
    "what @f comes to",
    "{} stands for the file",
    "a check stands before it",
    "it is too dear to recompute",
    "a broadcast that nobody needs",
    "computed in vain",
    "it differs on the two sides of a branch",
    "assign it on both sides",
    "a value after the else side",
    "values that have no place in memory",
    "a function in the place of the command",
    "the place of the greatest element",
    "expected shape (2,) for number 3",
    "the number of the axis",
    "values, numbered from 0",
    "the pass is told the level",
    "its rules are held against each other",
    "until the mistake is mended",
    "at last the machine code runs",
    "a buffer beside the results",
    "patterns that seldom rewrite",
    "a truth value",
    "a pass of one's own",
    "the cost of each round",
    "each pass on its way down",
    "what became of the op",
]
RIGHT = [
    "on both sides of the equation",
    "both sides by the same factor",
    "the number of elements",
    "at most 3 units in the last place",
    "updated in place",
    "12 rounds of Philox are hashed",
    "a number from 0 to 1",
    "give it a tensor",
    "it gives up after 5 s",
    "nearest int64, rounds to even",
]


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_word_is_found_with_the_standard_one(text):
    found = list(wrong_words(text))
    assert found and all(line == 0 and word in text and right for line, word, right in found)


def test_each_entry_of_the_list_is_tried():
    assert {right for text in WRONG for _, _, right in wrong_words(text)} == set(WORDS.values())


@pytest.mark.parametrize("text", RIGHT)
def test_standard_words_are_no_findings(text):
    assert list(wrong_words(text)) == []


def test_lines_are_those_of_the_text():
    assert [line for line, _, _ in wrong_words("a\nb\nit comes\nto 3")] == [2]


def test_code_in_pages_is_not_read():
    page = "`nobody`\n```python\nnobody = 1\n```\nnobody\n"
    assert [line for line, _, _ in wrong_words(prose(page))] == [4]


def test_messages_and_public_docstrings_are_read():
    source = '''
def helper():
    """Nobody sees this."""
    raise ValueError(f"{name}: what it comes to")

@public("math")
def add(x, y):
    """What it comes to."""
    return refuse(pattern, op, "too " "dear")

def validate(passes):
    """Programs nobody wrote."""

class CsePass(Pass):
    """What it gives."""
'''
    texts = [text for _, text in texts_for_users(source)]
    docstrings = ["Programs nobody wrote.", "What it comes to.", "What it gives."]
    assert sorted(texts) == [*docstrings, "too dear", "{}: what it comes to"]


def test_texts_for_users_are_in_standard_words():
    assert [str(each) for each in findings()] == []
