"""Where `course detect --out` puts pictures with boxes: into a file for one, into a folder for several."""

from pathlib import Path

from course_lib.errors import BadInput, CourseError
from course_lib.files import expanded, resolved

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


class BoxedFiles:
    """Writes pictures with their boxes, never over a picture that was read."""

    def __init__(self, out: Path, inputs: list[str]):
        from course_lib.media.images import is_single

        self._out = expanded(out)
        self._one = self._out.suffix.lower() in FORMATS and not self._out.is_dir()
        self._written: set[Path] = set()
        single = len(inputs) == 1 and is_single(inputs[0])
        if self._one and not single:
            raise BadInput(f"--out {out}: for several pictures give a folder.")
        if single and self._out.suffix and not self._one and not self._out.is_dir():
            raise BadInput(f"--out {out}: pictures are written as {', '.join(FORMATS)}; give a name that ends so, or a folder.")  # fmt: skip
        self._check_apart(inputs)
        if not self._one:
            try:
                self._out.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CourseError(
                    f"Can't make the folder {out}: {error.strerror or error}. Give another."
                ) from error

    def write(self, found) -> None:
        """Draw the boxes of `Detections` into the picture that they are named after, and write it."""
        from PIL import Image

        from course_lib.files import write_atomically
        from course_lib.media.images import read_image
        from course_lib.viz.boxes import draw

        path = self._out if self._one else self._place(found.name)
        kind = FORMATS[path.suffix.lower()]
        image = Image.fromarray(draw(read_image(found.name), found))
        write_atomically(path, lambda file: image.save(file, kind, quality=92))
        self._written.add(path)

    def __str__(self):
        count = len(self._written)
        return f"{self._out}: {count} picture{'' if count == 1 else 's'} with boxes"

    def _place(self, name: str) -> Path:
        """Return a place in the folder that no other picture of this run has."""
        given = Path(name.replace(":", "_"))
        suffix = given.suffix.lower() if given.suffix.lower() in FORMATS else ".png"
        path, number = self._out / f"{given.stem}{suffix}", 1
        while path in self._written:
            number += 1
            path = self._out / f"{given.stem}-{number}{suffix}"
        return path

    def _check_apart(self, inputs: list[str]) -> None:
        """Refuse a place where a picture would be overwritten, or read again as if it were one of those given."""
        out = resolved(self._out)
        for given in inputs:
            if given.startswith("sample:"):
                continue
            path = resolved(given)
            folder = path if path.is_dir() else path.parent
            if (out == folder and not self._one) or (path.is_dir() and path in out.parents):
                raise BadInput(f"--out {self._out} lies where the pictures are: give another folder.")
            if out == path:
                raise BadInput(f"--out {self._out} is the picture itself: give another name.")
