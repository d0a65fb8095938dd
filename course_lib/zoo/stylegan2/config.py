"""What tells one StyleGAN2 from another."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class StyleGan2Config:
    """A generator and its discriminator."""

    size: int  # side of the picture: a power of two
    channels: int = 3  # of the picture
    classes: int = 0  # 0: it is told none
    latent: int = 512  # how many random numbers a picture is made of
    style: int = 512  # how many numbers w has
    mapping: int = 8  # dense layers from the latent to the style
    slow: float = 0.01  # learning rate of these layers, as a share of the others'
    base: int = 32768  # channels of the maps are this over their side
    most: int = 512  # but never more
    clamp: float = 0.0  # maps are cut off there; 0 for never. Upstream's networks of half precision have 256
    centres: int = 1  # mean styles that truncation moves towards: one, as upstream, or one for each class
    group: int = 4  # pictures that the discriminator compares with each other

    @property
    def sides(self) -> tuple[int, ...]:
        """Sides of the maps, from 4 to the picture's."""
        return tuple(2**power for power in range(2, int(math.log2(self.size)) + 1))

    @property
    def styles(self) -> int:
        """How many layers take a style; the last one makes the picture of it."""
        return 2 * len(self.sides)

    def width(self, side: int) -> int:
        """Return how many channels maps of that side have."""
        return min(self.base // side, self.most)


CONFIGS = {
    "stylegan2_ffhq": StyleGan2Config(1024),
    "stylegan2_ffhq256": StyleGan2Config(256, base=16384, clamp=256.0),
    "stylegan2_cifar10": StyleGan2Config(32, classes=10, mapping=2, clamp=256.0, group=32),
    "stylegan2_nano": StyleGan2Config(
        32, channels=1, classes=10, latent=64, style=64, mapping=4, slow=0.1, base=512, most=64, centres=10
    ),
}
