"""Lesson 10's exercises and quiz."""

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question


def _cuts_squares(to_patches):
    picture = np.arange(4 * 6 * 2).reshape(4, 6, 2)
    got = as_numbers(to_patches(picture.copy(), 2))
    expect_shape(got, (6, 8), "A picture of 4 x 6 pixels has 2 x 3 patches of 2 x 2, each of 8 numbers here.")
    expect(
        not np.array_equal(got, picture.reshape(6, 8)),
        "A plain reshape takes strips of one row of pixels. A patch spans several rows: two axes have to change places.",
    )
    expect_close(
        got[0],
        picture[:2, :2].ravel(),
        "The first row should be the square in the upper left corner, pixel by pixel, row by row.",
    )
    expect_close(
        got[1], picture[:2, 2:4].ravel(), "The second row should be the square to the right of the first."
    )
    expect_close(
        got[3], picture[2:, :2].ravel(), "After the squares at the top come those below, from the left again."
    )
    expect_close(
        as_numbers(to_patches(np.arange(81.0).reshape(9, 9, 1), 3))[4],
        np.arange(81.0).reshape(9, 9)[3:6, 3:6].ravel(),
        "It should work for other sizes too: here 9 x 9 pixels in patches of 3 x 3.",
    )


def _looks(attention):
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    got = as_numbers(attention(q.copy(), k.copy(), v.copy()))
    expect_shape(got, (3, 2), "Each of the 3 queries gathers a row of 2 numbers.")
    products = q @ k.T
    shares = _softmax(products / 2, axis=1)
    expect(
        not np.allclose(got, _softmax(products / 2, axis=0) @ v),
        "The shares of one query should sum to 1: softmax goes along the keys, not along the queries.",
    )
    expect(
        not np.allclose(got, _softmax(products, axis=1) @ v),
        "Divide the products by the root of the queries' length before the softmax.",
    )
    expect(
        not np.allclose(got, _softmax(products / 4, axis=1) @ v),
        "Divide by the square root of the queries' length, not by the length itself.",
    )
    expect(not np.allclose(got, products / 2 @ v), "Products are not shares yet: the softmax is missing.")
    expect_close(
        got, shares @ v, "Follow one query by hand: its products with all keys, their softmax, the mixture."
    )
    with np.errstate(all="ignore"):
        far = as_numbers(attention(1000 * q, k, v))
    expect(
        np.allclose(far, _softmax(500 * products, axis=1) @ v),
        "Large products overflow in exp. Take the largest of each row away first: that changes no share.",
    )


def _softmax(x, axis):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _follows(rollout):
    rng = np.random.default_rng(1)
    maps = _softmax(rng.normal(0, 2, (3, 2, 4, 4)), axis=-1)
    got = as_numbers(rollout(maps.copy()))
    expect_shape(got, (4, 4), "For each token of the last block, say how much of each of the first is in it.")
    mixings = (maps.mean(axis=1) + np.eye(4)) / 2
    wanted, reverse = mixings[2] @ mixings[1] @ mixings[0], mixings[0] @ mixings[1] @ mixings[2]
    means = maps.mean(axis=1)
    expect(
        not np.allclose(got, means[2] @ means[1] @ means[0]),
        "Attention alone is not the block: half of each token comes past it, over the shortcut.",
    )
    expect(
        not np.allclose(got, reverse),
        "The order is turned round. What the last block gathers is made of what the blocks before it made: it stands leftmost.",
    )
    expect_close(
        got.sum(axis=-1), np.ones(4), "Every row should sum to 1: halve the sum of attention and identity."
    )
    expect_close(
        got,
        wanted,
        "Mean over the heads; half of it, half the identity; multiply, each later block from the left.",
    )


