"""Lesson 30's exercises and quiz, the scraps of its postcards, and clients that make the usual slips."""

import io

import numpy as np
from PIL import Image

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question
from course_lib.media.images import read_image, resize_crop
from course_lib.media.samples import samples

SMALLEST, LARGEST = 0.4, 0.6  # side of a scrap, as a part of the photo's shorter side
STRANGE = "0 to 1"  # the slip of exercise 3


def scraps(each: int, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Cut squares out of the sample photos, at places and of sizes that a seed draws.

    Args:
        each: how many of each photo.
        seed: of places and sizes.

    Returns:
        The squares, (side, side, 3) uint8, photo by photo; and the number of each one's photo, int32.
    """
    dice, cut = np.random.default_rng([30, seed]), []
    for sample in samples().values():
        photo = read_image(sample.path)
        height, width, _ = photo.shape
        for _ in range(each):
            side = int(min(height, width) * dice.uniform(SMALLEST, LARGEST))
            left, top = dice.integers(width - side + 1), dice.integers(height - side + 1)
            cut.append(photo[top : top + side, left : left + side])
    return cut, np.repeat(np.arange(len(samples()), dtype=np.int32), each)


def png(picture: np.ndarray) -> bytes:
    """Return a picture as the bytes of a PNG file."""
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "PNG")
    return held.getvalue()


def slips(model) -> dict:
    """Return how clients prepare pictures for a model's bare network: the right way, and the usual wrong ones, by name."""
    size, normalised, kept = model.preprocess.size, model.preprocess.normalised, {}

    def sized(pictures):
        if (
            id(pictures) not in kept
        ):  # most slips begin with the same squares; the list is kept, so its id stays its own
            kept[id(pictures)] = pictures, np.stack([model.preprocess.resized(x) for x in pictures])
        return kept[id(pictures)][1]

    def nearest(pictures):
        squares = (Image.fromarray(x).resize((size, size), Image.Resampling.NEAREST) for x in pictures)
        return np.stack([np.asarray(square) for square in squares])

    def cropped(pictures):
        return np.stack([resize_crop(picture, size, 0.875) for picture in pictures])

    mean, std = np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375])
    return {
        "as in training": lambda pictures: normalised(sized(pictures)),
        "resized without smoothing": lambda pictures: normalised(nearest(pictures)),
        "cropped to the middle": lambda pictures: normalised(cropped(pictures)),
        "BGR": lambda pictures: normalised(sized(pictures)[..., ::-1]),
        "another network's mean and deviation": lambda pictures: (sized(pictures) - mean) / std,
        "0 to 1": lambda pictures: np.float32(sized(pictures)) / 255,
        "0 to 255": lambda pictures: np.float32(sized(pictures)),
    }


def strange_client(model):
    """Return a client that makes one of the slips."""
    return slips(model)[STRANGE]


def _folds(folded):
    dice = np.random.default_rng(0)
    kernel, bias = dice.normal(size=(3, 3, 3, 4)), dice.normal(size=4)
    mean, std = np.array([120.0, 110.0, 100.0]), np.array([50.0, 60.0, 70.0])
    pair = folded(kernel.copy(), bias.copy(), mean, std)
    expect(isinstance(pair, tuple | list) and len(pair) == 2, "Return two things: the kernel and the bias.")
    got, moved = map(as_numbers, pair)
    expect_shape(got, kernel.shape, "The kernel keeps its shape.")
    expect_shape(moved, bias.shape, "The bias keeps its shape: one number for each output.")
    patch = dice.uniform(0, 255, (3, 3, 3))
    wanted = np.einsum("ijc,ijco->o", (patch - mean) / std, kernel) + bias
    found = np.einsum("ijc,ijco->o", patch, got) + moved
    expect(
        not np.allclose(found, np.einsum("ijc,ijco->o", patch / std, kernel) + bias),
        "Dividing is in. The mean is still missing: it adds the same to every output, wherever the kernel stands. What?",
    )
    expect_close(
        got,
        kernel / std[:, None],
        "Which axis of the kernel counts the input's channels? `std` has one number for each.",
    )
    expect_close(
        found,
        wanted,
        "The kernel is right. For the bias: what would the convolution give for a patch of mean / std?",
    )


def _asks(best_label):
    guesses = [{"label": "cat", "score": 0.9}, {"label": "coffee", "score": 0.1}]
    sent = []

    def post(content):
        sent.append(content)
        return (200, {"predictions": guesses}) if content == b"picture" else (422, {"error": "is no picture"})

    expect(
        best_label(post, b"picture") == "cat", "For status 200, return the label of the first guess: a text."
    )
    expect(sent == [b"picture"], "Send the content once, as it is.")
    try:
        found = best_label(post, b"text")
    except ValueError as error:
        expect(
            "is no picture" in str(error),
            "The ValueError should carry the server's sentence: the answer's `error`.",
        )
    except (KeyError, IndexError, TypeError):
        expect(False, "An answer of status 422 has no predictions. Look at the status first.")
    else:
        expect(False, f"For status 422 you returned {found!r}; raise a ValueError instead.")


