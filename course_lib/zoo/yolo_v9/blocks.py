"""What YOLOv9 is made of: convolutions that can be fused, and GELAN's blocks."""

from itertools import accumulate

from keras import layers, ops

from course_lib.zoo.layers import GroupedConv2D, batch_norm, conv
from course_lib.zoo.yolo_layers import halves, silu


def conv_unit(x, filters, kernel, config, name, **options):
    """Convolve, normalise, and activate by SiLU; the last layer has the name itself."""
    return silu(_conv_bn(x, filters, kernel, config, name, **options), name)


def _conv_bn(x, filters, kernel, config, name, stride=1, groups=1):
    layer = GroupedConv2D if groups > 1 else layers.Conv2D
    x = conv(x, filters, kernel, stride, padding="symmetric", use_bias=config.fused, groups=groups,
             name=f"{name}_conv", layer=layer)  # fmt: skip
    return x if config.fused else batch_norm(x, config.bn_epsilon, f"{name}_bn", config.bn_momentum)


def csp_elan(x, filters, hidden, config, name):
    """GELAN's block: split the channels, let two CSP blocks work on one half, one behind the other, and keep everything.

    Args:
        x: (batch, height, width, channels).
        filters: channels of the result.
        hidden: channels that are split; the CSP blocks have half as many.
        config: of the network.
        name: of the block; its last layer is "<name>_out".

    Returns:
        (batch, height, width, filters).

    Source: arXiv 2402.13616, figure 4c.
    """
    parts = halves(conv_unit(x, hidden, 1, config, f"{name}_split"))
    for number in (1, 2):
        x = _csp(parts[-1], hidden // 2, config, f"{name}_csp{number}")
        parts.append(conv_unit(x, hidden // 2, 3, config, f"{name}_mix{number}"))
    return conv_unit(layers.Concatenate(name=f"{name}_kept")(parts), filters, 1, config, f"{name}_out")


def elan(x, filters, hidden, config, name):
    """The block without bottlenecks: plain convolutions in the place of the CSP blocks; arguments as for `csp_elan`."""
    parts = halves(conv_unit(x, hidden, 1, config, f"{name}_split"))
    for number in (1, 2):
        parts.append(conv_unit(parts[-1], hidden // 2, 3, config, f"{name}_mix{number}"))
    return conv_unit(layers.Concatenate(name=f"{name}_kept")(parts), filters, 1, config, f"{name}_out")


def down(x, filters, config, name):
    """Halve height and width, after averaging 2x2 pixels, so that none of them goes unseen."""
    x = layers.AveragePooling2D(2, strides=1, name=f"{name}_average")(x)  # one pixel narrower, so that
    if config.halving == "average":  # what follows pads alike on both sides
        return conv_unit(x, filters, 3, config, name, stride=2)
    strided, pooled = halves(x)
    strided = conv_unit(strided, filters // 2, 3, config, f"{name}_strided", stride=2)
    pooled = layers.MaxPooling2D(3, strides=2, padding="same", name=f"{name}_pool")(pooled)
    pooled = conv_unit(pooled, filters // 2, 1, config, f"{name}_pooled")
    return layers.Concatenate(name=name)([strided, pooled])


def links(maps, config, prefix):
    """Let each map of a backbone speak to every level that is as fine as its own or finer.

    Args:
        maps: level -> map, consecutive levels.
        config: of the network.
        prefix: begins the layers' names.

    Returns:
        Level -> maps of this level's size and of `config.downs`' channels, to be added there.

    Source: arXiv 2402.13616, appendix A (CBLinear and CBFuse, after CBNet, arXiv 1909.03625).
    """
    levels = sorted(maps)
    found = {level: [] for level in levels}
    for level in levels:
        targets = levels[: levels.index(level) + 1]
        widths = [config.downs[target - 1] for target in targets]
        x = conv(maps[level], sum(widths), 1, use_bias=True, name=f"{prefix}link{level}")
        parts = ops.split(x, list(accumulate(widths))[:-1], axis=-1) if len(widths) > 1 else [x]
        for target, part in zip(targets, parts, strict=True):
            larger = layers.UpSampling2D(2 ** (level - target), name=f"{prefix}link{level}to{target}")
            found[target].append(larger(part))
    return found


def _csp(x, filters, config, name):
    """Half the channels pass bottlenecks, the other half passes by."""
    main = conv_unit(x, filters // 2, 1, config, f"{name}_main")
    for number in range(1, config.depth + 1):
        main = _bottleneck(main, config, f"{name}_block{number}")
    aside = conv_unit(x, filters // 2, 1, config, f"{name}_aside")
    return conv_unit(layers.Concatenate(name=f"{name}_kept")([main, aside]), filters, 1, config, name)


def _bottleneck(x, config, name):
    filters = x.shape[-1]
    residual = conv_unit(_rep_conv(x, filters, config, f"{name}_rep"), filters, 3, config, f"{name}_last")
    return layers.Add(name=name)([x, residual])


def _rep_conv(x, filters, config, name):
    """Two convolutions side by side, easier to train than one; fused, they are one, since both are linear."""
    if config.fused:
        return conv_unit(x, filters, 3, config, name)
    sides = [_conv_bn(x, filters, kernel, config, f"{name}_{kernel}x{kernel}") for kernel in (3, 1)]
    return silu(layers.Add(name=f"{name}_sum")(sides), name)
