"""Lesson 16's exercises and quiz."""

import hashlib

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import expect, expect_close
from course_lib.lessons.quiz import Choice, Question

DIGEST = 40  # hexadecimal digits of a SHA-1


def _finds_the_folder(cached_at):
    handles = ("https://tfhub.dev/a/b/1", "https://tfhub.dev/a/b/2")
    got = [str(cached_at("/cache", handle)) for handle in handles]
    expect(
        got[0] != got[1], "Two handles lead to the same folder: the fingerprint is one of the whole handle."
    )
    for handle, path in zip(handles, got, strict=True):
        front, _, name = path.replace("\\", "/").rstrip("/").rpartition("/")
        expect(
            front == "/cache",
            f"The folder lies directly in the cache, here /cache; yours is {path!r}.",
        )
        expect(
            len(name) == DIGEST,
            f"A SHA-1 written in hexadecimal has {DIGEST} characters, and yours has {len(name)}: which method gives it as text?",
        )
        wanted = hashlib.sha1(handle.encode(), usedforsecurity=False).hexdigest()
        expect(
            name == wanted, "It is the SHA-1 of the handle just as it stands, with https:// and the version."
        )


def _adopts(wrapped):
    import keras
    import tensorflow as tf

    class Loaded(tf.Module):
        """Stands for what `hub.load` returns."""

        def __init__(self):
            super().__init__()
            self.w = tf.Variable([[2.0], [3.0]], name="scope/w")
            self.shift = tf.Variable([1.0], name="scope/shift", trainable=False)

        def __call__(self, inputs):
            return inputs @ self.w + self.shift

    loaded = Loaded()
    layer = wrapped(loaded)
    expect(
        isinstance(layer, keras.layers.Layer), "Keep `class Wrapped(keras.layers.Layer)`: it must be a layer."
    )
    answer = layer(tf.constant([[1.0, 10.0]]))
    expect(answer is not None, "`call` returns nothing: what does the loaded object say of the inputs?")
    expect_close(
        np.asarray(answer), [[33.0]], "The layer should answer as the loaded object does: 1 x 2 + 10 x 3 + 1."
    )
    expect(
        layer.weights,
        "Keras knows of no weights, so it would train nothing. Which method of the layer adopts a `keras.Variable`?",
    )
    expect(
        len(layer.weights) == 2,
        f"The loaded object has 2 variables, and the layer knows {len(layer.weights)}.",
    )
    expect(
        not any(":" in weight.name for weight in layer.weights),
        "A name ends in `:0`. Keras takes it, and then Adam fails to name its momentum after it: cut it off.",
    )
    inside = {id(loaded.w), id(loaded.shift)}
    expect(
        {id(weight.value) for weight in layer.weights} == inside,
        "The layer has copies. The graph goes on reading the originals: give `keras.Variable` the variable itself.",
    )
    expect(
        len(layer.trainable_variables) == 1,
        "One of the two must not be trained: each variable says so in `.trainable`, and `keras.Variable` has to be told.",
    )


def _finds_what_escapes(escaping):
    safe = [
        "saved_model.pb",
        "./variables/",
        "variables/../saved_model.pb",
        "..hidden",
        "a/b/../../c",
        "a..b/c",
    ]
    wrong = ["../x", "/etc/passwd", "a/../../b", "variables/../../x/../y", ".."]
    for name in safe:
        expect(
            list(escaping([name])) == [],
            f"{name!r} stays inside: follow it step by step. Dots in a file's own name do no harm.",
        )
    for name in wrong:
        expect(
            list(escaping([name])) == [name], f"{name!r} leaves the folder: where does it lead, step by step?"
        )
    mixed = [safe[0], wrong[2], safe[2], wrong[0], wrong[1]]
    expect(
        list(escaping(list(mixed))) == [wrong[2], wrong[0], wrong[1]],
        "Return the names as they came, in the order in which they came.",
    )