EXERCISES = [
    Exercise(
        id="10.1",
        title="Cut a picture into patches",
        setup="import numpy as np",
        starter='''
def to_patches(picture, side):
    """Return the patches of picture (h, w, c), row by row, each as one row of side * side * c numbers."""
    return ...
''',
        mistake='''
def to_patches(picture, side):
    """Return the patches of picture (h, w, c), row by row, each as one row of side * side * c numbers."""
    return picture.reshape(-1, side * side * picture.shape[2])
''',
        solution='''
def to_patches(picture, side):
    """Return the patches of picture (h, w, c), row by row, each as one row of side * side * c numbers."""
    h, w, c = picture.shape
    squares = picture.reshape(h // side, side, w // side, side, c).transpose(0, 2, 1, 3, 4)
    return squares.reshape(-1, side * side * c)
''',
        test=_cuts_squares,
        hints=[
            "First split height and width in two axes each: which patch, and which pixel in it. That is one `reshape`.",
            "Then bring the two `which patch` axes to the front with `transpose`, and flatten: the cell under **The idea** does it for one size.",
        ],
    ),
    Exercise(
        id="10.2",
        title="Attention",
        setup="import numpy as np",
        starter='''
def attention(q, k, v):
    """Return what each of the n queries q (n, d) gathers from keys k (m, d) and values v (m, e): (n, e)."""
    return ...
''',
        mistake='''
def attention(q, k, v):
    """Return what each of the n queries q (n, d) gathers from keys k (m, d) and values v (m, e): (n, e)."""
    powers = np.exp(q @ k.T)
    return powers / powers.sum(axis=1, keepdims=True) @ v
''',
        solution='''
def attention(q, k, v):
    """Return what each of the n queries q (n, d) gathers from keys k (m, d) and values v (m, e): (n, e)."""
    products = q @ k.T / np.sqrt(q.shape[1])
    powers = np.exp(products - products.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ v
''',
        test=_looks,
        hints=[
            "Three steps: products of all queries with all keys; shares; mixtures of the values.",
            "Shares: `np.exp` of the products, divided by its sum along each row. Subtract each row's largest product first, for large ones.",
        ],
    ),
    Exercise(
        id="10.3",
        title="Rollout",
        setup="import numpy as np",
        starter='''
def rollout(maps):
    """Return (tokens, tokens): the mixtures of all blocks multiplied; maps (blocks, heads, tokens, tokens)."""
    return ...
''',
        mistake='''
def rollout(maps):
    """Return (tokens, tokens): the mixtures of all blocks multiplied; maps (blocks, heads, tokens, tokens)."""
    mixed = np.eye(maps.shape[-1])
    for block in maps:
        mixed = mixed @ (block.mean(axis=0) + np.eye(len(mixed))) / 2
    return mixed
''',
        solution='''
def rollout(maps):
    """Return (tokens, tokens): the mixtures of all blocks multiplied; maps (blocks, heads, tokens, tokens)."""
    mixed = np.eye(maps.shape[-1])
    for block in maps:
        mixed = (block.mean(axis=0) + np.eye(len(mixed))) / 2 @ mixed
    return mixed
''',
        test=_follows,
        hints=[
            "One block: the mean over its heads, plus `np.eye(tokens)` for the shortcut, halved.",
            "Start with `np.eye(tokens)` and multiply block after block, the later block on the left.",
        ],
    ),
]

_B16, _B32 = card("vit_b16"), card("vit_b32")
_TOKENS = {side: (side // 16) ** 2 + 1 for side in (224, 384)}

QUIZ = [
    Question(
        "How many tokens does ViT-B/16 make of a picture of 384 x 384 pixels?",
        [
            Choice(f"{_TOKENS[384]}", True, f"24 x 24 patches and the class token; of 224 pixels, {_TOKENS[224]}."),
            Choice(f"{_TOKENS[384] - 1}", False, "These are the patches. One token more stands in front of them."),
            Choice(f"{_TOKENS[224]}", False, "So many it makes of 224 pixels: a larger picture has more patches of the same size."),
        ],
    ),
    Question(
        f"ViT-B/16 and ViT-B/32 have about as many parameters, but {_B16.multiply_adds / 1e9:.1f} and "
        f"{_B32.multiply_adds / 1e9:.1f} billion multiply-adds. Why?",
        [
            Choice("B/16 has four times the tokens", True, "The same weights are used for each token, so the work grows with their number."),
            Choice("B/16 has more blocks", False, "Both have twelve; the number behind the stroke is the patch's side."),
            Choice("B/32's tokens are longer", False, "Both have 768 numbers a token; only the pixels that go into one differ."),
        ],
    ),
    Question(
        "ViT-B/16's position embeddings are all set to zero. Now a picture's patches are shuffled. What changes in the answer?",
        [
            Choice("Nothing", True, "Attention and the small networks treat all tokens alike: the class token gathers from the same bag."),
            Choice("It becomes as good as chance", False, "What single patches look like is still there, and does not depend on the order."),
            Choice("It depends on how they were shuffled", False, "It would with positions. Without them, no order can be told from another."),
        ],
    ),
    Question(
        "You fine-tune a ViT on pictures of twice the side. Which of its weights no longer fit?",
        [
            Choice("The position embeddings", True, "There is one for each token, and now there are four times as many patches: enlarge their square."),
            Choice("Queries, keys and values", False, "They work on one token at a time, whatever their number."),
            Choice("The patch convolution", False, "It cuts patches of the same size, only more of them."),
        ],
    ),
    Question(
        "Few labelled pictures, and no pre-trained weights to be had: which would you rather train from nothing?",
        [
            Choice("A convolutional network", True, "It is born with neighbourhood and sameness everywhere; a ViT would have to learn them from your few pictures."),
            Choice("A ViT, for it has more freedom", False, "Freedom is what has to be filled with pictures: see the table of this lesson."),
        ],
    ),
]  # fmt: skip
