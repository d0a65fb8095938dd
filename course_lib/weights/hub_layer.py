"""A SavedModel as a Keras 3 layer that fine-tunes.

`hub.KerasLayer` is a layer of Keras 2 and does not fit into Keras 3; `keras.layers.TFSMLayer` fits, and only infers.
"""

import inspect
from collections import Counter
from pathlib import Path

import keras
from keras.src.saving.serialization_lib import in_safe_mode  # what Keras's own TFSMLayer asks

from course_lib.catalog.handles import PREFIX, handle
from course_lib.errors import BadInput, CourseError
from course_lib.weights.saved_model import CALL, open_folder, variables
from course_lib.weights.sources.tf_hub import find_folder, not_here, refuse_a_stranger

DEFAULTS = ("serving_default", "default", "serve")  # what TF2, TF1 and Keras call a model's main function


@keras.saving.register_keras_serializable("course_lib")
class HubLayer(keras.layers.Layer):
    """A layer round `hub.load`: the SavedModel's own variables are this layer's weights.

    Args:
        source: a handle of TF Hub that is on this machine, or a folder: a `Path`, or its text as `load` takes it.
        signature: which function to call; by default the model as a whole where it can be called, else its main signature.
        output: which of several outputs to return; by default the only one, or the one named "default", else all as
            a dictionary.
        tags: which graph of a TF1 module, for instance ("train",).
        **kwargs: `name`, `trainable` and the like, as for every layer.

    Raises:
        BadInput: no such function or output; a folder that is not a whole SavedModel.
        CourseError: the model is not on this machine. Nothing is downloaded.
    """

    def __init__(self, source: str | Path, signature: str = "", output: str = "", tags=(), **kwargs):
        super().__init__(**kwargs | {"dtype": "float32"})  # whatever the policy: its graph is what it is
        self.source = str(source.absolute()) if isinstance(source, Path) else source
        self.wanted, self.tags = output, tuple(tags)  # Keras has a property "output" of its own
        wanted = handle(PREFIX + self.source.removeprefix(PREFIX))
        folder = find_folder(wanted)
        if folder is None:
            raise CourseError(not_here(wanted))
        if wanted.url:
            refuse_a_stranger(folder)
        self.folder = folder
        self.loaded = open_folder(folder, self.tags)  # kept here: its variables die with it
        self.signature = self._choose(signature)
        self._takes_training = self.signature == CALL and "training" in _arguments(self.loaded)
        self._adopt(variables(self.loaded))
        self.built = True

    def call(self, inputs, training=None):
        """Run the chosen function; in training mode only where this layer trains and the function knows the word."""
        if self.signature == CALL:
            word = {"training": bool(training) and self.trainable} if self._takes_training else {}
            return self._chosen(self.loaded(inputs, **word))
        function = self.loaded.signatures[self.signature]
        if not isinstance(inputs, dict):
            names = list(function.structured_input_signature[1])
            if len(names) != 1:
                raise BadInput(f"{self.signature} takes several inputs, by name: {', '.join(names)}.")
            inputs = {names[0]: inputs}
        return self._chosen(function(**inputs))

    def get_config(self):
        """Return what the layer is made of; `.keras` files hold this and the variables, not the SavedModel itself."""
        chosen = {"signature": self.signature, "output": self.wanted, "tags": self.tags}
        return {**super().get_config(), "source": self.source, **chosen}

    @classmethod
    def from_config(cls, config):
        """Make the layer again. As for TFSMLayer, a file that Keras opens in safe mode may not open a SavedModel."""
        if in_safe_mode():
            raise ValueError("This file names a SavedModel, which is a program. If you trust it, load the file with "
                             "safe_mode=False.")  # fmt: skip
        return cls(**config)

    def _choose(self, signature: str) -> str:
        names = list(self.loaded.signatures)
        whole = [CALL] if callable(self.loaded) else []
        if not signature:
            signature = next((name for name in (*whole, *DEFAULTS, *names) if name in whole + names), "")
        if signature not in whole + names:
            raise BadInput(
                f"{self.source} has no function {signature!r}: it has {', '.join(whole + names) or 'none'}."
            )
        return signature

    def _adopt(self, found: list) -> None:
        """Make the SavedModel's variables this layer's weights: the very same ones, not copies."""
        listed = getattr(self.loaded, "trainable_variables", None)
        trainable = {id(variable) for variable in listed} if listed else None
        names = Counter()
        for variable in found:
            name = variable.name.partition(":")[0].replace("/", "_")
            names[name] += 1
            name += f"_{names[name] - 1}" if names[name] > 1 else ""
            trains = variable.trainable if trainable is None else id(variable) in trainable
            # A private method of Keras's: TFSMLayer adopts by it too, and a test of ours holds it to what is used here.
            with keras.name_scope(self.name):  # a path like every other layer's
                self._track_variable(keras.Variable(initializer=variable, trainable=trains, name=name))

    def _chosen(self, outputs):
        if not isinstance(outputs, dict):
            return outputs
        if self.wanted:
            if self.wanted not in outputs:
                raise BadInput(
                    f"{self.source} has no output {self.wanted!r}: it has {', '.join(sorted(outputs))}."
                )
            return outputs[self.wanted]
        return outputs.get("default", next(iter(outputs.values())) if len(outputs) == 1 else outputs)


def _arguments(loaded) -> tuple[str, ...]:
    return tuple(inspect.signature(loaded.__call__).parameters)
