"""The few layers that several families share: convolutions whose padding can be told, and batch norm."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("course_lib")
class GroupedConv2D(layers.Conv2D):
    """A convolution of channel groups, each by itself; on a CPU far quicker to train than TensorFlow's own."""

    def call(self, x):
        parts, kernels = (ops.split(tensor, self.groups, axis=-1) for tensor in (x, self.kernel))
        options = {"strides": self.strides, "padding": self.padding, "dilation_rate": self.dilation_rate}
        x = ops.concatenate(
            [ops.conv(part, kernel, **options) for part, kernel in zip(parts, kernels, strict=True)], axis=-1
        )
        return self.activation(x + self.bias if self.use_bias else x)


def conv(
    x, filters, kernel, stride=1, *, padding="same", use_bias=False, groups=1, name, layer=layers.Conv2D
):
    """Convolve, with the padding convention of the framework that the weights come from.

    Args:
        x: a Keras tensor, (batch, height, width, channels).
        filters: number of output channels.
        kernel: side of the square kernel, in pixels; or (height, width).
        stride: step of the kernel, in pixels.
        padding: "same" pads as TensorFlow does (at stride 2 one side gets more), "symmetric" pads kernel // 2
            on every side as PyTorch and Caffe do. They differ only where stride > 1. "valid" pads nothing.
        use_bias: whether a bias is added; needless before batch norm.
        groups: number of channel groups that are convolved apart.
        name: the layer's name.
        layer: the class of the convolution.

    Returns:
        A Keras tensor, (batch, height / stride, width / stride, filters); with "valid" the borders are lost.
    """
    x, padding = _pad(x, kernel, stride, padding, name)
    options = {"padding": padding, "use_bias": use_bias, "groups": groups, "name": name}
    return layer(filters, kernel, strides=stride, **options)(x)


def depthwise_conv(x, kernel, stride=1, *, padding="same", name):
    """Convolve each channel by its own kernel; arguments as for `conv`."""
    x, padding = _pad(x, kernel, stride, padding, name)
    return layers.DepthwiseConv2D(kernel, strides=stride, padding=padding, use_bias=False, name=name)(x)


def batch_norm(x, epsilon, name, momentum=0.99, scale=True):
    """Normalise each channel; epsilon belongs to the weights (Keras 1e-3, PyTorch 1e-5), so does the scale gamma."""
    return layers.BatchNormalization(epsilon=epsilon, momentum=momentum, scale=scale, name=name)(x)


def round_channels(channels):
    """Round a scaled channel count to a multiple of 8, which processors like, but never more than 10 % down."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def relu6(x, name):
    """ReLU cut off at 6, which keeps activations in a range that 8 bits can hold."""
    return layers.ReLU(max_value=6.0, name=name)(x)


def classifier_head(x, classes, dropout=0.0):
    """Average over space to one feature vector ("pool"), then one score per class ("head", logits)."""
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name="head_dropout")(x)
    return layers.Dense(classes, name="head")(x)


def _pad(x, kernel, stride, padding, name):
    # At stride 1 both conventions pad (kernel - 1) / 2 on each side, so Keras's own "same" serves.
    if padding == "valid":
        return x, "valid"
    if padding == "same" or stride == 1 or kernel == 1:
        return x, "same"
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return layers.ZeroPadding2D((height // 2, width // 2), name=f"{name}_pad")(x), "valid"
