"""Language models continue texts: greedy equals the network without a cache, whole characters, one sentence for bad input."""

import math

import keras
import numpy as np
import pytest

from course_lib import catalog
from course_lib.decoding.filters import log_softmax
from course_lib.errors import BadInput
from course_lib.tasks import complete
from course_lib.tasks.base import Provenance
from course_lib.tasks.complete import TextGenerator
from course_lib.text.byte_level import from_merges
from course_lib.text.streaming import certain_pieces
from course_lib.zoo import gpt

CONTEXT = 24
PROMPT = "Once upon"


@pytest.fixture(scope="module")
def writer():
    """A GPT of single bytes, whose weights are large enough for it to have opinions."""
    keras.utils.set_random_seed(3)
    config = gpt.GPTConfig(16, 2, 2, 32, vocabulary=257, context=CONTEXT, dropout=0.0)
    model = gpt.build(config)
    for variable in model.weights:
        if "kernel" in variable.path or "embeddings" in variable.path:
            variable.assign(np.random.default_rng(variable.shape[0]).normal(0, 0.5, variable.shape))
    found = Provenance("random", "gpt_nano", "a test")
    return TextGenerator(catalog.card("gpt_nano"), model, found, None, tokenizer=from_merges([]))


def logits_of(writer, numbers):
    return writer._logits(np.array([numbers], np.int32))[0]


def test_greedy_is_the_network_asked_again_and_again(writer):
    numbers = writer.tokenizer.tokenize(PROMPT)
    for _ in range(10):
        numbers.append(int(logits_of(writer, numbers)[-1].argmax()))
    expected = writer.tokenizer.detokenize(numbers[len(PROMPT) :])
    assert writer.complete(PROMPT, 10) == expected
    assert writer.complete(PROMPT, 10, temperature=1, top_k=1) == expected
    found = writer.complete(PROMPT, 10, beams=3)
    assert isinstance(found, str)
    assert found


def test_a_stream_is_the_same_text_and_a_seed_draws_the_same(writer):
    options = {"temperature": 1.2, "top_k": 60, "top_p": 0.95, "repetition_penalty": 1.1}
    text = writer.complete(PROMPT, 12, **options, seed=5)
    pieces = list(writer.complete_stream(PROMPT, 12, **options, seed=5))
    assert "".join(pieces) == text
    assert len(pieces) > 1
    assert text != writer.complete(PROMPT, 12, **options, seed=6)


def test_it_goes_on_behind_a_full_context(writer):
    prompt = "a" * CONTEXT  # fills it
    text = writer.complete(prompt, 2 * CONTEXT, temperature=1, seed=1)
    assert text
    with pytest.raises(BadInput, match="25 tokens, at most 24"):
        writer.complete(prompt + "a")


def test_the_text_ends_before_a_stop(writer):
    text = writer.complete(PROMPT, 12, temperature=1)
    stop = text[4:6]
    expected = text[: text.index(stop)]
    assert writer.complete(PROMPT, 12, temperature=1, stop=stop) == expected
    assert writer.complete(PROMPT, 12, temperature=1, stop=["no such", stop]) == expected
    best = writer.complete(PROMPT, 6, beams=2)
    assert writer.complete(PROMPT, 6, beams=2, stop=best[1]) == best[: best.index(best[1])]


def test_next_tokens(writer):
    found = writer.next_tokens(PROMPT, top=257)
    assert sum(guess.score for guess in found) == pytest.approx(1)
    expected = np.exp(log_softmax(logits_of(writer, writer.tokenizer.tokenize(PROMPT))[-1].astype(float)))
    assert [guess.score for guess in found] == pytest.approx(sorted(expected, reverse=True), rel=1e-4)
    assert found[0].index == int(expected.argmax())
    assert found[0].label == repr(writer.tokenizer.detokenize([found[0].index]))


def test_perplexity_of_a_text_within_the_context(writer):
    text = "To be or né"
    numbers = writer.tokenizer.tokenize(text)
    logs = log_softmax(logits_of(writer, numbers[:-1]).astype(float))[range(len(numbers) - 1), numbers[1:]]
    found = writer.perplexity(text)
    assert found.per_token == pytest.approx(math.exp(-logs.mean()), rel=1e-4)
    # Each byte but the first is a token.
    assert found.bits_per_byte == pytest.approx(-logs.mean() / math.log(2), rel=1e-4)
    assert found.tokens == len(text.encode()) - 1
    assert "perplexity" in repr(found)


