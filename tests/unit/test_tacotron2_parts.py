"""Tacotron 2's parts, its way of speaking, and what it is measured by."""

import dataclasses
import warnings

import keras
import numpy as np
import pytest

from course_lib import catalog
from course_lib.errors import BadInput, CourseError
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import recordings
from course_lib.tasks.base import Provenance
from course_lib.tasks.speak import Speaker
from course_lib.text import tokenizer
from course_lib.training import recipes
from course_lib.training.fit import Settings
from course_lib.training.speech import making, speaking
from course_lib.training.speech.speaking import Sentences, SpeakingTrainer, led_along, losses
from course_lib.training.speech.spoken_scores import warped_distance
from course_lib.zoo import tacotron2
from course_lib.zoo.tacotron2.attention import LocationAttention

LETTERS = np.array([[5, 9, 4, 7], [3, 8, 0, 0]], np.int32)


@pytest.fixture(scope="module")
def config():
    return dataclasses.replace(
        tacotron2.CONFIGS["tacotron2_nano"],
        width=8,
        prenet=6,
        recurrent=8,
        attention=6,
        location_filters=2,
        postnet=6,
        frames_per_step=2,
    )


@pytest.fixture(scope="module")
def model(config):
    keras.utils.set_random_seed(1)
    return tacotron2.build(config)


@pytest.fixture(scope="module")
def generate(model):
    return tacotron2.generator(model)


def speaker(model, vocoder=None):
    card, found = catalog.card("tacotron2_nano"), Provenance("random", "tacotron2_nano", "the initialisers")
    return Speaker(card, model, found, None, tokenizer=tokenizer("tacotron2"), vocoder=vocoder)


@pytest.fixture(scope="module")
def voice(model):
    voice = speaker(model)
    # A network that learned nothing comes to no end: let each sentence have five steps.
    voice.__dict__["_generate"] = lambda letters, seed, longest: tacotron2.generator(model)(
        letters, seed, 5, 2
    )
    return voice


def test_shapes(model):
    written = model({"letters": LETTERS, "mel": np.zeros((2, 6, 80), np.float32)})
    assert written["mel"].shape == written["before"].shape == (2, 6, 80)
    assert written["stop"].shape == (2, 3)  # two frames a step
    assert np.allclose(written["alignment"].numpy().sum(axis=-1), 1)
    assert np.all(written["alignment"].numpy()[1, :, 2:] == 0)


def test_attention_by_hand():
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    question, memory = random.normal(size=(1, 5)).astype("f"), random.normal(size=(1, 4, 3)).astype("f")
    looked = random.uniform(size=(1, 4, 2)).astype("f")
    layer = LocationAttention(6, 2, 3)
    layer.build((1, 5), (1, 4, 3))
    context, weights = layer(question, memory, looked=looked)
    kernel = np.asarray(layer.location_conv.kernel)  # (3, 2, 2)
    around = np.pad(looked[0], ((1, 1), (0, 0)))
    features = np.stack([np.einsum("kc,kcf->f", around[i : i + 3], kernel) for i in range(4)])
    query, key, location, score = (
        np.asarray(dense.kernel) for dense in (layer.query, layer.key, layer.location, layer.score)
    )
    energies = np.tanh(question @ query + memory[0] @ key + features @ location) @ score
    expected = np.exp(energies[:, 0]) / np.exp(energies).sum()
    assert np.abs(weights[0] - expected).max() < 1e-6
    assert np.abs(context[0] - expected @ memory[0]).max() < 1e-6


def test_the_prenet_drops_at_all_times_and_a_seed_repeats_it(generate):
    one, again, other = (generate(LETTERS[:1], seed=seed, longest=4, threshold=2)[0] for seed in (3, 3, 4))
    assert np.array_equal(one.mel, again.mel)
    assert not np.array_equal(one.mel, other.mel)


def test_one_text_is_read_as_among_others(generate):
    """Without padding beside it nothing changes for a text; what others do is not its business."""
    alone = generate(LETTERS[:1], longest=4, threshold=2)[0]
    among = generate(LETTERS[[0, 0]], longest=4, threshold=2)[0]
    assert alone.mel.shape == among.mel.shape == (8, 80)
    assert alone.alignment.shape == (4, 4)


def test_it_stops_when_it_says_so_and_never_later_than_allowed(generate):
    (stopped,) = generate(LETTERS[:1], longest=9, threshold=-1)
    assert stopped.stopped
    assert len(stopped.mel) == 2
    (endless,) = generate(LETTERS[1:], longest=9, threshold=2)
    assert not endless.stopped
    assert len(endless.mel) == 18
    assert endless.alignment.shape == (9, 2)  # padding is no letter


def test_training_lowers_the_errors(config):
    keras.utils.set_random_seed(0)
    model = tacotron2.build(config)
    random = np.random.default_rng(0)
    mels = [random.normal(-5, 1, (frames, 80)).astype("f") for frames in (6, 9, 7, 8)]
    sentences = Sentences(random.integers(1, 40, (4, 5)).astype(np.int32), mels)
    seen = []
    errors = SpeakingTrainer(model, Settings(12, batch_size=2, learning_rate=1e-2)).fit(
        sentences, seen.append
    )
    assert errors.shape == (12, 4)
    assert np.all(errors[-1, :2] < errors[0, :2])
    assert seen == list(range(13))


