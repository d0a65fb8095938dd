"""SavedModel folders: what they offer, read without running them; and opening them.

A SavedModel is a program that TensorFlow runs with your rights. Reading its signatures runs nothing. Opening it restores
its variables and runs its initialisers; calling it runs the rest. Nothing here is a sandbox.
"""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import BadInput, first_line

GRAPH = "saved_model.pb"  # the file that makes a folder one
# Bytes of saved_model.pb, which holds no weights; those of TF Hub have a few million.
LARGEST_GRAPH = 500_000_000
# Operations that read or write files or call Python, and that no network needs to compute an answer.
# fmt: off
REACHING_OUT = frozenset((
    "EagerPyFunc", "FixedLengthRecordDataset", "FixedLengthRecordDatasetV2", "FixedLengthRecordReader",
    "FixedLengthRecordReaderV2", "IdentityReader", "IdentityReaderV2", "LoadDataset", "LoadDatasetV2", "MatchingFiles",
    "MatchingFilesDataset", "PyFunc", "PyFuncStateless", "ReadFile", "SaveDataset", "SaveDatasetV2", "TextLineDataset",
    "TextLineReader", "TextLineReaderV2", "TFRecordDataset", "TFRecordDatasetV2", "TFRecordReader", "TFRecordReaderV2",
    "WholeFileReader", "WholeFileReaderV2", "WriteFile",
))
# fmt: on
CALL = "__call__"  # the model as a whole, where it can be called


@dataclass(frozen=True)
class Tensor:
    """An input or output of a signature."""

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None  # None for a side, or for the whole, that is not fixed

    def __str__(self):
        sides = "any shape" if self.shape is None else f"({', '.join(_side(side) for side in self.shape)})"
        return f"{self.name} {sides} {self.dtype}"


@dataclass(frozen=True)
class Signature:
    """One function that a SavedModel offers: its name, what goes in, and what comes out."""

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]  # empty for a call of the whole, whose outputs the file does not name
    tags: tuple[str, ...] = ()  # of the graph that it belongs to; a TF1 module may have several

    def __str__(self):
        out = ", ".join(map(str, self.outputs)) or "whatever it returns"
        graph = f" [{', '.join(self.tags)}]" if self.tags and self.tags != ("serve",) else ""
        return f"{self.name}{graph}: {', '.join(map(str, self.inputs)) or 'nothing'} -> {out}"


def signatures(folder: Path) -> tuple[Signature, ...]:
    """List what a SavedModel offers, without running any of it.

    Args:
        folder: with a saved_model.pb in it.

    Returns:
        Its signatures, and a `__call__` where the model can be called as a whole.

    Raises:
        BadInput: no SavedModel, a damaged or an enormous one.
    """
    found = []
    for graph in _proto(folder).meta_graphs:
        tags = tuple(graph.meta_info_def.tags)
        for name, signature in sorted(graph.signature_def.items()):
            if not name.startswith("__"):
                inputs, outputs = _tensors(signature.inputs), _tensors(signature.outputs)
                found.append(Signature(name, inputs, outputs, tags))
        if inputs := _inputs_of_call(graph.object_graph_def):
            found.append(Signature(CALL, inputs, (), tags))
    return tuple(found)


def reaching_out(folder: Path) -> tuple[str, ...]:
    """Return which operations of a SavedModel reach for files or Python; errors as for `signatures`.

    None found does not mean harmless: restoring variables reads files too, and every SavedModel can do that.
    """
    used = set()
    for graph in _proto(folder).meta_graphs:
        used.update(node.op for node in graph.graph_def.node)
        used.update(node.op for function in graph.graph_def.library.function for node in function.node_def)
    return tuple(sorted(used & REACHING_OUT))


