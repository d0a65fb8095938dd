"""Spectra, and the way back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.media.sound import corpus, spectra
from course_lib.media.sound.audio import Audio


def test_a_tone_stands_where_it_belongs():
    tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    spectrum = np.abs(spectra.stft(tone, 512, 128))[20]
    assert spectrum.argmax() == 1000 * 512 / 8000


@settings(max_examples=20, deadline=None)
@given(st.integers(600, 3000), st.integers(0, 99))
def test_there_and_back_is_the_same_sound(length, seed):
    sound = np.random.default_rng(seed).standard_normal(length)
    back = spectra.istft(spectra.stft(sound, 512, 128), 512, 128)
    np.testing.assert_allclose(back, sound[: len(back)], atol=1e-10)
    assert length - len(back) < 128


def test_the_filters_have_the_same_area_and_leave_no_gap():
    filters = spectra.FULL.filters.astype(float)
    areas = filters.sum(axis=1) * 22_050 / 1_024
    np.testing.assert_allclose(areas[10:], 1, rtol=0.12)  # narrow ones meet few frequencies
    np.testing.assert_allclose(areas[60:], 1, rtol=0.01)
    assert spectra.NANO.filters.shape == (80, 257)


def test_griffin_lim_comes_near():
    sound = corpus.recordings("voice_few")[0].audio.samples
    mel = spectra.NANO.of(sound)
    near, rough = (spectra.NANO.of(spectra.NANO.griffin_lim(mel, rounds)) for rounds in (60, 1))
    error, first = (np.abs(found - mel[: len(found)]).mean() for found in (near, rough))
    assert error < 0.25
    assert error < 0.6 * first


def test_audio_is_resampled_saved_and_played(tmp_path):
    audio = Audio(np.sin(np.arange(8000) / 5).astype(np.float32), 8000)
    assert len(audio.resampled(16_000).samples) == 16_000
    assert audio.seconds == 1
    assert "audio/mpeg" in audio._repr_html_()
    import soundfile

    for kind in ("wav", "flac", "ogg", "mp3"):
        read, rate = soundfile.read(audio.save(tmp_path / f"tone.{kind}"))
        assert rate == 8000
        assert abs(len(read) - 8000) < 2500


def test_an_unknown_kind_of_file_is_refused(tmp_path):
    from course_lib.errors import BadInput

    with pytest.raises(BadInput, match="should end in"):
        Audio(np.zeros(10, np.float32), 8000).save(tmp_path / "tone.xyz")
