"""Weights in eight bits: no number moves by more than half a step, nothing is rounded twice, broken files are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import save_file

from course_lib import catalog
from course_lib.errors import BadInput
from course_lib.weights.eight_bits import LEAST, SCALE, pack, quantise, unpack
from course_lib.weights.sources import nano

# From nothing at all to the largest that there is; channels of one size each and of all.
NUMBERS = st.one_of(
    st.floats(-2, 2, width=32), st.floats(width=32, allow_nan=False, allow_infinity=False), st.just(0.0)
)
KERNELS = arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=4, max_side=5), elements=NUMBERS)
quick = settings(max_examples=100, deadline=None)
KERNEL = np.random.default_rng(0).normal(size=(3, 3, 16, 32)).astype(np.float32)


@quick
@given(KERNELS)
def test_no_number_moves_by_more_than_half_a_step(kernel):
    whole, scale = quantise(kernel)
    assert (whole.dtype, scale.dtype, whole.shape) == (np.int8, np.float32, kernel.shape)
    assert np.isfinite(whole * scale).all()
    assert (np.abs(whole * scale.astype(float) - kernel) <= 0.505 * scale.astype(float)).all()


@quick
@given(KERNELS)
def test_what_was_rounded_once_stays_as_it_is(kernel):
    whole, scale = quantise(kernel)
    again, same = quantise(whole * scale)
    np.testing.assert_array_equal(again, whole)
    np.testing.assert_array_equal(again * same, whole * scale)


@quick
@given(KERNELS, st.sampled_from([2.0, 0.125, 1024.0]))
def test_each_output_channel_has_a_step_of_its_own(kernel, times):
    """However large one channel becomes, the others' numbers do not change."""
    kernel = np.clip(kernel, -1e6, 1e6)[..., :1] * np.ones(3, np.float32)
    larger = kernel * np.array([1, times, 1], np.float32)
    (one, scale), (other, scales) = quantise(kernel), quantise(larger)
    np.testing.assert_array_equal((one * scale)[..., ::2], (other * scales)[..., ::2])
    assert scales.size == 3


def test_channels_of_zeros_stay_zeros():
    kernel = np.zeros((4, 4), np.float32)
    kernel[:, 1] = 1e-38  # so small that no step can be told from it
    whole, scale = quantise(kernel)
    assert not whole.any()
    assert (scale == 1).all()


def test_a_depthwise_kernel_has_a_step_for_each_channel():
    assert quantise(KERNEL[..., None])[1].shape == (1, 1, 1, 32, 1)


def test_large_kernels_alone_become_whole_numbers():
    arrays = {"large": KERNEL, "small": KERNEL[0, 0, :, :4], "row": np.ones(2 * LEAST, np.float32)}
    tensors = pack(arrays, 8)
    assert {name: str(tensor.dtype) for name, tensor in tensors.items()} == {
        "large": "int8", "large" + SCALE: "float32", "small": "float16", "row": "float16",
    }  # fmt: skip
    assert {str(tensor.dtype) for tensor in pack(arrays, 16).values()} == {"float16"}
    for bits in (8, 16):
        found = unpack(pack(arrays, bits))
        assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}
        assert list(found) == list(arrays)
        for name, array in arrays.items():
            np.testing.assert_allclose(found[name], array, atol=0.02, err_msg=name)


def test_eight_bits_cost_less_than_a_hundredth_of_the_weights():
    off = unpack(pack({"kernel": KERNEL}, 8))["kernel"] - KERNEL
    assert 0.001 < np.sqrt(np.square(off).mean() / np.square(KERNEL).mean()) < 0.01


def broken(name):
    tensors = pack({"head/kernel": KERNEL}, 8)
    scale = tensors["head/kernel" + SCALE]
    if name == "orphan":
        del tensors["head/kernel"]
    elif name == "lone":
        del tensors["head/kernel" + SCALE]
    elif name == "beside floats":
        tensors["head/kernel"] = KERNEL
    else:
        changed = {"shape": scale[..., :-1], "axes": scale[0], "half": scale.astype(np.float16)}
        changed |= {"nan": scale * np.nan, "inf": scale * np.inf, "nought": scale * 0, "minus": -scale}
        tensors["head/kernel" + SCALE] = changed[name]
    return tensors


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("orphan", "without the whole numbers"),
        ("beside floats", "without the whole numbers"),
        ("lone", "no head/kernel.scale to say"),
        ("shape", "does not fit head/kernel of shape"),
        ("axes", "does not fit"),
        ("half", "does not fit"),
        ("nan", "not finite"),
        ("inf", "not finite"),
        ("nought", "not finite and above 0"),
        ("minus", "not finite and above 0"),
    ],
)
def test_a_broken_pair_is_refused_in_one_sentence(name, says, tmp_path):
    path = tmp_path / "mine.safetensors"
    with np.errstate(invalid="ignore"):
        save_file(broken(name), path)
    with pytest.raises(
        BadInput, match=f"^mine.safetensors is damaged: .*{says}.*course pretrain resnet_nano`"
    ) as caught:
        nano.read(path, catalog.card("resnet_nano").weights[0])
    assert "\n" not in str(caught.value)
