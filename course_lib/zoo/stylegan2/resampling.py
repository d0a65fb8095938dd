"""Making maps larger and smaller without jags: zeros between the pixels, a small blur, pixels left out (upfirdn)."""

from keras import ops

TAPS = (1, 3, 3, 1)  # the blur along each axis, before it is made to sum to 1


def upfirdn(x, up: int = 1, down: int = 1, pad: tuple[int, int] = (0, 0), gain: float = 1.0):
    """Put zeros between the pixels, pad, blur, and leave pixels out.

    Args:
        x: maps, (batch, height, width, channels).
        up: each pixel gets up - 1 zeros behind it, along both axes.
        down: of as many pixels, along both axes, one is kept.
        pad: rows and columns of zeros before and behind.
        gain: the result is multiplied by it.

    Returns:
        Maps, (batch, (height * up + sum(pad) - 3) / down, ..., channels), rounded up.

    Source: NVlabs/stylegan2-ada-pytorch, torch_utils/ops/upfirdn2d.py; the blur's taps are 1, 3, 3, 1.
    """
    if up > 1:
        x = _with_zeros(x, up)
    x = ops.pad(x, ((0, 0), pad, pad, (0, 0)))
    # A blur of a square is a blur of its columns, then of its rows.
    for axis in (1, 2):
        x = _blur(x, axis, down, gain**0.5)
    return x


def upsample(x):
    """Make maps twice as large, (batch, height, width, channels) -> (batch, 2 height, 2 width, channels)."""
    return upfirdn(x, up=2, pad=(2, 1), gain=4.0)


def downsample(x):
    """Make maps half as large, (batch, height, width, channels) -> (batch, height / 2, width / 2, channels)."""
    return upfirdn(x, down=2, pad=(1, 1))


def _with_zeros(x, up):
    _, height, width, channels = x.shape
    x = ops.reshape(x, (-1, height, 1, width, 1, channels))
    x = ops.pad(x, ((0, 0), (0, 0), (0, up - 1), (0, 0), (0, up - 1), (0, 0)))
    return ops.reshape(x, (-1, height * up, width * up, channels))


def _blur(x, axis, down, gain):
    length = x.shape[axis] - len(TAPS) + 1
    pieces = []
    for start, tap in enumerate(TAPS):
        kept = slice(start, start + length, down)
        piece = x[:, kept] if axis == 1 else x[:, :, kept]
        pieces.append(piece * (tap * gain / sum(TAPS)))
    return sum(pieces)
