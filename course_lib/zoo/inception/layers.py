"""What the versions of Inception share: the convolution with batch norm, and pooling in two conventions."""

from keras import layers

from course_lib.zoo.layers import batch_norm, conv


def conv_bn(x, filters, kernel, stride=1, *, config, name, padding=None):
    """Convolve without bias, normalise, cut off below zero.

    Args:
        x: a Keras tensor, (batch, height, width, channels).
        filters: number of output channels.
        kernel: side of the square kernel, in pixels; or (height, width).
        stride: step of the kernel, in pixels.
        config: gives `bn_epsilon`, `bn_momentum` and `bn_scale`, and `padding` where none is told.
        name: of the three layers, `<name>_conv`, `<name>_bn` and `<name>_relu`.
        padding: "same", "symmetric" or "valid"; see `zoo.layers.conv`.

    Returns:
        A Keras tensor, (batch, height / stride, width / stride, filters).
    """
    x = conv(x, filters, kernel, stride, padding=padding or config.padding, name=f"{name}_conv")
    x = batch_norm(x, config.bn_epsilon, f"{name}_bn", config.bn_momentum, config.bn_scale)
    return layers.ReLU(name=f"{name}_relu")(x)


def chain(x, steps, *, config, name):
    """Convolve several times, one behind the other: a branch of a module of versions 3 and 4.

    Args:
        x: a Keras tensor, (batch, height, width, channels).
        steps: (channels, kernel) keeps the map's size; (channels, kernel, stride) pads nothing, the papers' "V".
        config: as for `conv_bn`.
        name: the first convolution is called `<name>_1_conv`.

    Returns:
        The last one's output.
    """
    for number, (filters, kernel, *stride) in enumerate(steps, start=1):
        padding = "valid" if stride else "same"
        x = conv_bn(x, filters, kernel, *stride, config=config, name=f"{name}_{number}", padding=padding)
    return x


def chains(x, *branches, config, name):
    """Convolve the same input along several branches, "<name>_branch1" and on; each is the `steps` of a `chain`."""
    return [
        chain(x, steps, config=config, name=f"{name}_branch{n}") for n, steps in enumerate(branches, start=1)
    ]


def average_branch(x, filters, *, config, name):
    """Average over 3x3 pixels, then convolve 1x1: the branch with pooling of versions 3 and 4."""
    x = layers.AveragePooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    return chain(x, [(filters, 1)], config=config, name=name)


def module(x, *branches, pooled, config, name):
    """Lay branches side by side, and one more that averages first and has `pooled` channels; the map keeps its size."""
    last = average_branch(x, pooled, config=config, name=f"{name}_branch{len(branches) + 1}")
    return layers.Concatenate(name=f"{name}_out")([*chains(x, *branches, config=config, name=name), last])


def reduction(x, *branches, config, name):
    """Lay branches that end with stride 2 side by side, and the largest of each 3x3 pixels: the map's sides halve."""
    pooled = layers.MaxPooling2D(3, strides=2, name=f"{name}_pool")(x)
    return layers.Concatenate(name=f"{name}_out")([*chains(x, *branches, config=config, name=name), pooled])


def figure_7(x, config, name):
    """The reduction from 35x35 pixels to 17x17 that version 4 and Inception-ResNet share; table 1 has its widths."""
    k, l, m, n = config.reduction_a  # noqa: E741, the paper's letters
    return reduction(x, [(n, 3, 2)], [(k, 1), (l, 3), (m, 3, 2)], config=config, name=name)


def numbered(name, count):
    """Return "<name>1", "<name>2", ..., the names of modules of one kind."""
    return [f"{name}{number}" for number in range(1, count + 1)]
