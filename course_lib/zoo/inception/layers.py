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
