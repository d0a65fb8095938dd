"""Figures of sound: what stands on the axes and in the alternative texts."""

import numpy as np
import pytest

from course_lib import viz
from course_lib.errors import BadInput
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.spectra import NANO
from course_lib.viz import moments, sound


@pytest.fixture(scope="module")
def beep():
    """Half a second of silence, half a second of 1,000 Hz."""
    samples = np.zeros(8_000, np.float32)
    samples[4_000:] = 0.5 * np.sin(2 * np.pi * 1_000 * np.arange(4_000) / 8_000)
    return Audio(samples, 8_000)


@pytest.fixture
def axes(monkeypatch):
    """The axes of the figures that are drawn."""
    seen = []
    real = sound.draw
    for module in (sound, moments):
        monkeypatch.setattr(module, "draw", lambda fig, *rest: seen.extend(fig.axes) or real(fig, *rest))
    return seen


def test_a_waveform_says_how_long_and_how_loud(beep, axes):
    picture = viz.waveform(
        {"a beep": beep, "half": Audio(beep.samples[:4_500], 8_000)}, words=[("beep", 0.5, 1.0)]
    )
    assert "a beep: 1.00 s, up to 0.50 of full swing at 0.5" in picture.alt
    assert "Words over it: beep." in picture.alt
    assert [a.get_xlim() for a in axes] == [(0, 1), (0, 1)]
    assert [t.get_text() for t in axes[0].texts] == ["beep"]


def test_a_long_waveform_keeps_its_peaks():
    samples = np.zeros(1_000_000, np.float32)
    samples[123_457] = 0.9
    times, low, high = sound._envelope(Audio(samples, 8_000))
    assert len(times) <= sound.POINTS
    assert high.max() == np.float32(0.9)
    assert low.min() == 0
    assert times[np.argmax(high)] == pytest.approx(123_457 / 8_000, abs=0.1)


@pytest.mark.parametrize("mel", [None, NANO], ids=["linear", "mel"])
def test_a_spectrogram_finds_the_pitch(beep, axes, mel):
    picture = viz.spectrogram(beep, mel)
    assert picture.alt.startswith("Mel spectrogram" if mel else "Spectrogram")
    when, pitch = picture.alt.rpartition("loudest at ")[2].split(" s near ")
    assert float(when) > 0.5
    assert abs(float(pitch.split(" Hz")[0].replace(",", "")) - 1_000) < 40
    ticks = {
        label.get_text(): place
        for label, place in zip(axes[0].get_yticklabels(), axes[0].get_yticks(), strict=True)
    }
    assert "1,000" in ticks
    pixels = np.asarray(axes[0].images[0].get_array())
    assert abs(pixels[:, -20].argmax() + 0.5 - ticks["1,000"]) <= 1.5


def test_spectrograms_side_by_side_share_their_colours(beep, axes):
    quiet = Audio(0.01 * beep.samples, 8_000)
    picture = viz.spectrogram({"loud": beep, "quiet": quiet, "made": NANO.of(beep.samples)}, NANO)
    shown = [a for a in axes if a.get_visible()]
    assert [a.get_title(loc="left") for a in shown] == ["loud", "quiet", "made"]
    assert len({a.images[0].get_clim() for a in shown}) == 1
    assert all(name in picture.alt for name in ("loud: ", "quiet: ", "made: "))


def test_another_rate_is_brought_to_the_mels(beep):
    assert "near 1," in viz.spectrogram(beep.resampled(22_050), NANO).alt.replace("near 9", "near 1,")


def test_an_alignment_says_whether_it_goes_back(axes):
    picture = viz.alignment(np.eye(5)[[0, 1, 1, 2, 4, 3]], "a bcd", step=0.1)
    assert "6 steps to 5 letters, from letter 1 to letter 4; 80% of the steps do not go back" in picture.alt
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["a", "\N{OPEN BOX}", "b", "c", "d"]


def test_spikes_are_the_letters_in_their_order(axes):
    p = np.full((12, 4), 0.01)
    for frame, symbol in enumerate([3, 0, 0, 3, 1, 3, 1, 2, 3, 3, 3, 3]):
        p[frame, symbol] = 0.97
    picture = viz.spikes(np.log(p), ["a", "b", " ", "<blank>"], 3, 0.02, words=[("abb", 0.02, 0.14)])
    assert "spikes in this order: a b b \N{OPEN BOX}." in picture.alt
    assert axes[0].get_xlim() == (0, pytest.approx(0.24))


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda beep: viz.waveform({}), "nothing to draw"),
        (lambda beep: viz.waveform(Audio(beep.samples[:0], 8_000)), "no samples"),
        (lambda beep: viz.spectrogram({}), "nothing to draw"),
        (lambda beep: viz.spectrogram(np.zeros((9, 80))), "give `mel`"),
        (lambda beep: viz.spectrogram(np.zeros((9, 40)), NANO), r"\(frames, 80\), not \(9, 40\)"),
        (lambda beep: viz.alignment(np.zeros((9, 4)), "abc"), r"\(steps, 3\), not \(9, 4\)"),
        (lambda beep: viz.spikes(np.zeros((9, 4)), "abc", 0, 0.02), r"\(frames, 3\), not \(9, 4\)"),
    ],
)
def test_what_cannot_be_drawn(beep, draw, says):
    with pytest.raises(BadInput, match=says):
        draw(beep)
