"""The seven stops of the tour: what is shown at each, with the best weights that may be here, and with those that are."""

from collections.abc import Callable
from dataclasses import dataclass

from course_lib.media.sound.audio import Audio
from course_lib.viz.picture import Picture

SEED = 4  # of the scenes, the writing and the pictures
SPOKEN = "put the small red cup under the table"


@dataclass(frozen=True)
class Shown:
    """What a model did at a stop.

    Attributes:
        given: what it got, in words.
        answer: what it made of it, in a line or some.
        media: pictures with their words, and sounds.
        helpers: further models that took part, such as the vocoder of a voice.
    """

    given: str
    answer: str
    media: tuple[Picture | Audio, ...] = ()
    helpers: tuple = ()


@dataclass(frozen=True)
class Way:
    """One way to show a stop: which model, with which weights of its own, and what is done with it."""

    model: str
    weights: str
    show: Callable[..., Shown]


@dataclass(frozen=True)
class Stop:
    """One stop: what the model does there, and the ways to show it, the best first; the last one comes with the course."""

    does: str
    ways: tuple[Way, ...]


def _names_a_photo(model) -> Shown:
    from course_lib.media.samples import samples
    from course_lib.viz import predictions

    photo, guesses = samples()["cat"], model.classify("sample:cat")
    credit = f"Photo: {photo.title}, by {photo.credit}, {photo.licence}."
    answer = ", ".join(f"{guess.label} {guess.score:.0%}" for guess in guesses[:3])
    return Shown("a photo of a cat", answer, (predictions(photo.path, guesses, caption=credit),))


def _finds_in_scenes(model) -> Shown:
    from course_lib.media.scenes import make_scenes
    from course_lib.viz import detections

    scenes, true = make_scenes(2, seed=SEED)
    found = model.detect(list(scenes))
    picture = detections(list(scenes), found, truth=true, columns=2)
    return Shown("two drawn scenes that it has never seen", _objects(found), (picture,))


def _finds_in_photos(model) -> Shown:
    from course_lib.viz import detections

    photos = ["sample:cat", "sample:coffee"]
    found = model.detect(photos)
    return Shown("two photos", _objects(found), (detections(photos, found, columns=2),))


def _objects(found) -> str:
    names = [f"{one.label} {one.score:.0%}" for picture in found for one in picture]
    return f"{len(names)} objects: {', '.join(names)}" if names else "nothing found"


def _continues_a_play(model) -> Shown:
    prompt = "ROMEO."
    text = model.complete(prompt, length=60, temperature=0.8, seed=SEED)
    return Shown(f"the beginning {prompt!r}", f"{prompt}{text}")


def _continues_english(model) -> Shown:
    prompt = "The capital of France is"
    return Shown(f"the beginning {prompt!r}", prompt + model.complete(prompt, length=40, stop="\n\n"))


def _rewrites_by_rules(model) -> Shown:
    return _transformed(model, ["words: 472", "date: 2031-03-09", "plural: wolf"])


def _translates(model) -> Shown:
    return _transformed(model, ["translate English to German: The house is wonderful."])


def _transformed(model, texts: list[str]) -> Shown:
    pairs = zip(texts, model.transform(texts), strict=True)
    return Shown("; ".join(texts), "\n".join(f"{text} → {answer}" for text, answer in pairs))


def _writes_down_speech(model) -> Shown:
    from course_lib.media.sound.corpus import recordings
    from course_lib.viz import waveform

    heard = recordings("voice_test")[0]
    told = model.transcribe(heard.audio)
    picture = waveform(heard.audio, told.words)
    return Shown(f"a recording of “{heard.text}”", told.text, (heard.audio, picture))


def _speaks(model) -> Shown:
    from course_lib.loading import open_pretrained
    from course_lib.viz import waveform

    vocoder = open_pretrained(model.card.weights[0].vocoder)
    sound = model.speak(SPOKEN, vocoder=vocoder)
    answer = f"{sound.seconds:.1f} seconds of sound"
    return Shown(f"the text “{SPOKEN}”", answer, (sound, waveform(sound)), (vocoder,))


def _paints_clothes(model) -> Shown:
    from course_lib.viz import samples

    kinds = ["dress", "coat", "sneaker", "bag", "ankle boot"]
    pictures = model.generate(10, seed=SEED, classes=kinds, truncation=0.7)
    alt = f"Ten grey pictures of clothes that do not exist, in two rows, each row: {', '.join(kinds)}."
    return Shown(f"random numbers, and the words {', '.join(kinds)}", "ten pictures that nobody took",
                 (samples(pictures, columns=5, alt=alt),))  # fmt: skip


TOUR = (
    Stop("names a photo", (Way("efficientnet_lite0", "auto", _names_a_photo),)),
    Stop("finds objects", (Way("yolo_v8_n", "official", _finds_in_photos), Way("yolo_v8_nano", "nano", _finds_in_scenes))),
    Stop("continues a text", (Way("smollm2", "package", _continues_english), Way("gpt_nano", "nano", _continues_a_play))),
    Stop("transforms a text", (Way("t5_small", "official", _translates), Way("t5_nano", "nano", _rewrites_by_rules))),
    Stop("writes down speech", (Way("moonshine_tiny", "package", _writes_down_speech),
                                Way("deepspeech_nano", "nano", _writes_down_speech))),
    Stop("speaks", (Way("tacotron2_nano", "nano", _speaks),)),
    Stop("paints", (Way("biggan_nano", "nano", _paints_clothes),)),
)  # fmt: skip
