"""A figure as a notebook keeps it: a small picture, words for those who cannot see it, a caption.

matplotlib has no alternative text, and notebooks drop it from ordinary image outputs. Only an HTML figure keeps
it in JupyterLab, on Colab and on the web site, so that is what every figure of the course becomes.
"""

import base64
import html
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course_lib.errors import BadInput
from course_lib.viz.style import DPI, style

MOST_BYTES = 28_000
FIGURE_STYLE = "margin:0.6em 0"
IMAGE_STYLE = "max-width:100%;height:auto;border-radius:6px"
CAPTION_STYLE = "font-size:0.88em;opacity:0.75;margin-top:0.4em;max-width:46em"


@dataclass(frozen=True, repr=False)
class Picture:
    """A picture with its alternative text; as the last line of a cell it shows itself.

    Attributes:
        data: The bytes of a PNG or JPEG file.
        kind: "png", "jpeg" or "gif".
        size: (width, height) in pixels.
        alt: What the picture shows, in words.
        caption: The line under it, or None.
    """

    data: bytes
    kind: str
    size: tuple[int, int]
    alt: str
    caption: str | None = None

    def _repr_html_(self) -> str:
        source = f"data:image/{self.kind};base64,{base64.b64encode(self.data).decode()}"
        width, height = self.size
        caption = (
            self.caption and f'<figcaption style="{CAPTION_STYLE}">{html.escape(self.caption)}</figcaption>'
        )
        return (
            f'<figure style="{FIGURE_STYLE}"><img alt="{html.escape(self.alt)}" width="{width}" '
            f'height="{height}" style="{IMAGE_STYLE}" src="{source}">{caption or ""}</figure>'
        )

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    def save(self, path) -> Path:
        """Write the picture to a file.

        Args:
            path: Where to; its suffix is replaced by .png, .jpg or .gif, whichever the picture is.

        Returns:
            The path written.
        """
        path = Path(path).with_suffix(".jpg" if self.kind == "jpeg" else f".{self.kind}")
        path.write_bytes(self.data)
        return path


def show(fig: Figure, alt: str, caption: str | None = None) -> Picture:
    """Turn a matplotlib figure into a picture with alternative text, and close it.

    Args:
        fig: Any figure, of pyplot or not.
        alt: What the figure shows, for those who cannot see it: its kind, its axes, what one learns from it.
        caption: A line to stand under it.

    Returns:
        A picture that shows itself as the last line of a cell.

    Raises:
        BadInput: The alternative text is missing.
    """
    check_alt(alt)
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.12)
    if "matplotlib.pyplot" in sys.modules:  # else nothing can be open in it
        sys.modules["matplotlib.pyplot"].close(fig)
    with Image.open(file) as image:
        return encode(np.asarray(image.convert("RGB")), alt, caption)


def draw(fig: Figure, alt: str, caption: str | None = None) -> Picture:
    """Like `show`, for the course's own figures: in the course's style, and exactly as large as the figure says."""
    check_alt(alt)
    with style():
        canvas = FigureCanvasAgg(fig)
        canvas.draw()
    return encode(np.asarray(canvas.buffer_rgba())[..., :3], alt, caption)


def encode(pixels: np.ndarray, alt: str, caption: str | None = None) -> Picture:
    """Store pixels in few bytes: line drawings as PNG with a palette, photographs as JPEG.

    Args:
        pixels: (height, width, 3) uint8.
        alt: What they show, in words.
        caption: A line to stand under the picture.

    Returns:
        The picture.

    Raises:
        BadInput: The alternative text is missing.
    """
    check_alt(alt)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    data, kind = _png(image), "png"
    photograph = _jpeg(image)
    # JPEG blurs thin lines a little, so it has to save something
    if len(photograph) < 0.8 * len(data) and len(data) > 20_000:
        data, kind = photograph, "jpeg"
    return Picture(data, kind, image.size, alt.strip(), caption)


def _jpeg(image: Image.Image) -> bytes:
    # The best quality that keeps a lesson with a dozen figures small
    for quality in (84, 76, 68, 60):
        data = _saved(image, "JPEG", quality=quality, subsampling=0, optimize=True)
        if len(data) <= MOST_BYTES:
            break
    return data


def _png(image: Image.Image) -> bytes:
    exact = _saved(image, "PNG", optimize=True)
    if image.getcolors(8_000) is None:  # a photograph, or noise: no palette will do
        return exact
    few = image.quantize(256, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    off = np.abs(np.asarray(few.convert("RGB"), np.int16) - np.asarray(image, np.int16))
    # A palette is taken where nobody can see it: antialiased lines and letters
    return _saved(few, "PNG", optimize=True) if np.percentile(off, 99.9) <= 12 and off.mean() < 1 else exact


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def check_alt(alt: str) -> None:
    """Refuse a figure without alternative text."""
    if not isinstance(alt, str) or not alt.strip():
        raise BadInput(
            "A figure needs alternative text: say in `alt` what one sees, for those who cannot see it."
        )
