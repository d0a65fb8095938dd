"""What a network costs: parameters and multiply-adds, counted layer by layer."""

from dataclasses import dataclass
from math import prod

import keras
import tensorflow as tf

from course_lib.catalog import Card
from course_lib.zoo import family
from course_lib.zoo.attention import CachedAttention


@dataclass(frozen=True)
class LayerCost:
    """One layer's share.

    Attributes:
        name, kind: of the layer, for instance "stem_conv", "Conv2D".
        output: shape of its output for one picture.
        params: its numbers, trained or not.
        multiply_adds: multiplications, each with its addition, for one picture, or one step of a row of any length;
            of convolutions, dense layers and attention alone, as papers count them.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    params: int
    multiply_adds: int


def layer_costs(model: keras.Model) -> list[LayerCost]:
    """Count every layer of a model.

    Args:
        model: a functional model with a fixed input size.

    Returns:
        One `LayerCost` a layer, in the order in which they run.
    """
    return [
        LayerCost(
            layer.name, type(layer).__name__, _first_shape(layer), layer.count_params(), _multiply_adds(layer)
        )
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]  # fmt: skip


def multiply_adds(model: keras.Model) -> int:
    """Return the multiply-adds of one picture, or token, through a model; half of what is called FLOPs elsewhere."""
    return sum(cost.multiply_adds for cost in layer_costs(model))


def count(card: Card) -> tuple[int, int]:
    """Return the parameters and multiply-adds of a card's network, however large it is.

    In a graph that never runs, a variable has a shape and an initialiser but no numbers: the network of a billion
    parameters is counted in the memory of a small one. Where an input may have any length and layers thin it out, a family
    says with `build_to_count` for what length its cost is told.
    """
    architecture = family(card.family)
    if not hasattr(architecture, "build"):  # it comes ready-made, and shows nothing to count
        return card.params, card.multiply_adds
    with tf.Graph().as_default():
        build = getattr(architecture, "build_to_count", architecture.build)
        model = build(architecture.CONFIGS[card.id])
        return model.count_params(), multiply_adds(model)


def _multiply_adds(layer) -> int:
    """Every number of a kernel meets every place of the output once; biases add without multiplying."""
    if not isinstance(layer, keras.layers.Layer) or not layer.weights:
        return 0
    if isinstance(layer, keras.Model):
        return _nested(layer)
    if callable(counted := getattr(layer, "multiply_adds", None)):  # a layer that knows best itself
        return counted()
    if isinstance(layer, keras.layers.Dense):
        return _places(layer.output) * prod(layer.kernel.shape)
    if isinstance(layer, keras.layers.MultiHeadAttention):
        return _attention(layer)
    if isinstance(layer, CachedAttention):
        return _cached_attention(layer)
    if isinstance(layer, keras.layers.ReversibleEmbedding):
        heads = sum(bool(call.arguments.kwargs.get("reverse")) for call in layer._inbound_nodes)
        return heads * _places(layer.output) * prod(layer.embeddings.shape)
    if isinstance(layer, keras.layers.SeparableConv2D):
        return _places(layer.output) * (
            prod(layer.depthwise_kernel.shape) + prod(layer.pointwise_kernel.shape)
        )
    if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
        # At each step all gates read the input, and the state before it.
        kernels = (weight for weight in layer.weights if "kernel" in weight.name)
        sequence = keras.tree.flatten(layer.input)[0]  # a mask may come behind it
        return _places(sequence) * sum(prod(kernel.shape) for kernel in kernels)
    if isinstance(layer, keras.layers.Conv1D | keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
        return _places(layer.output) * prod(layer.kernel.shape)
    if isinstance(
        layer, keras.layers.Conv1DTranspose | keras.layers.Conv2DTranspose
    ):  # here it is every place of the input
        return _places(layer.input) * prod(layer.kernel.shape)
    return 0


def _first_shape(layer) -> tuple[int, ...]:
    """Return the shape of a layer's output, the first one of several."""
    return tuple(keras.tree.flatten(layer.output)[0].shape[1:])


def _places(x) -> int:
    """Count the pixels or tokens of a tensor; where a text may have any length, it is one token."""
    return prod(size or 1 for size in x.shape[1:-1])


def _nested(inner: keras.Model) -> int:
    """A model inside a model works at every call, on as many tokens or pixels as it gets there."""
    total = 0
    for call in inner._inbound_nodes:
        inputs = [
            keras.Input(x.shape[1:], dtype=x.dtype, name=own.name)
            for x, own in zip(call.input_tensors, inner.inputs, strict=True)
        ]
        inputs = keras.tree.pack_sequence_as(inner.input, inputs)
        total += multiply_adds(keras.models.clone_model(inner, inputs))
    return total


def _cached_attention(layer: CachedAttention) -> int:
    """As `_attention`; of a text of any length, a token looks at one."""
    call = layer._inbound_nodes[0].arguments
    memory = call.kwargs.get("memory", call.args[1] if len(call.args) > 1 else None)
    tokens, seen = _places(layer.output), _places(layer.output if memory is None else memory)
    query, key, value, out = (prod(d.kernel.shape) for d in (layer.query, layer.key, layer.value, layer.out))
    return tokens * (query + out) + seen * (key + value) + 2 * tokens * seen * layer.heads * layer.head_width


def _attention(layer) -> int:
    """Each token passes the dense layers inside; then every query meets every key, and every weight every value."""
    query, value, *key = layer.input
    tokens = {"query": query.shape[1], "value": value.shape[1], "key": (key or [value])[0].shape[1]}
    dense = {
        "query": layer.query_dense, "value": layer.value_dense, "key": layer.key_dense, "output": layer.output_dense
    }  # fmt: skip
    projections = sum(
        tokens.get(name, tokens["query"]) * prod(inner.kernel.shape) for name, inner in dense.items()
    )
    return projections + tokens["query"] * tokens["key"] * layer.num_heads * (layer.key_dim + layer.value_dim)
