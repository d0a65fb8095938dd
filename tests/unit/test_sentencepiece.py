"""SentencePiece: the numbers that KerasHub's tokenizer gives, without TensorFlow-text; a file that is none is told."""

import keras_hub
import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.text import tokenizer
from course_lib.text.sentencepiece import PLACE
from tests.unit.spm_vocabulary import made


@pytest.fixture(scope="module")
def proto():
    return made()


@pytest.fixture(scope="module")
def pieces(proto, tmp_path_factory):
    folder = tmp_path_factory.mktemp("preset")
    (folder / PLACE).parent.mkdir(parents=True)
    (folder / PLACE).write_bytes(proto)
    return tokenizer("sentencepiece", folder / "model.weights.h5")


TEXTS = ["the cat sat", " two  spaces ", "a\nline", "Zürich, 5 €", "東京", "🐈 cat", "x" * 100_000, ""]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:12]))
def test_same_numbers_and_text_as_keras_hub(pieces, proto, text):
    theirs = keras_hub.tokenizers.T5Tokenizer(proto)
    numbers = pieces.tokenize(text)
    assert numbers == [int(number) for number in theirs(text)]
    assert pieces.detokenize(numbers) == theirs.detokenize(numbers)


def test_tensorflow_text_gives_the_same_where_it_is(pieces, proto):
    text = pytest.importorskip("tensorflow_text")
    theirs = text.SentencepieceTokenizer(proto)
    for sample in TEXTS:
        assert pieces.tokenize(sample) == theirs.tokenize(sample).numpy().tolist()


def test_it_stops_at_the_end_and_writes_blanks(pieces):
    cat = pieces.tokenize("the cat")
    assert pieces.detokenize([0, *cat, pieces.end, *cat]) == "the cat"
    assert pieces.detokenize([*cat, pieces.blanks[0], *cat, pieces.blanks[12]]) == "the cat <0> the cat <12>"
    assert pieces.detokenize([len(pieces) + 5]) == ""
    assert len(pieces) == 140
    assert pieces.blanks[0] == 139


def test_a_lone_surrogate_is_refused(pieces):
    with pytest.raises(BadInput, match="surrogate"):
        pieces.tokenize("cat \ud800")


def test_without_its_file_it_says_what_is_missing(tmp_path):
    with pytest.raises(CourseError, match=r"vocabulary\.spm"):
        tokenizer("sentencepiece", tmp_path / "model.weights.h5").tokenize("cat")
    with pytest.raises(CourseError, match="Random weights"):
        tokenizer("sentencepiece", None).tokenize("cat")


@pytest.mark.parametrize("content", [b"", b"no vocabulary", bytes(1000)])
def test_a_file_that_is_none_gives_one_sentence(tmp_path, content):
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / PLACE).write_bytes(content)
    with pytest.raises(BadInput, match=r"is no vocabulary of SentencePiece|is empty"):
        tokenizer("sentencepiece", tmp_path / "model.weights.h5").tokenize("cat")


def test_a_cut_file_gives_one_sentence(tmp_path, proto):
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / PLACE).write_bytes(proto[: len(proto) // 2])
    with pytest.raises(BadInput, match="no vocabulary of SentencePiece"):
        tokenizer("sentencepiece", tmp_path / "model.weights.h5").tokenize("cat")