EXERCISES = [
    Exercise(
        id="16.1",
        title="Where the cache looks",
        setup="import hashlib",
        starter='''
def cached_at(cache, handle):
    """Return the path, a text, at which TF Hub's library looks for a handle in a cache folder."""
    return ...
''',
        mistake='''
def cached_at(cache, handle):
    """Return the path, a text, at which TF Hub's library looks for a handle in a cache folder."""
    return f"{cache}/{handle.removeprefix('https://tfhub.dev/')}"
''',
        solution='''
def cached_at(cache, handle):
    """Return the path, a text, at which TF Hub's library looks for a handle in a cache folder."""
    return f"{cache}/{hashlib.sha1(handle.encode()).hexdigest()}"
''',
        test=_finds_the_folder,
        hints=[
            "The lesson made such a folder when it published the network: look for `hashlib`.",
            "A hash function wants bytes: `handle.encode()`. And `.hexdigest()` gives the fingerprint as text.",
        ],
    ),
    Exercise(
        id="16.2",
        title="Adopt by hand",
        setup="import keras",
        starter='''
class Wrapped(keras.layers.Layer):
    """A Keras layer round a loaded object: calls it, and trains what of it is trainable."""

    def __init__(self, loaded):
        super().__init__()
        ...

    def call(self, inputs):
        return ...
''',
        mistake='''
class Wrapped(keras.layers.Layer):
    """A Keras layer round a loaded object: calls it, and trains what of it is trainable."""

    def __init__(self, loaded):
        super().__init__()
        self.loaded = loaded

    def call(self, inputs):
        return self.loaded(inputs)
''',
        solution='''
class Wrapped(keras.layers.Layer):
    """A Keras layer round a loaded object: calls it, and trains what of it is trainable."""

    def __init__(self, loaded):
        super().__init__()
        self.loaded = loaded
        for variable in loaded.variables:
            name = variable.name.partition(":")[0].replace("/", "_")
            self._track_variable(keras.Variable(initializer=variable, trainable=variable.trainable, name=name))

    def call(self, inputs):
        return self.loaded(inputs)
''',
        test=_adopts,
        hints=[
            "Two jobs: keep the loaded object on `self`, and make Keras know its variables.",
            "`keras.Variable(initializer=variable, ...)` wraps a variable that exists; Keras allows no slash in its name.",
            "`self._track_variable(...)` adopts it. And say `trainable=variable.trainable`.",
        ],
    ),
    Exercise(
        id="16.3",
        title="Names that leave the folder",
        setup="import posixpath",
        starter='''
def escaping(names):
    """Return those of an archive's names, in order, that would be written outside the folder it is unpacked into."""
    return ...
''',
        mistake='''
def escaping(names):
    """Return those of an archive's names, in order, that would be written outside the folder it is unpacked into."""
    return [name for name in names if ".." in name]
''',
        solution='''
def escaping(names):
    """Return those of an archive's names, in order, that would be written outside the folder it is unpacked into."""

    def leaves(name):
        plain = posixpath.normpath(name)  # follows every "a/.." and "./"
        return plain.startswith("/") or plain == ".." or plain.startswith("../")

    return [name for name in names if leaves(name)]
''',
        test=_finds_what_escapes,
        hints=[
            "Two ways out: a name that begins at the root of the disk, and one that climbs higher than it went down.",
            '`import posixpath`: `posixpath.normpath("a/../../b")` follows the steps and gives `"../b"`.',
            "After that, what do all escaping names begin with? And which file name begins with two dots and stays?",
        ],
    ),
]

QUIZ = [
    Question(
        "A layer calls `self.loaded(inputs)` and does nothing else. You train with it. What happens to the SavedModel's numbers?",
        [
            Choice(
                "Nothing, and no error says so",
                True,
                "Keras trains the variables that it knows. It knows none of these, so only your head learns.",
            ),
            Choice(
                "They are trained, since gradients flow through the graph",
                False,
                "Gradients could flow, but nobody asks for them: the optimiser gets Keras's list, which is empty.",
            ),
            Choice("Keras refuses to train", False, "It trains your head without a word. That is the trap."),
        ],
    ),
    Question(
        "Why did Keras 3 refuse `hub.KerasLayer`?",
        [
            Choice(
                "It is a layer of Keras 2, and no subclass of Keras 3's",
                True,
                "It derives from `tf_keras`: another class tree of the same names.",
            ),
            Choice(
                "The model that it loads is too old",
                False,
                "The model was seconds old. The layer is at fault, whatever it loads.",
            ),
            Choice("It must be downloaded first", False, "It was a folder on this machine."),
        ],
    ),
    Question(
        "What do you learn by reading the signatures of a SavedModel?",
        [
            Choice(
                "Which functions it offers, and the names, shapes and kinds of what goes in and out",
                True,
                "And it is read without running anything.",
            ),
            Choice(
                "Who signed it, so that one can trust it",
                False,
                "The word misleads: it is a function's signature. TF Hub publishes no hashes, and nobody signs.",
            ),
            Choice("The layers of the network", False, "There are none: only operations."),
        ],
    ),
    Question(
        f"How many folders can the cache tell apart by a SHA-1, written as {DIGEST} hexadecimal digits?",
        [
            Choice(f"16 to the {DIGEST}, about {16**DIGEST:.0e}", True, f"{DIGEST} digits of 16 kinds each."),
            Choice(f"{16 * DIGEST:,}", False, "The choices of the digits multiply; they do not add up."),
            Choice("As many as there are handles on tfhub.dev", False, "It knows nothing of that site."),
        ],
    ),
    Question(
        "A stranger's SavedModel gives perfect answers. Is it safe to use?",
        [
            Choice(
                "That cannot be said: its graph may do other things besides",
                True,
                "The lesson's spy doubled numbers correctly, and read a diary.",
            ),
            Choice(
                "Yes, a model is only numbers",
                False,
                "Weights are only numbers. A SavedModel is a graph too, and TensorFlow runs it with your rights.",
            ),
            Choice(
                "Yes, if its operations pass the course's check",
                False,
                "A courtesy, no sandbox: every SavedModel may restore variables, and that reads files too.",
            ),
        ],
    ),
]
