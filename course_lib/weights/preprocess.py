"""From pictures to what a network was trained on. Preprocessing belongs to the weights, not to the architecture."""

from dataclasses import dataclass

import numpy as np

from course_lib.errors import BadInput
from course_lib.media.images import resize_crop, resize_squash
from course_lib.media.letterbox import Letterbox


@dataclass(frozen=True)
class Convention:
    """How pixels of 0-255 become numbers: (pixel - mean) / std, per channel."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bgr: bool = False  # Caffe's order of the channels


CONVENTIONS = {
    "caffe": Convention((103.939, 116.779, 123.68), (1, 1, 1), bgr=True),  # VGG, ResNet
    "tf": Convention((127.5,) * 3, (127.5,) * 3),  # -1 to 1: Inception, Xception, MobileNet V1 and V2, NASNet
    "torch": Convention((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),  # ImageNet's mean and deviation
    "lite": Convention((127,) * 3, (128,) * 3),  # EfficientNet-Lite
    "clip": Convention(
        (122.771, 116.746, 104.094), (68.5, 66.632, 70.323)
    ),  # OpenAI's CLIP and what follows it
    "unit": Convention((0,) * 3, (255,) * 3),  # 0 to 1: TF Hub's convention
    "none": Convention((0,) * 3, (1,) * 3),  # the network scales its own input
}


@dataclass(frozen=True)
class Preprocess:
    """Brings pictures to one size and one scale of numbers.

    Args:
        size: side of the network's input, pixels.
        normalise: a key of CONVENTIONS.
        crop: part of the shorter side that the central crop keeps; 0 squashes the picture instead.
        letterbox: keep the whole picture and its proportions, with grey round it, whatever `crop` says.
    """

    size: int
    normalise: str
    crop: float
    letterbox: bool = False

    def __call__(self, images) -> np.ndarray:
        """Preprocess pictures.

        Args:
            images: uint8 pictures (height, width, 3) of any size: a list, or a batch (batch, height, width, 3).

        Returns:
            (batch, size, size, 3) float32.

        Raises:
            BadInput: one picture that is not in a list.
        """
        if getattr(images, "ndim", 4) == 3:
            raise BadInput("preprocess takes a batch or a list of pictures; for one picture, give [picture].")
        return self.normalised(np.stack([self.resized(image) for image in images]))

    def resized(self, image: np.ndarray) -> np.ndarray:
        """Resize one picture (height, width, 3) uint8 to (size, size, 3) uint8."""
        if image.shape[:2] == (self.size, self.size):
            return image
        if self.letterbox:
            return Letterbox(*image.shape[:2], self.size).apply(image)
        if self.crop:
            return resize_crop(image, self.size, self.crop)
        return resize_squash(image, self.size)

    def normalised(self, pixels: np.ndarray) -> np.ndarray:
        """Scale pixels (..., 3) of 0-255 to the numbers that the network knows, float32."""
        convention = CONVENTIONS[self.normalise]
        pixels = np.asarray(pixels)
        # A copy, changed in place.
        pixels = np.array(pixels[..., ::-1] if convention.bgr else pixels, np.float32)
        pixels -= np.float32(convention.mean)
        pixels /= np.float32(convention.std)
        return pixels