def _names_the_slip(slip):
    names = (
        "resized without smoothing",
        "cropped to the middle",
        "BGR",
        "another network's mean and deviation",
        "0 to 1",
        "0 to 255",
    )
    expect(
        slip != "as in training",
        "If it were right, nobody would complain. Compare the lowest and the highest number.",
    )
    expect(slip in names, "Answer with a key of `slips(guide)`, as a text.")
    expect(
        slip == STRANGE,
        "Not that one. Prepare the same scraps in both ways and compare: the range first, then the order of the channels.",
    )


_FOLDED = '''
def folded(kernel, bias, mean, std):
    """kernel (k, k, 3, outputs), bias (outputs,), mean and std (3,): return the new kernel and the new bias."""
'''
_BEST = '''
def best_label(post, content):
    """Send a picture's bytes, return the label of the first guess."""
'''
_THEIRS = "theirs = strange_client(guide)  # pictures of any size -> what the network is fed"
_GUIDE = """
from types import SimpleNamespace

from course_lib.lessons.bank.l30_deploy import strange_client
from course_lib.weights.preprocess import Preprocess

guide = SimpleNamespace(preprocess=Preprocess(32, "tf", 0))
"""

EXERCISES = [
    Exercise(
        id="30.1",
        title="Preprocessing folded into a convolution",
        setup="import numpy as np",
        starter=f"{_FOLDED}    return ...",
        mistake=f"{_FOLDED}    return kernel / std[:, None], bias",
        solution=f"{_FOLDED}    kernel = kernel / std[:, None]\n    return kernel, bias - np.einsum('ijco,c->o', kernel, mean)",
        test=_folds,
        hints=[
            "(x - mean) / std times w is x times (w / std), minus mean times (w / std).",
            "The kernel's third axis counts the input's channels: `kernel / std[:, None]`.",
            "What is subtracted does not depend on x: sum mean times the new kernel over both places and the channels, and take it off the bias.",
        ],
    ),
    Exercise(
        id="30.2",
        title="A client that reads the status",
        starter=f"{_BEST}    return ...",
        mistake=f"{_BEST}    return post(content)[1]['predictions'][0]['label']",
        solution=(
            f"{_BEST}    status, answer = post(content)\n    if status != 200:\n        raise ValueError(answer['error'])\n"
            "    return answer['predictions'][0]['label']"
        ),
        test=_asks,
        hints=["`status, answer = post(content)`: look at the status before you look for predictions."],
    ),
    Exercise(
        id="30.3",
        title="Find the skew",
        setup=_GUIDE,
        starter=f"{_THEIRS}\n\nslip = ...",
        mistake=f'{_THEIRS}\n\nslip = "BGR"',
        solution=f'{_THEIRS}\n\nslip = "0 to 1"',
        test=_names_the_slip,
        hints=[
            "`theirs(pictures).min()` and `.max()`: what range do their numbers have, and what range should they have?",
            "For each name in `slips(guide)`: is what it gives equal to theirs?",
        ],
    ),
]

QUIZ = [
    Question(
        "A network of 3.5 million parameters is exported. How large is the file in float, and in 8 bits, about?",
        [
            Choice(f"{3.5 * 4:.0f} MB and {3.5:.1f} MB", True, "4 bytes or 1 byte for each; graph and scales add little."),
            Choice(f"{3.5 * 8:.0f} MB and {3.5 * 2:.0f} MB", False, "That would be 64-bit numbers; weights have 32."),
            Choice("Both 14 MB: only the answers are rounded", False, "The weights themselves are stored in 8 bits."),
        ],
    ),
    Question(
        "A network wants (x - 127.5) / 127.5. A client sends 0 to 1 to it. What range does the network expect, and what does it get?",
        [
            Choice("It expects -1 to 1 and gets 0 to 1: no error, worse answers", True, "The shapes fit, so nothing complains."),
            Choice("It refuses numbers below 0", False, "A network takes any numbers of the right shape."),
            Choice("The same: the softmax makes up for it", False, "The softmax stands at the end; the damage is done at the start."),
        ],
    ),
    Question(
        "A server needs 4 ms for a request, 0.2 ms of it in the network. A network twice as fast makes the request how much faster?",
        [
            Choice(f"by {0.1 / 4:.1%}", True, "0.1 of 4 ms. Look for the time where it is spent."),
            Choice("twice as fast", False, "That holds only where the network is all of the time."),
            Choice(f"by {0.1 / 0.2:.0%}", False, "That is the network's own gain, not the request's."),
        ],
    ),
    Question(
        "What does the SHA-256 beside a file protect from?",
        [
            Choice("Damage on the way: a cut copy, a turned bit, the wrong version", True, "Any changed byte gives another hash."),
            Choice("Somebody who changes the model on purpose", False, "They can write the new hash beside it. That takes a signature, or a hash from elsewhere."),
            Choice("Bad answers", False, "A bad model has a fine hash."),
        ],
    ),
]  # fmt: skip
