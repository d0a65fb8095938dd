"""A whole picture in a square: scaled to fit, centred, with grey round it; and the way back for boxes."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

GREY = 114  # of the margin, as the YOLO family was trained with it


@dataclass(frozen=True)
class Letterbox:
    """Where a picture lies in the square. Width and height are scaled each by its own whole pixels, so the way back is exact.

    Args:
        height, width: of the picture, pixels.
        size: side of the square, pixels.
    """

    height: int
    width: int
    size: int

    @property
    def inner(self) -> tuple[int, int]:
        """Height and width of the scaled picture, pixels; at least 1, however long and thin it is."""
        scale = self.size / max(self.height, self.width)
        return max(1, round(self.height * scale)), max(1, round(self.width * scale))

    @property
    def corner(self) -> tuple[int, int]:
        """Top and left edge of the scaled picture in the square, pixels; of an odd margin the smaller half is above."""
        height, width = self.inner
        return (self.size - height) // 2, (self.size - width) // 2

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Put the picture (height, width, 3) uint8 into the square: (size, size, 3) uint8."""
        (height, width), (top, left) = self.inner, self.corner
        square = np.full((self.size, self.size, 3), GREY, np.uint8)
        if (height, width) != image.shape[:2]:
            image = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
        square[top : top + height, left : left + width] = image
        return square

    def to_square(self, corners: np.ndarray) -> np.ndarray:
        """Carry boxes (n, 4) from the picture's pixels to the square's; float32."""
        return (np.asarray(corners, np.float64) * self._scales + self._shifts).astype(np.float32)

    def to_picture(self, corners: np.ndarray) -> np.ndarray:
        """Carry boxes (n, 4) from the square's pixels to the picture's; float32. What lies on the margin comes out outside."""
        return ((np.asarray(corners, np.float64) - self._shifts) / self._scales).astype(np.float32)

    @property
    def _scales(self) -> np.ndarray:
        height, width = self.inner
        return np.tile([width / self.width, height / self.height], 2)

    @property
    def _shifts(self) -> np.ndarray:
        top, left = self.corner
        return np.tile([left, top], 2)
