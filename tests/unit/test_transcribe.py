"""Speech to text with a network that needs no learning: windows, words' times, warnings, and one sentence for what is wrong."""

import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.decoding.ctc import greedy
from course_lib.decoding.errors import word_errors
from course_lib.decoding.ngram import WordModel, learn
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import Recording, recordings
from course_lib.tasks import ears, transcribe
from course_lib.tasks.transcripts import joined
from tests.unit import toy_listener
from tests.unit.toy_listener import HOP, RATE, say, toy

WORDS = st.text("abcxyz'", min_size=1, max_size=12)


@pytest.fixture(scope="module")
def task():
    return toy()


def test_one_recording_one_text_many_many(task, tmp_path):
    path = say("put the red cup", 0).save(tmp_path / "a.wav")
    assert str(task.transcribe(path)) == "put the red cup"
    assert repr(task.transcribe(say("the cat"))) == "the cat"
    many = [path, say("see"), (say("a bird").samples, RATE), Recording("", "", say("is blue"))]
    assert [one.text for one in task.transcribe(many)] == ["put the red cup", "see", "a bird", "is blue"]
    assert [one.text for one in task.transcribe(tmp_path)] == ["put the red cup"]
    assert [one.name for one in task.transcribe_stream([path, say("see")])] == [str(path), "sound[1]"]


def test_any_rate_and_channels(task):
    sound = say("seven birds", 1).resampled(44_100)
    both = np.stack([sound.samples, sound.samples], axis=1)
    assert task.transcribe((both, 44_100)).text == "seven birds"


def test_words_have_times(task):
    found = task.transcribe(say("a bc d", noise=0))
    assert [tuple(word) for word in found.words] == [
        ("a", 0.0, pytest.approx(0.02)), ("bc", pytest.approx(0.08), pytest.approx(0.14)),
        ("d", pytest.approx(0.2), pytest.approx(0.22)),
    ]  # fmt: skip
    assert found.confidence > 0.9
    assert task.step == HOP / RATE


@pytest.mark.parametrize("beams", [1, 4])
def test_windows_hear_what_the_whole_says(task, monkeypatch, beams):
    text = "put the small red cup under the table and see the black cat"
    sound = say(text, 3)
    whole = task.transcribe(sound, beams=beams)
    assert whole.text == text
    monkeypatch.setattr(ears.windows, "__defaults__", (2.0, 0.5))
    pieces = list(task.listen(sound, beams=beams))
    assert len(pieces) > 3
    assert " ".join(piece.text for piece in pieces if piece.text) == text
    assert task.transcribe(sound, beams=beams).words == whole.words
    assert task.logits(sound).shape == (len(sound.samples) // HOP, len(toy_listener.DEEPSPEECH))


@settings(max_examples=60, deadline=None)
@example(words=["a"], seed=54, window=0.5, margin=0.06, block=100)  # shorter than a network can hear
@given(
    words=st.lists(WORDS, min_size=1, max_size=12),
    seed=st.integers(0, 99),
    window=st.sampled_from([0.5, 1.0, 3.0]),
    margin=st.sampled_from([0.06, 0.1, 0.2]),
    block=st.integers(100, 9_000),
)
def test_however_a_sound_is_cut_the_text_is_the_same(words, seed, window, margin, block):
    """The network is left away: its answer is the input, so that all is about the windows."""
    text = " ".join(words)
    samples = say(text, seed, noise=0).samples

    def answers(prepared):
        best = np.abs(prepared[0].reshape(-1, HOP).mean(axis=1)[:, None] - toy_listener.HEIGHTS).argmin(
            axis=1
        )
        return 20 * np.eye(len(toy_listener.DEEPSPEECH), dtype=np.float32)[best][None]

    ear = ears.Spelling(answers, toy_listener.Listener(), toy_listener.DEEPSPEECH)

    class Sound:
        blocks = (samples[i : i + block] for i in range(0, len(samples), block))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ears.windows, "__defaults__", (window, margin))
        found = joined(list(ear.pieces(Sound(), 1, None)))
    decoded = greedy(np.log(answers(samples[None])[0] + 1e-9), 28)
    assert found.text == text
    starts = [
        frame
        for letter, frame in zip((0, *decoded.letters), (0, *decoded.frames), strict=False)
        if letter != 0
    ]
    assert round(found.words[0].start * RATE / HOP) == starts[0]


def test_a_real_recogniser_hears_two_minutes_in_windows_as_it_hears_them_whole(monkeypatch):
    nano = open_pretrained("deepspeech_nano")
    sentences = recordings("voice_test")
    sound = Audio(np.concatenate([one.audio.samples for one in sentences]), RATE)
    windowed = nano.transcribe(sound)
    monkeypatch.setattr(ears.windows, "__defaults__", (3600.0, 4.0))
    whole = nano.transcribe(sound)
    assert sound.seconds > 120
    assert windowed.text == whole.text
    assert [word.start for word in windowed.words] == pytest.approx(
        [word.start for word in whole.words], abs=0.021
    )
    assert word_errors([" ".join(one.text for one in sentences)], [windowed.text]).rate < 0.05