def open_folder(folder: Path, tags: Iterable[str] = ()):
    """Open a SavedModel by `tensorflow_hub.load`. Keep what is returned: its variables live as long as it does.

    Args:
        folder: with a saved_model.pb in it.
        tags: which graph of a TF1 module; without them, its plain one.

    Returns:
        The loaded object.

    Raises:
        BadInput: no SavedModel, not a whole one, no graph of these tags, or one that reaches for files.
    """
    if ops := reaching_out(folder):
        raise BadInput(f"{folder} is refused: its graph reads or writes files or calls Python ({', '.join(ops)}), with "
                       "your rights. If you trust it, tensorflow_hub.load opens it.")  # fmt: skip
    hub = tensorflow_hub()
    wanted = set(tags) or _only_tags(folder)
    try:
        return hub.load(str(folder), tags=wanted)
    except Exception as error:  # TensorFlow raises a dozen kinds for a folder that is not as it should be
        reason = first_line(error)
        raise BadInput(
            f"{folder} can't be opened as a SavedModel: {reason[:200].rstrip('.')}. Fetch it again."
        ) from error


def variables(loaded) -> list:
    """Return a loaded SavedModel's `tf.Variable`s: those it lists, else all that its functions use, by name."""
    if listed := list(getattr(loaded, "variables", ())):
        return listed
    functions = list(loaded.signatures.values())
    if callable(loaded):
        functions += loaded.__call__.concrete_functions
    # A function may hold a variable of the same name as another's: they are told apart by identity.
    used = {id(variable): variable for function in functions for variable in function.variables}
    return sorted(used.values(), key=lambda variable: variable.name)


def _proto(folder: Path):
    from course_lib.quiet import import_tensorflow

    import_tensorflow()
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    path = Path(folder) / GRAPH
    try:
        if path.stat().st_size > LARGEST_GRAPH:
            raise BadInput(
                f"{path} is refused: {path.stat().st_size / 1e6:.0f} MB is far too large for a graph."
            )
        return saved_model_pb2.SavedModel.FromString(path.read_bytes())
    except OSError as error:
        raise BadInput(
            f"{path} can't be read: {error.strerror}. A SavedModel is a folder with this file."
        ) from error
    except DecodeError as error:
        raise BadInput(f"{path} is damaged, or no SavedModel: {error}. Fetch it again.") from error


def _only_tags(folder: Path) -> set[str] | None:
    """Choose a graph where none is named: the one without tags, which TF1 modules have; the only one; or "serve"."""
    tags = [set(graph.meta_info_def.tags) for graph in _proto(folder).meta_graphs]
    if set() in tags:
        return set()
    return None if len(tags) == 1 else {"serve"}  # None: TensorFlow takes the only one


def _tensors(infos) -> tuple[Tensor, ...]:
    return tuple(_tensor(name, info.dtype, info.tensor_shape) for name, info in sorted(infos.items()))


def _tensor(name: str, dtype: int, shape) -> Tensor:
    import tensorflow as tf

    sides = None if shape.unknown_rank else tuple(None if d.size < 0 else d.size for d in shape.dim)
    return Tensor(name, tf.dtypes.as_dtype(dtype).name, sides)


def _inputs_of_call(objects) -> tuple[Tensor, ...]:
    """Find the tensors that `__call__` takes in a SavedModel's tree of objects; none where it can't be called."""
    if not objects.nodes:
        return ()
    child = next((c for c in objects.nodes[0].children if c.local_name == CALL), None)
    names = objects.nodes[child.node_id].function.concrete_functions if child else ()
    if not names:
        return ()
    return tuple(_specs(objects.concrete_functions[names[0]].canonicalized_input_signature))


def _specs(value) -> Iterable[Tensor]:
    """Yield the tensors of a nested description of arguments."""
    if value.HasField("tensor_spec_value"):
        spec = value.tensor_spec_value
        yield _tensor(spec.name, spec.dtype, spec.shape)
    for inner in (*value.tuple_value.values, *value.list_value.values, *value.dict_value.fields.values()):
        yield from _specs(inner)


def _side(side: int | None) -> str:
    return "any" if side is None else str(side)


def tensorflow_hub():
    """Import tensorflow_hub without its warning about pkg_resources, which no learner can mend."""
    from course_lib.quiet import import_tensorflow

    import_tensorflow()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tensorflow_hub as module
    return module
