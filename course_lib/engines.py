"""What runs a network: TensorFlow itself, or a copy of the network on OpenVINO, ONNX Runtime or LiteRT."""

import os
import tempfile
import zlib
from collections.abc import Callable

import keras
import numpy as np

from course_lib import litert, runtimes
from course_lib.engine_names import check, cores, installed
from course_lib.errors import CourseError, first_line
from course_lib.quiet import silence
from course_lib.tracing import constant_inference, inference, signature, variables

# From so many pictures, and multiply-adds of all, a copy is worth its seconds; docs/decisions.md
MANY, MUCH = 200, 100e9
TOLERANCE = 1e-4  # how far a copy's answers may lie from TensorFlow's, relative to the largest
SAMPLES = 1000  # numbers of each variable that are looked at to see whether it has changed
OPSET = 17  # of ONNX: the first with layer normalisation


def function(
    model: keras.Model | keras.Function, engine: str = "tf", threads: int | None = None
) -> Callable[..., np.ndarray]:
    """Get a network ready to run, for every batch size.

    Args:
        model: a Keras model with one output, or a graph of layers without one.
        engine: "tf", or one of `installed()`.
        threads: processor threads to use; by default as many as there are cores for this process.

    Returns:
        A function from an array for each input to a NumPy array, in float32 whatever the processor offers. It follows the
        model's weights: TensorFlow reads them at each call, a copy is made anew once they have changed.

    Raises:
        BadInput: there is no such engine, or TensorFlow is to get threads of its own.
        CourseError: its packages are missing, it can't run this network, or it gives other answers than TensorFlow.
    """
    check(engine, threads)
    return compiled(model) if engine == "tf" else _Copy(model, engine, threads or cores())


def fastest(model: keras.Model) -> str:
    """Return the engine that is normally fastest here for many pictures; the order is measured, see docs/decisions.md."""
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return "tf"
    if any(isinstance(layer, keras.layers.DepthwiseConv2D) for layer in model.layers):
        return "litert"  # TensorFlow is slow at these
    return next(name for name in ("openvino", "onnx", "tf") if name in installed())


def pays(model: keras.Model, pictures: int) -> bool:
    """Say whether there is so much to do that copying a network to another engine is worth its seconds."""
    from course_lib.zoo.cost import multiply_adds

    return pictures >= MANY and pictures * multiply_adds(model) >= MUCH


def compiled(model: keras.Model | keras.Function) -> Callable[..., np.ndarray]:
    """Compile a model's inference in TensorFlow once for every batch size; see `function`."""
    import tensorflow as tf

    # A concrete function skips the look-up of the right trace at every call.
    run, specs = inference(model).get_concrete_function(), signature(model)

    def call(*arrays: np.ndarray) -> np.ndarray:
        given = zip(arrays, specs, strict=True)
        return run(*(tf.convert_to_tensor(array, spec.dtype) for array, spec in given)).numpy()

    return call


class _Copy:
    """A network on another engine; its copy of the weights is made anew where they have changed since.

    Each call looks at some numbers of each variable, which sees training and loading; `follow` looks at all of them.
    """

    def __init__(self, model: keras.Model | keras.Function, engine: str, threads: int):
        self._model, self._engine, self._threads = model, engine, threads
        self._dtypes = [spec.dtype.as_numpy_dtype for spec in signature(model)]
        self._sample = _sampler(model)
        self._make()

    def __call__(self, *arrays: np.ndarray) -> np.ndarray:
        if not np.array_equal(self._sample(), self._seen):
            self._make()
        return self._run(*map(np.ascontiguousarray, arrays, self._dtypes))

    def follow(self) -> "_Copy":
        """Make the copy anew if a single number has changed."""
        if self._checksums() != self._sums:
            self._make()
        return self

    def _checksums(self) -> list[int]:
        return [zlib.crc32(np.ascontiguousarray(variable)) for variable in variables(self._model)]

    def _make(self) -> None:
        """Copy the network as it is now, and hold a few of its answers against TensorFlow's."""
        self._seen, self._sums = self._sample(), self._checksums()
        try:
            with silence():
                network = constant_inference(self._model)
                self._run = _ENGINES[self._engine](self._model, network, self._threads)
                inputs = _examples(self._model)
                found, expected = self._run(*inputs), network(*inputs).numpy()
        except Exception as error:  # whatever an engine's converter throws: most have no errors of their own
            raise CourseError(
                f"{self._engine} can't run this network ({first_line(error)}): use engine='tf'."
            ) from error
        difference = np.abs(found - expected).max() / (np.abs(expected).max() or 1)
        if not difference <= TOLERANCE:  # true for a NaN as well
            raise CourseError(
                f"{self._engine} gives other answers than TensorFlow for this network (by {difference:.1g} of the largest): "
                "use engine='tf'."
            )


