"""Moonshine: its decoder's loop and tokens, its files by their hashes alone; and where they are here, what it hears."""

import keras_hub
import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog
from course_lib.decoding.errors import word_errors
from course_lib.errors import BadInput, CourseError
from course_lib.loading import build, open_pretrained
from course_lib.media.sound.inputs import read_audio
from course_lib.tasks.ears import stretches
from course_lib.training.speech import clips
from course_lib.weights import cache
from course_lib.weights.sources import package
from course_lib.zoo.moonshine import CONFIGS, END, START, Moonshine, read_tokens

OFFER = catalog.card("moonshine_tiny").weights[0]
# On this machine; each test has an empty cache.
REAL = [package.find(part) for part in OFFER.parts]
here = pytest.mark.skipif(not all(REAL), reason="course fetch moonshine")
# What the library of moonshine-voice 0.1.0 itself wrote on one thread, given these very samples as one stretch (its options
# vad_threshold=0.0 and vad_max_segment_duration=60); Dickens's words.
UPSTREAM = [
    "It was the best of times, it was the worst of times. It was the age of wisdom, it was the age of foolishness. It was the "
    "epoch of belief, it was the epoch of incredulity. It was the season of light, it was the season of darkness. It was the "
    "string of hope, it was the winter of despair. We had everything before us, we had nothing before us.",
    "We're all going direct to heaven. We were all going direct the other way. In short, the period was so far like the "
    "present period that some of its noisyest authorities insisted on its being received for good or for evil in the "
    "superlative degree of comparison only.",
]


class Encoder:
    def run(self, _, given):
        assert given["input_values"].shape == given["attention_mask"].shape
        return [given["input_values"][:, :7, None]]


class Decoder:
    """Writes the tokens of a list, and checks what it is given to remember."""

    def __init__(self, script):
        self.script, self.asked = script, []

    def run(self, _, given):
        step, number = len(self.asked), int(given["input_ids"][0, 0])
        assert given["use_cache_branch"].tolist() == [step > 0]
        assert number == (START if step == 0 else self.script[step - 1])
        self.asked.append(number)
        logits = np.full((1, 1, 300), -20, np.float32)
        logits[0, 0, self.script[step]] = 0
        kept = []
        for name, memory in given.items():
            if name.startswith("past_key_values"):
                side = name.split(".")[2]
                assert memory.shape[2] == (0 if step == 0 else step if side == "decoder" else 7)
                kept.append(
                    np.zeros((1, 8, step + 1 if side == "decoder" else 7 if step == 0 else 0, 36), np.float32)
                )
        assert len(kept) == 24
        return [logits, *kept]


TOKENS = [
    b"<unk>",
    b"<s>",
    b"</s>",
    *(bytes([byte]) for byte in range(256)),
    "\u2581caf".encode(),
    "\u2581au".encode(),
    b"<<ST_0>>",
]


def test_the_decoder_gets_what_it_remembers_and_stops_at_the_end():
    script = [259, 3 + 0xC3, 3 + 0xA9, 261, 260, END]
    moonshine = Moonshine(Encoder(), Decoder(script), TOKENS, CONFIGS["moonshine_tiny"])
    text, chance = moonshine.write(np.zeros(16_000, np.float32))
    assert text == "café au"
    assert chance == pytest.approx(1, abs=1e-3)


def test_it_does_not_write_without_end():
    decoder = Decoder([260] * 100)
    moonshine = Moonshine(Encoder(), decoder, TOKENS, CONFIGS["moonshine_tiny"])
    assert moonshine.write(np.zeros(32_000, np.float32))[0] == " ".join(["au"] * 13)
    assert len(decoder.asked) == 13


def test_a_list_of_tokens():
    long = b"x" * 300
    content = b"\5<unk>" + b"\0" + bytes([128 + 300 % 128, 300 // 128]) + long + b"\2ab"
    assert read_tokens(content) == [b"<unk>", b"", long, b"ab"]
    for wrong in (content[:-1], content[:-4], b"\xff"):
        with pytest.raises(BadInput, match="ends within"):
            read_tokens(wrong)


def test_no_file_but_the_published_ones_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr("course_lib.zoo.moonshine._session", lambda path: pytest.fail("it was opened"))
    with pytest.raises(CourseError, match=r"course fetch moonshine_tiny.*49 MB|48 MB"):
        open_pretrained("moonshine_tiny")
    for part in OFFER.parts:
        path = cache.place_of(part.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"another program")
    with pytest.raises(CourseError, match="not the file that was expected"):
        open_pretrained("moonshine_tiny")
    with pytest.raises(CourseError, match="not the file that was expected"):
        open_pretrained("moonshine_tiny", cache.place_of(OFFER.file))
    (tmp_path / OFFER.file).write_bytes(b"alone")
    with pytest.raises(BadInput, match=r"moonshine_tiny_decoder\.ort is missing"):
        open_pretrained("moonshine_tiny", tmp_path)


def test_it_is_not_built_here_and_its_count_is_kerashubs():
    with pytest.raises(BadInput, match="ready-made"):
        build("moonshine_tiny")
    with tf.Graph().as_default():
        official = keras_hub.models.MoonshineBackbone(
            vocabulary_size=32_768, filter_dim=288, encoder_num_layers=6, decoder_num_layers=6, hidden_dim=288,
            intermediate_dim=1152, encoder_num_heads=8, decoder_num_heads=8,
        )  # fmt: skip
        turns = [v for v in official.weights if "inverse_freq" in v.path or "inv_freq" in v.path]
        found = official.count_params() - sum(int(np.prod(v.shape)) for v in turns)
    assert turns  # KerasHub counts the angles of its positions among the parameters
    assert catalog.card("moonshine_tiny").params == CONFIGS["moonshine_tiny"].params == found


def test_without_onnxruntime_a_sentence(monkeypatch, tmp_path):
    import sys

    from course_lib.zoo import moonshine

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(CourseError, match=r"course-lib\[engines\]"):
        moonshine._session(tmp_path / "encoder.ort")


def test_the_clips_words():
    assert len(clips.plain(clips.TWO_CITIES).split()) == 119
    assert clips.plain("It's \N{LEFT DOUBLE QUOTATION MARK}It\u2019s, 10") == "it's it's 10"
    assert clips.clip("two_cities") is None
    with pytest.raises(CourseError, match="course fetch moonshine"):
        clips.two_cities()


@pytest.fixture
def moonshine(monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(REAL[0].parents[1]))
    return open_pretrained("moonshine_tiny")


@here
def test_it_hears_what_upstream_hears(moonshine):
    samples = read_audio(clips.clip("two_cities"), 16_000).samples
    parts = list(stretches(iter([samples]), 16_000, CONFIGS["moonshine_tiny"].longest))
    assert len(parts) == 2
    said = [moonshine.model.write(part)[0] for part in parts]
    # Its numbers have 8 bits, scaled by each input's range: in the first stretch one word hangs by a thread
    errors = word_errors([clips.plain(text) for text in UPSTREAM], [clips.plain(text) for text in said])
    assert errors.changes <= 2


@here
def test_it_hears_real_speech(moonshine):
    assert clips.is_beckett(moonshine.transcribe(clips.clip("beckett")).text)
    assert len(moonshine.transcribe(clips.clip("beckett")).text.split()) == clips.BECKETT_WORDS
    truth = clips.two_cities()
    found = word_errors([truth.text], [clips.plain(moonshine.transcribe(truth).text)])
    assert found.said == 119
    assert found.rate < 0.05