def test_memory_stays_flat(task):
    def peak(minutes):
        def blocks():
            for _ in range(minutes):
                yield np.float32(say("the cat sees a bird " * 60, 1).samples)

        class Sound:
            pass

        sound = Sound()
        sound.blocks = blocks()
        tracemalloc.start()
        for _ in task._ear.pieces(sound, 1, None):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    assert peak(8) < 1.3 * peak(2)


def test_a_language_model_decides_between_texts_that_sound_alike(task):
    frames = say("the cat", noise=0).samples.copy()
    middle = (
        toy_listener.HEIGHTS[1] + toy_listener.HEIGHTS[2]
    ) / 2 + 0.001  # between a and b, a little nearer to b
    frames[10 * HOP : 11 * HOP] = middle
    sound = Audio(frames, RATE)
    assert task.transcribe(sound).text == "the cbt"
    model = learn(["the cat sees the bird", "the cat sits"], order=2)
    assert isinstance(model, WordModel)
    assert task.transcribe(sound, beams=8, language_model=model).text == "the cat"


def test_silence_gives_no_text_and_a_warning(task):
    with pytest.warns(UserWarning, match="silent"):
        found = task.transcribe((np.zeros(RATE, np.int16), RATE))
    assert (found.text, found.words, found.confidence) == ("", (), 0)
    assert repr(found) == "nothing heard"
    assert (task.logits((np.zeros(RATE, np.int16), RATE)).argmax(axis=1) == 28).all()


def test_clipping_is_said_and_the_text_given(task):
    loud = np.clip(3 * say("zzz", 1).samples, -1, 1)
    with pytest.warns(UserWarning, match="clipped"):
        task.transcribe((np.where(np.abs(loud) > 0.99, np.sign(loud), loud), RATE))


def test_a_sound_of_no_length_at_all(task):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert task.transcribe((np.ones(1), RATE)).error == ""


def test_among_many_one_that_cannot_be_heard_says_why(task, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    with pytest.warns(UserWarning, match=r"1 of 2 recordings could not be heard; the first: .*bad\.wav"):
        first, second = task.transcribe([tmp_path / "bad.wav", say("see")])
    assert "damaged" in first.error
    assert (first.text, second.text, second.error) == ("", "see", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"audio": "missing.wav"}, "no file"),
        ({"audio": []}, "no recording"),
        ({"audio": np.zeros(9)}, "without its rate"),
        ({"audio": say("a"), "beams": 0}, "from 1 to"),
        ({"audio": say("a"), "beams": 2.5}, "whole number"),
        ({"audio": say("a"), "beams": True}, "whole number"),
        ({"audio": say("a"), "beams": 10**9}, "from 1 to 1,000"),
        ({"audio": say("a"), "language_model": object()}, "beams=32"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_what_is_wrong_is_one_sentence(task, arguments, says):
    with pytest.raises(BadInput, match=says):
        task.transcribe(**arguments)


def test_a_file_that_breaks_off_is_no_text(task, tmp_path):
    path = say("the cat sees " * 40).save(tmp_path / "a.flac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadInput, match="cut short"):
        task.transcribe(path)


def test_features_are_the_heads_input_over_time(task):
    sound = say("put the cup", 2)
    rows = task.features([sound, sound.resampled(16_000)])
    assert rows.shape == (2, HOP)
    count = len(sound.samples) // HOP
    np.testing.assert_allclose(rows[0], sound.samples[: count * HOP].reshape(-1, HOP).mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[1], atol=0.1)
    with pytest.raises(BadInput, match="no file"):
        task.features([sound, "missing.wav"])
    names = [(name, type(row)) for name, row in task.features_stream([sound, "missing.wav"])]
    assert names == [("sound[0]", np.ndarray), ("missing.wav", BadInput)]


def test_other_engines_are_refused(task):
    with pytest.raises(CourseError, match="any length"):
        task.compile("litert")


class Writer:
    """Hears a stretch as a whole, and writes how long it was."""

    def write(self, samples):
        return f"{len(samples) / RATE:.0f} seconds.", 0.5


def test_networks_that_write_get_stretches_cut_where_it_is_quiet():
    class Ear:
        rate, longest = RATE, 4.0

    loud = np.float32(0.5 * np.sin(np.arange(10 * RATE)))
    for quiet in (3.0, 6.5):
        loud[int((quiet - 0.2) * RATE) : int((quiet + 0.2) * RATE)] = 0
    task = transcribe.Transcriber(toy_listener.CARD, Writer(), None, None, listener=Ear())
    cuts = np.cumsum([len(x) for x in ears.stretches(iter(np.split(loud, 10)), RATE, 4.0)]) / RATE
    assert cuts[:2] == pytest.approx([3.0, 6.5], abs=0.1)
    assert cuts[-1] == 10
    found = task.transcribe((loud, RATE))
    assert found.text == "3 seconds. 4 seconds. 4 seconds."
    assert (found.words, found.confidence) == ((), 0.5)
    with pytest.raises(BadInput, match="a sentence at a time"):
        task.logits((loud, RATE))
    with pytest.raises(BadInput, match="beams at 1"):
        task.transcribe((loud, RATE), beams=3)
    with pytest.raises(BadInput, match="ready-made"):
        task.features((loud, RATE))
