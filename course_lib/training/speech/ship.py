"""Makes the recordings that the course ships: `python -m course_lib.training.speech.ship`."""

from course_lib.data_dir import data_dir
from course_lib.media.sound import corpus
from course_lib.training.speech.making import make

# name: (title, quality of the file, voices, how many, seed, held out)
SETS = {
    "voice_test": ("60 sentences of the one voice, held out", 0.8, "voice", 60, 9001, True),
    "voice_few": ("20 sentences of the one voice, to learn from", 0.4, "voice", 20, 9002, False),
    "speakers_test": ("120 sentences of 8 voices that no training hears", 0.4, "new_speakers", 120, 9003, True),
    "speakers_few": ("60 sentences of 30 voices, to learn from", 0.4, "speakers", 60, 9004, False),
    "accent_test": ("40 sentences in an accent that no training hears", 0.4, "accent", 40, 9005, True),
    "accent_few": ("40 more in this accent, to learn it from", 0.4, "accent", 40, 9006, False),
    "other_test": ("10 sentences of another voice", 0.4, "other", 10, 9007, True),
    "other_few": ("30 more of that voice, to learn it from", 0.4, "other", 30, 9008, False),
}  # fmt: skip


def ship() -> None:
    """Make all sets anew and write them; grammatical sentences alone, as people would say them."""
    made = {
        name: (title, quality, make(cast, count, seed, held_out, jumbled=0.0))
        for name, (title, quality, cast, count, seed, held_out) in SETS.items()
    }
    corpus.write(data_dir() / "speech", made)


if __name__ == "__main__":
    ship()
