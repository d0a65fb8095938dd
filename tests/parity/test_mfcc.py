"""Our coefficients are those of TensorFlow's audio operations, which DeepSpeech 0.9 uses."""

import numpy as np
import pytest
import tensorflow as tf

from course_lib.media.sound.corpus import recordings
from course_lib.media.sound.mfcc import Mfcc


@pytest.mark.parametrize("rate", [8_000, 16_000])
@pytest.mark.parametrize("kind", ["speech", "noise", "silence"])
def test_they_equal_tensorflows(rate, kind):
    samples = {
        "speech": recordings("voice_few")[0].audio.resampled(rate).samples,
        "noise": np.random.default_rng(0).normal(0, 0.1, rate + 77).astype(np.float32),
        "silence": np.zeros(rate // 2, np.float32),
    }[kind]
    sound = Mfcc(rate)
    spectrogram = tf.raw_ops.AudioSpectrogram(
        input=samples[:, None], window_size=sound.length, stride=sound.hop, magnitude_squared=True
    )
    expected = tf.raw_ops.Mfcc(
        spectrogram=spectrogram, sample_rate=rate, upper_frequency_limit=rate / 2,
        lower_frequency_limit=20, filterbank_channel_count=40, dct_coefficient_count=26,
    )[0]  # fmt: skip
    found = sound.of(samples)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_less_than_a_frame_is_filled_up_with_silence():
    samples = np.random.default_rng(0).normal(size=100)
    found = Mfcc(8_000).of(samples)
    assert found.shape == (1, 26)
    np.testing.assert_array_equal(found, Mfcc(8_000).of(np.pad(samples, (0, 156))))
