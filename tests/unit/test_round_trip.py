"""The share of words that come back, with a recogniser whose mistakes are known; and the table that is shipped."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import Recording
from course_lib.training.speech.round_trip import heard

SILENCE = Audio(np.zeros(8, np.float32), 8000)
SENTENCES = [Recording("the cat sees the dog", "a", SILENCE), Recording("one red hat", "a", SILENCE)]


def test_words_that_come_back():
    answers = iter(["the cat sees a dog", "one hat"])
    recogniser = SimpleNamespace(transcribe=lambda sound: SimpleNamespace(text=next(answers)))
    assert heard(recogniser, lambda item: item.audio, SENTENCES) == {
        "accuracy": 0.75, "words": 8, "substituted": 1, "deleted": 1, "inserted": 0
    }  # fmt: skip


def test_the_recorded_table_is_of_all_held_out_sentences():
    path = data_dir() / "experiments" / "round_trip.json"
    if not path.is_file():
        pytest.skip("not measured yet")
    table = json.loads(path.read_text())
    for rows in table["accuracy"].values():
        assert len(rows) == 5
        assert rows["its spectrogram, WaveGlow"]["accuracy"] >= 0.9
        for row in rows.values():
            changes = row["substituted"] + row["deleted"] + row["inserted"]
            assert row["accuracy"] == pytest.approx(1 - changes / row["words"], abs=1e-4)
