"""Sound that is broken, hostile or not sound at all: one sentence each, and no sample decoded before the header is looked at."""

import contextlib
import struct

import numpy as np
import pytest
import soundfile

from course_lib.errors import BadInput
from course_lib.media.sound.inputs import open_sound, read_audio

RATE = 8_000
TONE = np.float32(0.5 * np.sin(np.arange(3 * RATE) / 3))


def saved(path, samples=TONE, rate=RATE, **settings):
    soundfile.write(path, samples, rate, **settings)
    return path


def one_sentence(source, says):
    with pytest.raises(BadInput, match=says) as error:
        read_audio(source)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.wav", {"subtype": "PCM_U8"}),
        ("a.wav", {"subtype": "PCM_24"}),
        ("a.wav", {"subtype": "FLOAT"}),
        ("a.flac", {}),
        ("a.ogg", {}),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}),
        ("a.mp3", {}),
        ("a.aiff", {}),
        ("a.au", {}),
        ("a.caf", {}),
        ("a.w64", {}),
        ("a.wav", {"format": "RF64"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()),
)
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_cut_short(tmp_path, capfd, name, settings, share):
    path = saved(tmp_path / name, **settings)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    one_sentence(path, "cut short")
    assert capfd.readouterr() == ("", "")  # the decoders would write to the error stream themselves


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.aiff"])
def test_flipped_bytes_give_sound_or_a_sentence(tmp_path, name):
    path = saved(tmp_path / name)
    good = path.read_bytes()
    dice = np.random.default_rng(0)
    for _ in range(30):
        bad = bytearray(good)
        for place in dice.integers(0, min(len(bad), 2_000), 5):
            bad[place] = dice.integers(256)
        path.write_bytes(bad)
        heard = 0
        with contextlib.suppress(BadInput), open_sound(path, RATE) as sound:
            heard = sum(len(block) for block in sound.blocks)
        assert heard < 100 * len(TONE)


def wav_header(rate=RATE, channels=1, size=1_000, width=2):
    made = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, channels, rate,
                       rate * channels * width, channels * width, 8 * width)  # fmt: skip
    return made + struct.pack("<4sI", b"data", size) + bytes(1_000)


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({"rate": 1}, "a rate of 1 Hz"),
        ({"rate": 2_000_000_000}, "a rate of 2,000,000,000 Hz"),
        ({"channels": 400, "size": 800}, "400 channels"),
        ({"size": 2_000_000_000}, "cut short"),
    ],
    ids=str,
)
def test_odd_headers(tmp_path, header, says):
    (tmp_path / "odd.wav").write_bytes(wav_header(**header))
    one_sentence(tmp_path / "odd.wav", says)


def test_a_length_that_was_not_known_when_it_was_written(tmp_path):
    (tmp_path / "pipe.wav").write_bytes(wav_header()[: -1_000 - 4] + b"\xff" * 4 + b"\1\2" * 500)
    assert len(read_audio(tmp_path / "pipe.wav").samples) == 500


def rf64(said):
    """A thousand bytes of sound in a file whose 64-bit sizes say that they are `said`."""
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, (said + 72) % 2**64, said, said // 2, 0)
    plain = wav_header()[12:]
    return b"RF64" + b"\xff" * 4 + b"WAVE" + sizes + plain[:28] + b"\xff" * 4 + plain[32:]


@pytest.mark.fault(16)
@pytest.mark.parametrize("said", [1_002, 2**20, 2**40, 2**62, 2**63])
def test_a_64_bit_size_that_goes_past_the_end(tmp_path, capfd, said):
    (tmp_path / "a.wav").write_bytes(rf64(said))
    one_sentence(tmp_path / "a.wav", "cut short")
    assert capfd.readouterr() == ("", "")


def test_a_64_bit_size_that_is_right(tmp_path):
    (tmp_path / "a.wav").write_bytes(rf64(1_000))
    assert len(read_audio(tmp_path / "a.wav").samples) == 500


def flac_that_claims(path, count):
    """Ten seconds whose header says that they are `count` samples."""
    soundfile.write(path, np.zeros(10 * RATE, np.int16), RATE)
    content = bytearray(path.read_bytes())
    place = 8 + 13  # of STREAMINFO: the last 36 of these 40 bits count the samples
    content[place : place + 5] = (content[place] >> 4 << 36 | count).to_bytes(5, "big")
    path.write_bytes(content)
    return path


@pytest.mark.fault(16)
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda *_, **__: pytest.fail("it was decoded"))
    one_sentence(flac_that_claims(tmp_path / "a.flac", 2**36 - 1), r"2,386 hours long.*24 are decoded")
    one_sentence(flac_that_claims(tmp_path / "a.flac", 0), "not say how long")


@pytest.mark.fault(16)
def test_a_header_that_promises_too_much(tmp_path):
    one_sentence(flac_that_claims(tmp_path / "a.flac", 20 * RATE), "cut short")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none(tmp_path, bad):
    samples = TONE.copy()
    samples[20_000] = bad
    one_sentence((samples, RATE), "NaN or infinity")
    one_sentence(saved(tmp_path / "nan.wav", samples, subtype="FLOAT"), "NaN or infinity")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"Hello, this is no sound.", "text under a recording's name"),
        (b"<!DOCTYPE html><html>" + b" " * 200, "web page"),
        (b"\0\0\0\x20ftypM4A \0\0" + bytes(100), r"M4A recording.*ffmpeg -i a\.wav"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), "a video"),
        (b"RIFF\1\2\3\4AVI LIST" + bytes(100), "a video"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
        (b"RIFF\xff\xff\xff\0WAVE", "damaged or cut short"),
        (bytes(range(256)) * 8, "not a sound in a format"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_sound(tmp_path, content, says):
    (tmp_path / "a.wav").write_bytes(content)
    one_sentence(tmp_path / "a.wav", says)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("", "path of the recording is empty"),
        ("nowhere.wav", "no file 'nowhere.wav'"),
        ("https://example.org/a.wav", "an address"),
        ("/dev/null", "not an ordinary file"),
        (".", "is a folder"),
        (TONE, "without its rate"),
        ([0.1, 0.2, 0.3], "without its rate"),
        (None, "nothing to hear in NoneType"),
        (17, "nothing to hear in int"),
        ((np.zeros((2, 9_000)), RATE), r"give array\.T"),
        ((np.zeros((2, 2, 2)), RATE), "which is no sound"),
        ((np.zeros((0,)), RATE), "empty"),
        ((np.zeros((9_000, 0)), RATE), "empty"),
        ((np.zeros((90, 50)), RATE), "50 channels"),
        ((TONE > 0, RATE), "holds bool"),
        ((TONE * 1j, RATE), "holds complex"),
        ((np.int64(TONE * 9), RATE), "holds int64"),
        ((np.array(["a"]), RATE), "holds <U1"),
        ((TONE * 32_768, RATE), "divide by"),
        ((TONE, 0), "a rate of 0 Hz"),
        ((TONE, -8_000), "a rate of -8,000 Hz"),
        ((TONE, 8_000.5), "whole number"),
        ((TONE, float("nan")), "whole number"),
        ((TONE, float("inf")), "whole number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_heard(source, says):
    one_sentence(source, says)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.wav")

    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.open", refuse)
    one_sentence(path, "permission")
