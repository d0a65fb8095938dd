"""StyleGAN2 (Karras et al. 2019, arXiv 1912.04958): a picture is drawn from a constant, and at every layer a style says how.

The random numbers first pass dense layers (mapping), which are free to arrange them as pictures need; what comes out, w, scales
the channels of each convolution (modulation). So layers at 4 px can take one style and layers at 32 px another.
"""

from course_lib.zoo.stylegan2.config import CONFIGS, StyleGan2Config
from course_lib.zoo.stylegan2.discriminator import discriminator
from course_lib.zoo.stylegan2.generator import build
from course_lib.zoo.stylegan2.sampling import (
    TRUNCATION,
    draw,
    find_centre,
    latent,
    mixed,
    painter,
    redraw_noise,
    styles,
    truncated,
)

__all__ = [
    "CONFIGS",
    "TRUNCATION",
    "StyleGan2Config",
    "build",
    "discriminator",
    "draw",
    "find_centre",
    "latent",
    "mixed",
    "painter",
    "redraw_noise",
    "styles",
    "truncated",
]
