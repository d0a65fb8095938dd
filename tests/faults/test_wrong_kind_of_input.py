"""Numbers in another range, channels in another order, another rate: refused or warned of, and what to do stands there."""

import warnings

import numpy as np
import pytest
import soundfile

from course_lib.errors import BadInput
from course_lib.media.images import read_image
from course_lib.media.sound.inputs import open_sound, read_audio

GREY = np.linspace(0, 255, 32 * 32 * 3).reshape(32, 32, 3)
TONE = np.float32(0.3 * np.sin(np.arange(16_000) / 5))

# array -> what the sentence tells to do
REFUSED = {
    "0 to 1": (GREY / 255, "multiply by 255"),
    "float16, 0 to 1": ((GREY / 255).astype(np.float16), "multiply by 255"),
    "-1 to 1": (GREY / 127.5 - 1, "as they were before"),
    "without the mean": (GREY - GREY.mean((0, 1)), "as they were before"),
    "ImageNet's spread": ((GREY / 255 - 0.45) / 0.22, "as they were before"),
    "16 bits": ((GREY * 257).astype(np.uint16), "divide by 257"),
    "one number too large": (np.where(GREY >= 255, 256.0, GREY), "divide by 257"),
    "NaN": (np.where(GREY >= 255, np.nan, GREY), "division by zero"),
    "infinite": (np.where(GREY >= 255, np.inf, GREY), "division by zero"),
    "a mask": (GREY > 100, "multiply by 255"),
    "channels first": (GREY.transpose(2, 0, 1), r"np.transpose\(array, \(1, 2, 0\)\)"),
    "grey, channels first": (GREY[..., :1].transpose(2, 0, 1), "np.transpose"),
    "a batch": (GREY[None], r"array\[0\]"),
    "a batch of greys": (np.zeros((7, 32, 32)), r"array\[..., None\]"),
    "five channels": (np.zeros((32, 32, 5)), "expected|add the channels"),
    "complex": (GREY + 0j, "convert it first"),
    "texts": (GREY.astype(str), "convert it first"),
}


@pytest.mark.fault(17)
@pytest.mark.parametrize("name", REFUSED)
def test_pictures_of_another_kind(name):
    array, do = REFUSED[name]
    with pytest.raises(BadInput, match=do) as error:
        read_image(array)
    assert "\n" not in str(error.value)


@pytest.mark.fault(17)
@pytest.mark.parametrize("kind", ["uint8", "int32", "int64"])
def test_whole_numbers_of_0_and_1_are_warned_of(kind):
    with pytest.warns(UserWarning, match="multiply by 255"):
        read_image((GREY > 100).astype(kind))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_image(np.zeros((8, 8, 3), kind))  # black is black
        read_image(GREY.astype(kind))


# (samples, rate) -> what the sentence tells to do
SOUNDS = {
    "a rate in kHz": ((TONE, 16), "check what wrote it"),
    "a broken rate": ((TONE, 44.1), "whole number of samples a second"),
    "no rate": (TONE, r"give \(samples, rate\)"),
    "a negative rate": ((TONE, -16_000), "check what wrote it"),
    "rate 0": ((TONE, 0), "check what wrote it"),
    "floats of 16 bits": ((TONE * 32_768, 16_000), "32768 for 16 bits"),
    "channels first": ((np.stack([TONE, TONE]), 16_000), r"array\.T"),
    "whole numbers of 64 bits": (((TONE * 100).astype(np.int64), 16_000), "convert it first"),
    "NaN": ((np.where(TONE.max() <= TONE, np.nan, TONE), 16_000), "division by zero"),
}


@pytest.mark.fault(17)
@pytest.mark.parametrize("name", SOUNDS)
def test_sounds_of_another_kind(name):
    source, do = SOUNDS[name]
    with pytest.raises(BadInput, match=do) as error:
        read_audio(source)
    assert "\n" not in str(error.value)


@pytest.mark.fault(17)
@pytest.mark.parametrize(("own", "wanted", "told"), [(8_000, 16_000, True), (11_025, 16_000, True), (16_000, 16_000, False), (48_000, 16_000, False)])  # fmt: skip
def test_a_rate_below_the_wanted_one_is_warned_of(own, wanted, told):
    with open_sound((TONE, own), wanted) as sound:
        list(sound.blocks)
    assert ("is missing" in sound.warning and f"Record it at {wanted:,} Hz" in sound.warning) == told


@pytest.mark.fault(17)
def test_the_command_says_what_was_too_coarse_and_goes_on(course, homes, tmp_path):
    soundfile.write(tmp_path / "coarse.wav", TONE[:6_000], 4_000)
    ended = course.run("transcribe", tmp_path / "coarse.wav", **homes)
    assert ended.status == 0, ended
    assert "recorded at 4,000 Hz, below the 8,000 Hz" in ended.err
