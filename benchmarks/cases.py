"""What is compared with what."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
from PIL import Image

from benchmarks.timing import Case
from course_lib import CourseError, load
from course_lib.media.images import read_image
from course_lib.media.samples import sample
from course_lib.media.world import make_images

# A photograph for the one, and for the small one a picture of its own size: scaling a photograph down takes
# longer than the whole network does
MODELS = {"efficientnet_lite0": read_image("sample:cat"), "resnet_nano": make_images(1, seed=7)[0][0]}
MANY = 32


def start_up() -> Iterator[Case]:
    """Compare starting the course with starting Python: what importing it adds."""
    yield Case("import course_lib", "python alone", _python("import course_lib"), _python("pass"))
    command = "import sys; sys.argv = ['course', 'list']; from course_lib.cli import main; main()"
    yield Case("course list", "python alone", _python(command), _python("pass"))


def reading() -> Iterator[Case]:
    """Compare reading a picture with Pillow alone, which checks nothing."""
    for name in ("cat", "china"):
        path = sample(name)
        kind = path.suffix.removeprefix(".").upper()
        yield Case(
            f"read_image, {kind} of {Image.open(path).size[0]} px",
            "Pillow alone",
            lambda path=path: read_image(path),
            lambda path=path: np.array(Image.open(path).convert("RGB")),
            limit=1.3,
        )


def classifying() -> Iterator[Case]:
    """Compare a warm `.classify` with the bare network: compiled by hand, and called with `predict`."""
    for model_id, picture in MODELS.items():
        try:
            with contextlib.redirect_stdout(sys.stderr):  # the table, or JSON, has the other one to itself
                model = load(model_id)
        except CourseError as error:
            print(f"{model_id} is left out: {error}", file=sys.stderr)
            continue
        yield from _one_picture(model_id, model, picture)
        yield from _many_pictures(model_id, model, picture)


def _one_picture(model_id: str, model, picture: np.ndarray) -> Iterator[Case]:
    ready = model.preprocess([picture])
    bare = _compiled(model.model)
    name = f"{model_id}.classify(picture)"
    yield Case(
        name, "compiled Keras call", lambda: model.classify(picture), lambda: bare(ready).numpy(), limit=1.3
    )
    predict = model.model.predict
    yield Case(
        name, "keras predict", lambda: model.classify(picture), lambda: predict(ready, verbose=0), limit=1.0
    )


def _many_pictures(model_id: str, model, picture: np.ndarray) -> Iterator[Case]:
    pictures = [picture] * MANY
    predict = model.model.predict

    def peer():
        return predict(model.preprocess(pictures), verbose=0)

    name = f"{model_id}.classify({MANY} pictures)"
    yield Case(name, "preprocess + keras predict", lambda: model.classify(pictures), peer, limit=1.1)


def _compiled(model):
    import tensorflow as tf

    call = tf.function(lambda batch: model(batch, training=False))
    return lambda batch: call(tf.convert_to_tensor(batch))


def _python(code: str):
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
