"""Text to text: one text or many, greedy or by beams, and what it says of a text that it can't read."""

import dataclasses
import itertools

import keras
import numpy as np
import pytest

from course_lib import catalog
from course_lib.errors import BadInput
from course_lib.tasks.base import Provenance
from course_lib.tasks.transform import Task
from course_lib.text import tokenizer
from course_lib.zoo import t5

TEXTS = ["add: 17+25", "reverse: tram", "words: 4"]
SMALL = dataclasses.replace(t5.CONFIGS["t5_nano"], width=16, depth=1, heads=2, head_width=8, mlp=16)


@pytest.fixture(scope="module")
def task():
    """A T5 of no learning, whose answers differ none the less."""
    keras.utils.set_random_seed(3)
    model = t5.build(SMALL)
    head = model.get_layer("decoder").get_layer("head").kernel
    head.assign(4 * np.asarray(head))
    provenance = Provenance("random", "t5_nano", "the initialisers")
    return Task(catalog.card("t5_nano"), model, provenance, None, (), tokenizer=tokenizer("characters"))


def by_hand(task, text, length):
    """Answer without a cache, without a batch: the whole answer so far is read for each next token."""
    source, written = np.array([task.tokenizer.tokenize(text)]), [0]
    for _ in range(length):
        logits = task.model({"source": source, "tokens": np.array([written])})
        written.append(int(np.argmax(logits[0, -1])))
        if written[-1] == 1:
            break
    return task.tokenizer.detokenize(written[1:])


def test_the_nano_knows_as_many_tokens_as_its_tokenizer():
    assert len(tokenizer("characters")) == t5.CONFIGS["t5_nano"].vocabulary


@pytest.mark.filterwarnings(
    "ignore:You are using a softmax over axis"
)  # the first token looks at itself alone
def test_one_text_one_answer_many_texts_many(task):
    expected = [by_hand(task, text, 9) for text in TEXTS]
    assert len(set(expected)) == 3
    assert task.transform(TEXTS, length=9) == expected
    assert task.transform(TEXTS[1], length=9) == expected[1]
    assert task.transform(tuple(TEXTS), length=9) == expected


def test_many_batches_keep_their_order(task):
    many = list(itertools.islice(itertools.cycle(TEXTS), 70))
    answers = task.transform(many, length=4)
    assert answers == list(itertools.islice(itertools.cycle(task.transform(TEXTS, length=4)), 70))


def test_beams_find_an_answer_no_less_likely(task):
    def likelihood(text, answer):
        numbers = [0, *task.tokenizer.tokenize(answer)]
        source = np.array([task.tokenizer.tokenize(text)])
        logits = np.asarray(task.model({"source": source, "tokens": np.array([numbers])}))[0, :-1]
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return logs[np.arange(len(logits)), numbers[1:]].sum()

    greedy, beam = (task.transform(TEXTS[0], length=3, beams=beams) for beams in (1, 5))
    if len(greedy) == len(beam) == 3:  # no blanks and no end among them
        assert likelihood(TEXTS[0], beam) >= likelihood(TEXTS[0], greedy) - 1e-4
    assert task.transform(TEXTS[:1], length=3, beams=5) == [beam]


def test_features_are_the_encoders_mean(task):
    expected = np.asarray(task.model.get_layer("encoder")(np.array([task.tokens(TEXTS[0])]))).mean(
        axis=(0, 1)
    )
    np.testing.assert_allclose(task.features(TEXTS[0])[0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("translate: cat", "'words', 'digits'.*': ' behind it"),
        ("17+25", "begins none of them"),
        ("reverse: " + "x" * 100_000, "100,009 tokens, at most 96 fit"),
        ("reverse: ü", "'ü'"),
        ("reverse: \ud800", "surrogate"),
        (17, "not int"),
        ([], "list of texts"),
        (["add: 1+1", ""], "empty"),
        (["add: 1+1", None], "not NoneType"),
    ],
    ids=str,
)
def test_what_cannot_be_read_gives_one_sentence(task, text, says):
    with pytest.raises(BadInput, match=says) as error:
        task.transform(text if isinstance(text, list) else [text])
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("setting", [{"length": 0}, {"beams": 0}, {"length": 0, "beams": 2}])
def test_no_answer_of_no_length(task, setting):
    with pytest.raises(BadInput, match="at least"):
        task.transform(TEXTS, **setting)