def _openvino(model, network, threads: int) -> Callable:
    graph, names = _graph(network)
    return runtimes.openvino(_read(graph), threads, [f"{name}:0" for name in names])


def to_openvino(model: keras.Model | keras.Function, network=None):
    """Convert a network to OpenVINO, for every batch size; `openvino.save_model` writes it.

    Args:
        model: a Keras model with one output, or a graph of layers without one.
        network: its `constant_inference`, where that is there already.

    Returns:
        The `openvino.Model`.
    """
    return _read(_graph(network or constant_inference(model))[0])


def _read(graph: bytes):
    """Take a TensorFlow graph over to OpenVINO; read from a file, that takes a tenth of the time."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network.pb")
        with open(path, "wb") as file:
            file.write(graph)
        return runtimes.openvino_core().read_model(path)


def _graph(network) -> tuple[bytes, list[str]]:
    """Return a function as a TensorFlow graph file without variables, and the names of its inputs."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    function = network.get_concrete_function()
    if function.captured_inputs:  # variables that Keras does not manage, as in a layer round a SavedModel
        function = convert_variables_to_constants_v2(function)
    output = function.outputs[0].op.name
    # Without this, nodes that nobody reads would count as outputs.
    graph = tf.compat.v1.graph_util.extract_sub_graph(function.graph.as_graph_def(), [output])
    return graph.SerializeToString(), [x.op.name for x in function.inputs]


def _onnx(model, network, threads: int) -> Callable:
    return runtimes.onnx(to_onnx(model, network), threads)


def to_onnx(model: keras.Model | keras.Function, network=None) -> bytes:
    """Export a network to ONNX, for every batch size; to be written to "name.onnx".

    Args:
        model: a Keras model with one output, or a graph of layers without one.
        network: its `constant_inference`, where that is there already.

    Returns:
        The file's bytes.
    """
    # The converter copies the whole network before each of its steps, to have it back if one fails; what fails here
    # shows in the answers.
    os.environ.setdefault("TF2ONNX_CATCH_ERRORS", "FALSE")
    from tf2onnx.convert import from_function

    own = {"Erfc": (_erfc, [])}
    network = network or constant_inference(model)
    proto, _ = from_function(network, input_signature=signature(model), opset=OPSET, custom_op_handlers=own)
    return proto.SerializeToString()


def _erfc(graph, node, name, _) -> None:
    """Write erfc(x), of which GELU is made, as 1 - erf(x): ONNX has no operator for it."""
    one = graph.make_const(f"{name}_one", np.float32(1)).output[0]
    erf = graph.make_node("Erf", node.input).output[0]
    shapes, dtypes = [graph.get_shape(node.output[0])], [graph.get_dtype(node.output[0])]
    graph.remove_node(node.name)
    graph.make_node("Sub", [one, erf], name=name, outputs=node.output, shapes=shapes, dtypes=dtypes)


def _litert(model, _, threads: int) -> Callable:
    return litert.Runner(litert.convert(model), threads)


_ENGINES = {"openvino": _openvino, "onnx": _onnx, "litert": _litert}


def _examples(model) -> list[np.ndarray]:
    """Make up two rows of each input: noise, and for token numbers the first two."""
    rng = np.random.default_rng(0)
    rows = [((2, *spec.shape[1:]), spec.dtype) for spec in signature(model)]
    return [
        rng.normal(size=shape).astype(dtype.as_numpy_dtype)
        if dtype.is_floating
        else rng.integers(0, 2, shape).astype(dtype.as_numpy_dtype)
        for shape, dtype in rows
    ]


def _sampler(model) -> Callable[[], np.ndarray]:
    """Return a function that gives some numbers of every variable: enough to see training, loading and editing."""
    import tensorflow as tf

    @tf.function(autograph=False)
    def sample():
        flat = [tf.reshape(variable.value, [-1]) for variable in variables(model)]
        # An odd step passes through all channels, since their number is nearly always even.
        picked = [x[:: max(1, x.shape[0] // SAMPLES) | 1] for x in flat]
        return tf.concat([tf.cast(x, tf.float32) for x in picked] or [tf.zeros(0)], axis=0)

    run = sample.get_concrete_function()
    return lambda: run().numpy()
