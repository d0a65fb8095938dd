"""TF Hub's handles: what a text such as "hub:google/imagenet/inception_v1/classification/5" names.

tfhub.dev redirects to Kaggle Models since November 2023, so a model may have two handles: its old address, under which
`tensorflow_hub` still finds and caches it, and its place at Kaggle, `owner/model/framework/variation/version`.
"""

import re
from dataclasses import dataclass

from course_lib.errors import BadInput

PREFIX = "hub:"
TFHUB = "https://tfhub.dev/"
KAGGLE = "https://www.kaggle.com/models/"
LONGEST = 1000  # characters; no handle and no path of a person's is longer
_FRAMEWORKS = {name.lower(): name for name in ("tensorFlow1", "tensorFlow2", "keras")}
_PART = r"[A-Za-z0-9][\w.+-]*"
_SITE = re.compile(r"https?://(www\.)?(tfhub\.dev|kaggle\.com/models)/")
# Kaggle's older addresses.
_LONG = re.compile(rf"({_PART})/({_PART})/frameworks/({_PART})/variations/({_PART})/versions/(\d+)")


@dataclass(frozen=True)
class Handle:
    """What a hub id names: a model on TF Hub, one at Kaggle, or a folder."""

    text: str  # without the prefix and the site: what cards are found by
    url: str = ""  # under which tensorflow_hub keeps it; empty for a folder
    kaggle: str = ""  # owner/model/framework/variation/version, for one that was named by its place at Kaggle

    @property
    def id(self) -> str:
        """The model id: the prefix and the text."""
        return PREFIX + self.text


def is_hub(model_id) -> bool:
    """Say whether a model id is a handle of TF Hub."""
    return isinstance(model_id, str) and model_id.startswith(PREFIX)


def handle(model_id: str) -> Handle:
    """Read a model id that begins with "hub:".

    Args:
        model_id: "hub:" and an address at tfhub.dev or kaggle.com/models, the same without the site, or the path of
            a folder: absolute, or beginning with "." or "~".

    Returns:
        The handle. Nothing is looked up.

    Raises:
        BadInput: what follows is neither.
    """
    text = model_id.removeprefix(PREFIX).strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise BadInput(_what_it_is(text[:50]))
    if text[0] in "./~\\" or re.match(r"[A-Za-z]:[/\\]", text):
        return Handle(text)
    site = _SITE.match(text)
    bare = text[site.end() if site else 0 :].partition("?")[0].rstrip("/")
    if found := _LONG.fullmatch(bare):
        bare = "/".join(found.groups())
    if not re.fullmatch(rf"{_PART}(/{_PART})+", bare):
        raise BadInput(_what_it_is(text[:50]))
    parts = bare.split("/")
    if len(parts) == 5 and parts[2].lower() in _FRAMEWORKS and parts[4].isdigit():
        parts[2] = _FRAMEWORKS[parts[2].lower()]
        return Handle("/".join(parts), url=text if "://" in text else KAGGLE + bare, kaggle="/".join(parts))
    if "kaggle.com" in text:
        raise BadInput(f"{text!r} is not a model at Kaggle: its handle is owner/model/framework/variation/version, "
                       "with a framework of TensorFlow or Keras.")  # fmt: skip
    return Handle(bare, url=TFHUB + bare)


def _what_it_is(text: str) -> str:
    return (f"{text!r} is no handle: after hub: comes an address at tfhub.dev or kaggle.com/models, such as "
            "google/imagenet/mobilenet_v2_100_224/feature_vector/5, or a folder such as ./my_model.")  # fmt: skip