def test_what_stands_behind_a_sentence_counts_nothing(model):
    letters, mel = LETTERS[:1], np.full((1, 6, 80), -5.0, np.float32)
    written = model({"letters": letters, "mel": mel})
    few = losses(written, letters, mel, np.array([2]))
    louder = mel.copy()
    louder[:, 4:] = 100
    assert np.allclose(
        [float(x) for x in few], [float(x) for x in losses(written, letters, louder, np.array([2]))]
    )


def test_a_voice_is_led_along_sentences_of_any_length(config):
    sure = tacotron2.build(dataclasses.replace(config, prenet_dropout=0.0))
    random = np.random.default_rng(3)
    mels = [random.normal(-3, 1, (frames, 80)).astype(np.float32) for frames in (6, 3, 9)]
    letters = np.array([[5, 9, 4, 7], [3, 8, 0, 0], [2, 2, 6, 0]], np.int32)
    written = led_along(sure, Sentences(letters, mels), batch_size=1)
    assert [len(mel) for mel in written] == [6, 3, 9]
    alone = sure({"letters": letters[:1], "mel": mels[0][None]})["mel"].numpy()[0]
    np.testing.assert_allclose(written[0], alone, atol=1e-5)


def test_warping_finds_the_same_sound_at_another_speed():
    random = np.random.default_rng(0)
    sound = random.normal(size=(12, 5))
    slow = np.repeat(sound, 2, axis=0)
    assert warped_distance(sound, slow) == pytest.approx(0)
    assert warped_distance(sound, sound[::-1]) > 0.5
    by_hand = np.array([[0.0], [1.0], [3.0]]), np.array([[0.0], [2.0]])  # 0-0, then 1-2 and 3-2
    assert warped_distance(*by_hand) == pytest.approx((0 + 1 + 1) / 3)


def test_a_sentence_is_spoken(voice):
    with pytest.warns(UserWarning, match="found no end and was stopped after 0.2 s"):
        said = voice.spectrogram("The Cat")
    assert (said.letters, said.stopped) == ("the cat.", False)
    assert said.mel.shape == (10, 80)
    assert said.alignment.shape == (5, 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sound = voice.speak("the cat. the dog.")
    assert sound.rate == 8000
    assert len(sound.samples) == 2 * 9 * 128 + 2000  # and a pause between them
    assert voice.features("the cat").shape == (1, 8)


@pytest.mark.filterwarnings("ignore:The voice found no end")
def test_words_that_it_never_heard_are_named(voice):
    with pytest.warns(UserWarning, match="52 words, and 'elephant' not among them"):
        voice.spectrogram("the elephant")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing to say"),
        ("the cat €", "'€'"),
        ("a_b", "'_'"),
        ("cat " * 200, "at most 500"),
        ("at 12:30", "in words"),
    ],
)
def test_what_it_cannot_say(voice, text, says):
    with pytest.raises(BadInput, match=says):
        voice.speak(text)


@pytest.mark.parametrize("seed", [-1, 1.5, True, 2**40])
def test_a_seed_is_a_number(voice, seed):
    with pytest.raises(BadInput, match="whole number"):
        voice.spectrogram("the cat", seed=seed)


@pytest.mark.filterwarnings("ignore:The voice found no end")
def test_vocoders(model, voice):
    class Hum:
        sound = voice.sound
        provenance = Provenance("random", "hum", "here")

        def vocode(self, mel, seed):
            return Audio(np.full(len(mel) * 128, 0.25, np.float32), 8000)

    assert np.all(voice.speak("the cat", vocoder=Hum()).samples == 0.25)
    with pytest.raises(BadInput, match="'griffin_lim'"):
        voice.speak("the cat", vocoder="piano")
    with pytest.raises(CourseError, match="No vocoder belongs"):
        voice.speak("the cat", vocoder="waveglow")
    other = speaker(model, vocoder=Hum)
    other.__dict__["_generate"] = voice._generate
    assert np.all(other.speak("the cat").samples == 0.25)


def test_the_recipe_makes_its_data_and_measures_in_three_parts(model, monkeypatch):
    asked = []
    monkeypatch.setattr(
        making, "make", lambda *arguments: asked.append(arguments) or recordings("voice_few")[:2]
    )
    monkeypatch.setattr(speaking, "recordings", lambda name: recordings(name)[:3])
    recipe = recipes.recipe("tacotron2_nano").changed({"sentences": 7})
    assert len(recipe.data(3)) == 2
    assert asked == [("voice", 7, 3)]
    assert recipe.heldout_scores(model) == (0, 0, 0)  # it learned nothing, so it does not end in time
    further = recipe.further_scores(model)
    assert len(further) == 4
    assert all(len(scores) == 3 for scores in further.values())
