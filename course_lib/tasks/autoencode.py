"""Variational autoencoders: they rebuild pictures, and make new ones of codes that nobody encoded."""

from course_lib.tasks.generate import ImageGenerator
from course_lib.tasks.rebuild import Rebuilder


class Autoencoder(Rebuilder, ImageGenerator):
    """A network that does both: `.encode`, `.decode`, `.rebuild`; and `.generate`, `.stream`, `.walk`."""

    task = "autoencode"


Task = Autoencoder
