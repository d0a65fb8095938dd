"""From pictures to codes and back: autoencoders."""

from collections.abc import Iterator
from numbers import Integral

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.media.images import open_images, resize_crop
from course_lib.tasks.base import BATCH, NO_PICTURE, Pretrained

MOST = 1_000_000  # pixels of a picture that keeps its own size; a larger one is made smaller
AT_ONCE = 500_000  # pixels in one call


class Rebuilder(Pretrained):
    """A network of two halves, "encoder" and "decoder"; the encoder's first output is the code."""

    task = "rebuild"

    def encode(self, images, size: int | None = None) -> np.ndarray:
        """Turn pictures into codes.

        Args:
            images: one picture or many: a path, a folder, a PIL image, an array, or a list of these.
            size: side in pixels of the square that is cut from the middle of each; by default pictures are squeezed to the
                network's own size, or, where it has none, keep theirs: cut to multiples of eight, and made smaller if they
                have over a million pixels.

        Returns:
            (pictures, ...) float32: of a variational autoencoder the means of its codes, (pictures, latent).

        Raises:
            BadInput: a picture can't be read, or they are of several sizes, or a size that the network can't take.
        """
        pictures = self._pictures(images, size)
        return np.concatenate([self._encoder(self._levels(batch)) for batch in _batches(pictures)])

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Turn codes into pictures.

        Args:
            codes: (pictures, ...), as `encode` gives them, or made up.

        Returns:
            (pictures, height, width, 3) uint8.

        Raises:
            BadInput: not codes for this network, or numbers that are not finite.
        """
        codes = self._checked(codes)
        pixels = [self._decoder(codes[start : start + 1]) for start in range(len(codes))]
        pixels = np.clip(np.concatenate(pixels), 0, 1)
        return np.repeat(np.uint8(np.rint(255 * pixels)), 3 // pixels.shape[-1], axis=-1)

    def rebuild(self, images, size: int | None = None) -> np.ndarray:
        """Turn pictures into codes and these into pictures again; arguments and errors as for `encode`, result of `decode`."""
        return self.decode(self.encode(images, size))

    def features(self, images) -> np.ndarray:
        """Return each picture's code as a row; see `encode`."""
        codes = self.encode(images)
        return codes.reshape(len(codes), -1)

    def features_stream(self, images) -> Iterator[tuple[str, np.ndarray | BadInput]]:
        """Yield (name, code as a row, or error) picture by picture."""
        for name, image in open_images(images):
            try:
                yield name, image if isinstance(image, BadInput) else self.features(image)[0]
            except BadInput as error:
                yield name, error

    def _prepare_engine(self) -> None:
        self._encoder  # noqa: B018
        self._decoder  # noqa: B018

    @property
    def _encoder(self):
        return self._function("encoder", self._first_half)

    @property
    def _decoder(self):
        return self._function("decoder", lambda: self.model.get_layer("decoder"))

    def _first_half(self) -> keras.Model:
        encoder = self.model.get_layer("encoder")
        return keras.Model(encoder.input, encoder.outputs[0])

    def _levels(self, batch: list[np.ndarray]) -> np.ndarray:
        """Scale pixels as the network knows them; grey where it knows no colours."""
        pixels = self.preprocess.normalised(np.stack(batch))
        grey = self.model.inputs[0].shape[-1] == 1
        return pixels.mean(axis=-1, keepdims=True) if grey else pixels

    def _pictures(self, images, size) -> list[np.ndarray]:
        """Read pictures and fit them, all to one size."""
        self._check_size(size)
        fitted = []
        for name, image in open_images(images):
            if isinstance(image, BadInput):
                raise image
            fitted.append(self._fitted(name, image, size))
            if fitted[-1].shape != fitted[0].shape:
                raise BadInput(
                    f"{name} is of another size than the first picture: give one at a time, or size=256 for squares."
                )
        if not fitted:
            raise BadInput(NO_PICTURE)
        return fitted

    def _check_size(self, size) -> None:
        own = self.model.inputs[0].shape[1]
        if size is None or (own and size == own):
            return
        if own:
            raise BadInput(f"{self.card.id} takes pictures of {own} pixels: leave size away, not {size!r}.")
        if not isinstance(size, Integral) or size % self._step or not self._step <= size <= MOST**0.5:
            raise BadInput(
                f"size is a multiple of {self._step} from {self._step} to {int(MOST**0.5)} pixels, not {size!r}."
            )

    @property
    def _step(self) -> int:
        """How many pixels a place of the code stands for, where the network takes pictures of any size."""
        from course_lib import zoo

        return zoo.family(self.card.family).SHRINK

    def _fitted(self, name: str, image: np.ndarray, size: int | None) -> np.ndarray:
        if self.model.inputs[0].shape[1]:
            return self.preprocess.resized(image)
        if size:
            return resize_crop(image, size, 1.0)
        height, width = image.shape[:2]
        if height * width > MOST:
            image = _smaller(image)
            height, width = image.shape[:2]
        if min(height, width) < self._step:
            raise BadInput(
                f"{name} is {width} x {height} pixels, {self.card.id} wants at least {self._step} each way."
            )
        return image[: height - height % self._step, : width - width % self._step]

    def _checked(self, codes) -> np.ndarray:
        codes, wanted = np.asarray(codes), self.model.get_layer("decoder").input.shape[1:]
        fits = codes.ndim == len(wanted) + 1 and all(
            own in (None, given) for own, given in zip(wanted, codes.shape[1:], strict=True)
        )
        if not fits or not codes.size or codes.dtype.kind not in "fiu":
            shape = ", ".join(str(length or "any") for length in wanted)
            raise BadInput(
                f"{self.card.id} wants codes (pictures, {shape}), not {codes.dtype} {codes.shape}."
            )
        if not np.isfinite(codes).all():
            raise BadInput("The codes hold numbers that are not finite: mend them first.")
        return codes.astype(np.float32)


def _batches(pictures: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield so many pictures at a time as memory has room for."""
    pixels = pictures[0].shape[0] * pictures[0].shape[1]
    count = max(1, min(BATCH, AT_ONCE // pixels))
    for start in range(0, len(pictures), count):
        yield pictures[start : start + count]


def _smaller(image: np.ndarray) -> np.ndarray:
    """Shrink a picture to at most MOST pixels, its proportions kept."""
    from PIL import Image

    height, width = image.shape[:2]
    scale = (MOST / (height * width)) ** 0.5
    size = max(1, int(width * scale)), max(1, int(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


Task = Rebuilder
