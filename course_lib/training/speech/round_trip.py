"""The round trip: a text is spoken, and written down again. How many of its words come back?

`python -m course_lib.training.speech.round_trip` measures it on held-out sentences and writes data/experiments/round_trip.json.
"""

import json
import time
from collections.abc import Callable

from course_lib.data_dir import data_dir
from course_lib.decoding.errors import word_errors
from course_lib.errors import CourseError
from course_lib.files import write_text
from course_lib.loading import open_pretrained
from course_lib.media.sound import corpus
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import Recording

SENTENCES = "voice_test"
RECOGNISERS = ("deepspeech_nano", "wav2vec2_nano")
VOICE, VOCODER = "tacotron2_nano", "waveglow_nano"


def ways() -> dict[str, Callable[[Recording], Audio]]:
    """Return the ways in which a sentence becomes a sound: a name -> a function of its recording."""
    voice, vocoder = open_pretrained(VOICE), open_pretrained(VOCODER)
    mel = vocoder.sound

    def griffin_lim(spectrogram) -> Audio:
        return Audio(mel.griffin_lim(spectrogram), mel.rate)

    return {
        "the recording": lambda item: item.audio,
        "its spectrogram, Griffin-Lim": lambda item: griffin_lim(mel.of(item.audio.samples)),
        "its spectrogram, WaveGlow": lambda item: vocoder.resynthesise(item.audio),
        "Tacotron 2, Griffin-Lim": lambda item: griffin_lim(voice.spectrogram(item.text).mel),
        "Tacotron 2, WaveGlow": lambda item: vocoder.vocode(voice.spectrogram(item.text).mel),
    }


def heard(recogniser, say: Callable[[Recording], Audio], sentences: list[Recording]) -> dict[str, float]:
    """Let a recogniser write down what was said; return the share of words that were right, and errors of each kind."""
    texts = [recogniser.transcribe(say(item)).text for item in sentences]
    errors = word_errors([item.text for item in sentences], texts)
    return {
        "accuracy": round(1 - errors.rate, 4),
        "words": errors.said,
        "substituted": errors.substituted,
        "deleted": errors.deleted,
        "inserted": errors.inserted,
    }


def main() -> None:
    """Measure every way with every recogniser that is here, and write the table."""
    sentences, table, recognisers = corpus.recordings(SENTENCES), {}, {}
    for name in RECOGNISERS:
        try:
            recognisers[name] = open_pretrained(name)
        except CourseError as error:
            print(f"without {name}: {error}")
    for name, say in ways().items():
        started = time.perf_counter()
        spoken = {item.text: say(item) for item in sentences}
        seconds = time.perf_counter() - started
        for recogniser, model in recognisers.items():
            row = heard(model, lambda item: spoken[item.text], sentences)  # noqa: B023
            table.setdefault(recogniser, {})[name] = row
            print(recogniser, name, row, f"{seconds:.0f} s to speak", flush=True)
    content = {"sentences": len(sentences), "set": SENTENCES, "accuracy": table}
    write_text(data_dir() / "experiments" / "round_trip.json", json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