@pytest.mark.parametrize("length", [CONTEXT, CONTEXT + 1, CONTEXT + 2, 3 * CONTEXT + 5])
def test_windows_foresee_each_token_once_from_half_a_context_or_more(writer, length, monkeypatch):
    monkeypatch.setattr(complete, "ROWS_OF", 1000)  # in several parts
    numbers = np.random.default_rng(length).integers(0, 256, length)
    expected = []
    for place in range(1, length):
        # Windows begin at each half context; a token belongs to the first one that reaches it.
        begin = max(0, math.ceil((place - CONTEXT) / (CONTEXT // 2))) * (CONTEXT // 2)
        assert begin == 0 or place - begin > CONTEXT // 2
        expected.append(
            log_softmax(logits_of(writer, numbers[begin:place])[-1].astype(float))[numbers[place]]
        )
    np.testing.assert_allclose(writer.log_probabilities(numbers), expected, atol=1e-4)


def test_a_long_text_has_a_perplexity(writer):
    assert writer.perplexity("To be, or not to be. " * 100).tokens == 2099


@pytest.mark.parametrize(
    "options",
    [
        {"prompt": ""},
        {"prompt": None},
        {"prompt": b"bytes"},
        {"prompt": "a" * 100_000},
        {"prompt": "half \ud83d of a smile"},
        {"length": 0},
        {"length": 2.5},
        {"temperature": -1},
        {"temperature": math.nan},
        {"temperature": "hot"},
        {"top_k": 5},
        {"top_p": 0.5},
        {"temperature": 1, "top_k": -1},
        {"temperature": 1, "top_p": 1.5},
        {"temperature": 1, "top_p": 0},
        {"temperature": 1, "seed": -1},
        {"temperature": 1, "seed": None},
        {"repetition_penalty": 0},
        {"beams": 0},
        {"beams": 3, "temperature": 1},
        {"beams": 3, "length": 0},
        {"stop": ""},
        {"stop": [3]},
    ],
    ids=lambda options: str(options)[:40],
)
def test_bad_input_is_told_in_one_sentence(writer, options):
    options = {"prompt": PROMPT, **options}
    with pytest.raises(BadInput) as told:
        writer.complete(**options)
    assert "\n" not in str(told.value)
    if "beams" not in options:
        with pytest.raises(BadInput):
            writer.complete_stream(**options)  # before its first piece is asked for


def test_other_bad_input(writer):
    for call in (
        lambda: writer.answer("Who are you?"),
        lambda: writer.perplexity("a"),
        lambda: writer.perplexity(""),
        lambda: writer.next_tokens(PROMPT, top=0),
        lambda: writer.next_tokens("\ud83d"),
    ):
        with pytest.raises(BadInput):
            call()


def test_answering_reads_the_question_as_the_tokenizer_puts_it(writer, monkeypatch):
    def chat(messages):
        assert messages == [{"role": "user", "content": "Hm"}]
        return writer.tokenizer.tokenize(f"Q: {messages[0]['content']} A:")

    monkeypatch.setattr(writer.tokenizer, "chat", chat, raising=False)
    assert writer.answer("Hm", 6) == writer.complete("Q: Hm A:", 6)
    # The question fits, with what is put round it it does not.
    monkeypatch.setattr(writer.tokenizer, "chat", lambda _: [65] * (CONTEXT + 1))
    with pytest.raises(BadInput, match="takes 25 of 24"):
        writer.answer("Hm")


def by_bytes(numbers):
    return bytes(numbers).decode(errors="replace")


@pytest.mark.parametrize("text", ["déjà vu", "日本語 ok", "🙂🙃!", "plain"])
def test_a_stream_never_cuts_a_character(text):
    pieces = list(certain_pieces(text.encode(), by_bytes))
    assert "".join(pieces) == text
    assert all("\ufffd" not in piece for piece in pieces)
    assert len(pieces) == len(text)


def test_what_never_becomes_a_character_is_shown_in_the_end():
    given = b"a\xe2\x82b\xff\xf0\x9f"
    assert "".join(certain_pieces(given, by_bytes)) == given.decode(errors="replace")


def test_the_beginning_of_a_stop_is_held_back():
    pieces = list(certain_pieces(b"one\n.two\n\nthree", by_bytes, ["\n\n"]))
    assert "".join(pieces) == "one\n.two"
    assert "\n" not in pieces  # it came only when it was certain to stay
    assert "".join(certain_pieces("à la carte é".encode(), by_bytes, ["a carte é"])) == "à l"
    asked = iter(b"ab.cd")
    assert list(certain_pieces(asked, by_bytes, ["."])) == ["a", "b"]
    assert next(asked) == ord("c")  # nothing behind the stop was written
