"""The captioned world: pictures of the procedural world, each with captions that are true by construction.

A picture shows one object in one of eight named colours, small or big, before a background of one of four kinds.
Some pairs of kind and colour are kept out of the training pictures: "a green house" may never have been seen, although
green things and houses were. Every picture follows from its seed, its index and the choice of pairs alone.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from course_lib.errors import BadInput
from course_lib.media import world_textures as textures
from course_lib.media.articles import with_articles
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.media.world_painter import paint_object, photograph

KINDS = PRETRAIN_CLASSES
COLOURS = {
    "red": (0.86, 0.08, 0.10),
    "orange": (0.96, 0.50, 0.06),
    "yellow": (0.96, 0.88, 0.12),
    "green": (0.10, 0.62, 0.16),
    "blue": (0.12, 0.26, 0.86),
    "purple": (0.56, 0.14, 0.66),
    "black": (0.05, 0.05, 0.05),
    "white": (0.96, 0.96, 0.96),
}
SIZES = {"small": (0.20, 0.27), "big": (0.36, 0.44)}  # half the object's size, as part of the picture's side
BACKGROUNDS = {
    "plain": None,
    "striped": textures.stripes,
    "checked": textures.checks,
    "dotted": textures.dots,
}
TEMPLATES = (
    "a {size} {colour} {kind} on a {background} background",
    "a picture of a {kind}",
    "a {colour} {kind}",
    "a picture of a {colour} {kind}",
    "a {background} background with a {size} {colour} {kind}",
)
WORDS = ("a", "an", "picture", "of", "on", "with", "background", *SIZES, *COLOURS, *BACKGROUNDS, *KINDS)
STREAM = zlib.crc32(b"captions")  # keeps these pictures apart from those of `world`


@dataclass(frozen=True)
class Scene:
    """What a picture shows; every word of it is in a caption."""

    kind: str
    colour: str
    size: str
    background: str

    def caption(self, template: int = 0) -> str:
        """Say it in one of TEMPLATES; the first one tells all."""
        return with_articles(TEMPLATES[template].format(**vars(self)))


def is_new_pair(kind: str, colour: str) -> bool:
    """Tell whether a pair of kind and colour is kept out of training: two of the eight colours of each kind are."""
    apart = (list(COLOURS).index(colour) - KINDS.index(kind)) % len(COLOURS)
    return apart in (0, 3)


def make_captioned(
    n: int, size: int = 32, seed: int = 0, new_pairs: bool = False
) -> tuple[np.ndarray, list[Scene]]:
    """Paint `n` pictures and tell what they show.

    Args:
        n: how many pictures.
        size: height and width in pixels.
        seed: 0 or more; pictures of two seeds have nothing in common.
        new_pairs: False for pairs of kind and colour that one may train on, True for those that `is_new_pair`
            keeps for testing.

    Returns:
        Images (n, size, size, 3) uint8, RGB, and n scenes.

    Raises:
        BadInput: a number that makes no sense.
    """
    if n < 0 or seed < 0 or not 8 <= size <= 1024:
        raise BadInput(
            f"n and seed are 0 or more and size is 8 to 1024 pixels, not n={n}, seed={seed}, size={size}."
        )
    pairs = [(kind, colour) for kind in KINDS for colour in COLOURS if is_new_pair(kind, colour) == new_pairs]
    images, scenes = np.empty((n, size, size, 3), np.uint8), []
    for i in tqdm(range(n), "painting", unit="img", delay=2, leave=False, disable=None):
        rng = np.random.default_rng([seed, i, new_pairs, STREAM])
        kind, colour = pairs[rng.integers(len(pairs))]
        scenes.append(Scene(kind, colour, _choice(rng, SIZES), _choice(rng, BACKGROUNDS)))
        images[i] = paint_scene(scenes[-1], rng, size)
    return images, scenes


def paint_scene(scene: Scene, rng: np.random.Generator, size: int = 32) -> np.ndarray:
    """Paint one picture of a scene; place, rotation, shades, the background's colours and the noise are random.

    Args:
        scene: what to show.
        rng: source of randomness.
        size: height and width in pixels.

    Returns:
        uint8 (size, size, 3), RGB.
    """
    main = np.clip(np.array(COLOURS[scene.colour]) + rng.normal(0, 0.02, 3), 0, 1)
    # The accent is a darker or lighter shade of the same colour, so that the object has one colour by name.
    accent = main * 0.55 if main.max() > 0.5 else main + 0.35
    canvas = np.empty((3, size, size), np.float32)
    canvas[:] = _background(rng, scene.background, main, size)
    radius = rng.uniform(*SIZES[scene.size])
    centre = 0.5 + rng.uniform(-1, 1, 2) * (0.5 - 0.9 * radius)
    paint_object(canvas, rng, scene.kind, centre, radius, (main, accent))
    return photograph(canvas, rng)


def _background(rng, name: str, main: np.ndarray, size: int) -> np.ndarray:
    """Return a background whose colours differ from the object's, and from each other where there are two."""
    first = textures.unlike(rng, main, 0.7)
    if BACKGROUNDS[name] is None:
        return textures.plane(first)
    second = main
    while np.abs(second - main).sum() < 0.7:
        second = textures.unlike(rng, first, 0.5)
    return textures.patterned(rng, *textures.grid(size), BACKGROUNDS[name], first, second)


def _choice(rng: np.random.Generator, names: Sequence[str]) -> str:
    return list(names)[rng.integers(len(names))]
