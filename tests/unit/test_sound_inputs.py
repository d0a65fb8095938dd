"""Sound in: every kind of file and array that people have, one channel at the wanted rate, in blocks."""

import warnings

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.errors import BadInput
from course_lib.media.sound import files, inputs
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.inputs import each_sound, is_single, open_sound, read_audio

RATE = 16_000


def tone(seconds=1.0, rate=RATE, pitch=440.0, loud=0.5):
    return np.float32(loud * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate))


def written(path, samples=None, rate=RATE, **settings):
    soundfile.write(path, tone(rate=rate) if samples is None else samples, rate, **settings)
    return path


@pytest.mark.parametrize(
    ("name", "settings", "close"),
    [
        ("a.wav", {"subtype": "PCM_U8"}, 8e-3),
        ("a.wav", {"subtype": "PCM_16"}, 4e-5),
        ("a.wav", {"subtype": "PCM_24"}, 2e-7),
        ("a.wav", {"subtype": "PCM_32"}, 1e-7),
        ("a.wav", {"subtype": "FLOAT"}, 0),
        ("a.wav", {"subtype": "DOUBLE"}, 0),
        ("a.flac", {}, 4e-5),
        ("a.flac", {"subtype": "PCM_24"}, 2e-7),
        ("a.ogg", {}, 0.05),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}, 0.05),
        ("a.mp3", {}, 0.05),
        ("a.aiff", {}, 4e-5),
        ("a.au", {}, 4e-5),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_every_kind_of_file(tmp_path, name, settings, close):
    found = read_audio(written(tmp_path / name, **settings))
    assert found.rate == RATE
    assert found.samples.dtype == np.float32
    assert abs(len(found.samples) - RATE) <= 0.01 * RATE
    middle = slice(2_000, 12_000)
    assert np.abs(found.samples[middle] - tone()[middle]).max() <= close


@pytest.mark.parametrize("kind", ["float64", "float32", "float16", "int16", "int32", "uint8"])
def test_arrays_of_every_kind(kind):
    full, middle = {"int16": (2**15, 0), "int32": (2**31, 0), "uint8": (128, 128)}.get(kind, (1, 0))
    given = np.float64(tone())[:, None] * [1, 0.5]
    given = np.asarray(given * full + middle).astype(kind)
    for source in [(given, RATE), (RATE, given), [given, RATE], (given, float(RATE))]:
        np.testing.assert_allclose(read_audio(source).samples, 0.75 * tone(), atol=0.01)


def test_a_list_of_numbers_and_an_audio():
    np.testing.assert_array_equal(read_audio((tone()[:50].tolist(), RATE)).samples, tone()[:50])
    np.testing.assert_array_equal(read_audio(Audio(tone(), RATE)).samples, tone())


def test_channels_are_mixed_and_the_rate_is_brought_over(tmp_path):
    both = np.stack([tone(1, 44_100), np.zeros(44_100, np.float32)], axis=1)
    found = read_audio(written(tmp_path / "two.flac", both, 44_100), rate=8_000)
    assert (found.rate, len(found.samples)) == (8_000, 8_000)
    np.testing.assert_allclose(found.samples[400:-400], 0.5 * tone(1, 8_000)[400:-400], atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 5_000),
    rate=st.sampled_from([2_000, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]),
    wanted=st.sampled_from([8_000, 16_000, 22_050]),
    block=st.integers(1, 3_000),
)
def test_resampling_keeps_the_length_and_does_not_see_the_blocks(count, rate, wanted, block):
    samples = np.random.default_rng(count).uniform(-0.5, 0.5, count).astype(np.float32)
    whole = Audio(samples, rate).resampled(wanted).samples
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course_lib.media.sound.arrays.BLOCK", block)
        found = read_audio((samples, rate), wanted).samples
    assert abs(len(found) - count * wanted / rate) <= 1
    if len(whole):
        np.testing.assert_allclose(found, whole, atol=1e-6)


def test_a_tone_above_the_new_rate_goes_and_does_not_fold():
    high = tone(0.5, 48_000, pitch=7_000)
    assert np.abs(read_audio((high, 48_000), 8_000).samples[200:-200]).max() < 1e-3


def test_a_long_file_comes_in_blocks(tmp_path):
    path = written(tmp_path / "long.wav", tone(60))
    with open_sound(path, 8_000) as sound:
        assert sound.seconds == 60
        sizes = [len(block) for block in sound.blocks]
    assert sum(sizes) == 60 * 8_000
    assert max(sizes) <= files.BLOCK


def test_what_is_one_and_what_is_many(tmp_path):
    path = written(tmp_path / "a.wav")
    for one in [path, str(path), "missing.wav", "", Audio(tone(), RATE), (tone(), RATE), tone(), [0.0, 0.5]]:
        assert is_single(one)
    for many in [tmp_path, [path], [path, path], [(tone(), RATE), path], (path, path)]:
        assert not is_single(many)


def test_folders_and_lists_in_order(tmp_path):
    for name in ("b.wav", "sub/a.flac", "sub/phone.m4a", ".hidden.wav", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    names = [name.removeprefix(f"{tmp_path}/") for name, _ in each_sound(tmp_path)]
    assert names == ["b.wav", "sub/a.flac", "sub/phone.m4a"]
    names = [name for name, _ in each_sound([tmp_path / "b.wav", (tone(), RATE), [Audio(tone(), RATE)]])]
    assert names == [str(tmp_path / "b.wav"), "sound[1]", "sound[2][0]"]
    assert len(list(each_sound(b"RIFF"))) == len(list(each_sound({"a": 1, "b": 2}))) == 1


def test_a_folder_without_recordings(tmp_path):
    with pytest.raises(BadInput, match="holds no recordings"):
        list(each_sound(tmp_path))


def test_silence_and_clipping_are_said(tmp_path):
    with pytest.warns(UserWarning, match=r"silent.*microphone"):
        read_audio((np.zeros(1_000, np.int16), RATE))
    with pytest.warns(UserWarning, match=r"clipped: \d+\.\d% of its samples"):
        read_audio((np.clip(4 * tone(), -1, 1), RATE))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_audio((tone(loud=1), RATE))
        read_audio((tone(loud=0.01), RATE))


def test_a_float_file_may_pass_full_swing_a_little():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert read_audio((1.2 * tone(loud=1), RATE)).samples.max() == 1


def test_too_long_for_memory(monkeypatch):
    monkeypatch.setattr(inputs, "MOST_SAMPLES", 10_000)
    with pytest.raises(BadInput, match="in a stream"):
        read_audio((tone(), RATE))
