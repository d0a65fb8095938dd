"""What a transformer looks at: its attention maps, the path of attention through all blocks, and what it knows of places.

TensorFlow is imported inside the functions, so that drawing alone stays quick to import.
"""

from collections.abc import Mapping, Sequence
from math import isqrt

import numpy as np

from course_lib.errors import BadInput
from course_lib.media.images import is_single, open_images
from course_lib.viz.grid import cells, draw_grid
from course_lib.viz.photos import glowing, heat
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import INKING, new_figure, style


def attention_maps(model, batch) -> dict[str, np.ndarray]:
    """Compute how much each token looks at each other, in every attention layer.

    Args:
        model: A functional `keras.Model` with layers of the kind `MultiHeadAttention`.
        batch: (n, height, width, 3) float32, preprocessed as the model wants it.

    Returns:
        Layer name -> (n, heads, tokens, tokens) float32, in the order in which the layers run; row i says how much
        token i takes from each token, and sums to 1.

    Raises:
        BadInput: The model has no attention.
    """
    import keras

    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.MultiHeadAttention)]
    if not layers:
        raise BadInput(f"{model.name!r} has no layer of multi-head attention: its maps cannot be computed.")
    probe = keras.Model(model.input, [layer.input for layer in layers])
    inputs = probe(np.asarray(batch, np.float32), training=False)
    return {
        layer.name: keras.ops.convert_to_numpy(layer(*given, return_attention_scores=True)[1])
        for layer, given in zip(layers, inputs, strict=True)
    }


def rollout(maps: Mapping[str, np.ndarray] | Sequence[np.ndarray]) -> np.ndarray:
    """Follow attention from the last block back to the patches.

    Each block mixes its tokens twice over: by attention, here the mean of its heads, and by the shortcut around it, which
    leaves each token as it is. Half of both is one mixing; all blocks' mixings are multiplied.

    Args:
        maps: What `attention_maps` returned, or its arrays (n, heads, tokens, tokens), first block first.

    Returns:
        (n, tokens, tokens) float32: row i says how much token i of the last block comes from each token of the first,
        and sums to 1.

    Raises:
        BadInput: The maps are not square, or there are none.

    Source:
        Abnar and Zuidema 2020, Quantifying attention flow in transformers, section 3, https://arxiv.org/abs/2005.00928
    """
    listed = maps.values() if isinstance(maps, Mapping) else maps
    blocks = [np.asarray(block, np.float32) for block in listed]
    if not blocks or any(block.ndim != 4 or block.shape[-1] != block.shape[-2] for block in blocks):
        raise BadInput("Rollout takes attention maps (n, heads, tokens, tokens), one array for each block.")
    mixed = np.eye(blocks[0].shape[-1], dtype=np.float32)
    for block in blocks:
        mixing = (block.mean(axis=1) + np.eye(block.shape[-1], dtype=np.float32)) / 2
        mixed = mixing @ mixed
    return mixed


def attention(
    pretrained,
    images,
    titles: Sequence[str] | None = None,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw where a vision transformer's answer comes from: the class token's row of the rollout, over the picture.

    Args:
        pretrained: A loaded model whose first token is a class token, the others patches, row by row.
        images: One picture or several, as `classify` takes them.
        titles: One for each picture, or None.
        alt: What is to be seen; without it, the titles and what the colours mean.
        caption: A line to stand under the figure.

    Returns:
        Each picture as the network saw it, with its heat: beside it, or below where there are several.

    Raises:
        BadInput: A picture cannot be read, or the model is no such transformer.
    """
    pictures = [pretrained.preprocess.resized(_sound(image)) for _, image in open_images(images)]
    rolled = rollout(attention_maps(pretrained.model, pretrained.preprocess(pictures)))
    heats = [_heat(row[0, 1:]) for row in rolled]
    if is_single(images):
        return heat(pictures[0], heats[0], alt=alt, caption=caption)
    shown = cells(pictures, len(pictures))
    lit = [glowing(picture, values) for picture, values in zip(shown, heats, strict=True)]
    names = [*(titles or [""] * len(shown)), *[""] * len(lit)]
    said = f": {', '.join(titles)}" if titles else ""
    words = f"{len(shown)} pictures{said}; below each, in warm colours, the patches behind the answer."
    return draw_grid([*shown, *lit], names, len(shown), alt or words, caption)


def position_similarity(embeddings) -> np.ndarray:
    """Compare the position embeddings of all patches.

    Args:
        embeddings: (side * side + 1, width) float: the class token's first, then the patches', row by row.

    Returns:
        (side, side, side, side) float32: at [row, column] the cosine of the angle to each patch's embedding, -1 to 1.

    Raises:
        BadInput: The patches make no square.
    """
    rows = np.asarray(embeddings, np.float32)[1:]
    side = isqrt(len(rows))
    if side * side != len(rows) or not side:
        raise BadInput(
            f"{len(rows)} patches make no square; the embeddings are those of a class token and of side x side patches."
        )
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows @ rows.T).reshape(side, side, side, side)


def positions(similarity: np.ndarray, alt: str | None = None, caption: str | None = None) -> Picture:
    """Draw position embeddings: a map for each patch, of how like its embedding those of all patches are.

    Args:
        similarity: (side, side, side, side), what `position_similarity` returned.
        alt: What is to be seen; without it, how many maps, and how the neighbours compare with the others.
        caption: A line to stand under the figure.

    Returns:
        A grid of side x side maps, each at the place of its patch.

    Source:
        Dosovitskiy et al. 2020, figure 7, middle, https://arxiv.org/abs/2010.11929
    """
    side = len(similarity)
    page = np.full((side * (side + 1) - 1,) * 2, np.nan, np.float32)  # a pixel of paper between the maps
    for row, column in np.ndindex(side, side):
        top, left = row * (side + 1), column * (side + 1)
        page[top : top + side, left : left + side] = similarity[row, column]
    with style():
        fig = new_figure(5.2, 4.4)
        axes = fig.subplots()
        drawn = axes.imshow(page, cmap=INKING, vmin=min(0.0, float(similarity.min())), vmax=1)
        middles = np.arange(side) * (side + 1) + (side - 1) / 2
        axes.set_xticks(middles, range(1, side + 1))
        axes.set_yticks(middles, range(1, side + 1))
        axes.set(xlabel="column of the patch", ylabel="row of the patch")
        axes.grid(False)
        axes.spines[:].set_visible(False)
        fig.colorbar(drawn, ax=axes, label="cosine similarity", shrink=0.8).outline.set_visible(False)
    words = f"{side} by {side} maps, one a patch: how like its position embedding those of all patches are. "
    return draw(fig, alt or words + _neighbours(similarity), caption)


def _neighbours(similarity: np.ndarray) -> str:
    side = len(similarity)
    places = np.indices((side, side)).reshape(2, -1).T
    steps = np.abs(places[:, None] - places[None]).sum(axis=-1)
    flat = similarity.reshape(side * side, -1)
    return f"Neighbours: {flat[steps == 1].mean():.2f} on average; all others: {flat[steps > 1].mean():.2f}."


def _heat(patches: np.ndarray) -> np.ndarray:
    """Lay a row of patches out as the square that they were cut from, from 0 to 1."""
    side = isqrt(len(patches))
    if side * side != len(patches):
        raise BadInput(
            f"{len(patches)} patches make no square: this model is no vision transformer with a class token."
        )
    square = patches.reshape(side, side) - patches.min()
    return square / square.max() if square.max() > 0 else square


def _sound(image) -> np.ndarray:
    if isinstance(image, BadInput):
        raise image
    return image
