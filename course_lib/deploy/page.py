"""One HTML file that classifies photos inside a browser, from the exported ONNX network; it asks nothing of any network."""

import base64
import gzip
import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.deploy import browser
from course_lib.errors import BadInput

if TYPE_CHECKING:
    from course_lib.deploy.network import Network

HERE = Path(__file__).parent


def written(network: "Network") -> str:
    """Write the page of a network.

    Args:
        network: what is exported.

    Returns:
        The page: template, script, network and ONNX Runtime's browser build in one text.

    Raises:
        CourseError: ONNX Runtime's browser build is not on this machine; the sentence says how to get it.
    """
    module, wasm = browser.runtime()
    manifest = network.manifest
    told = {name: getattr(manifest, name) for name in ("labels", "size", "crop", "letterbox")}
    about = (
        f"{manifest.model}, trained on {manifest.provenance.get('trained_on', '')}; licence of the weights: "
        f"{manifest.licence or 'not stated'}. Runs on {browser.CREDIT}."
    )
    parts = {
        "title": html.escape(f"What does the photo show? ({manifest.model})"),
        "about": html.escape(about),
        "deploy": json.dumps(told).replace("<", "\\u003c"),
        "network": _packed(network.onnx),
        "runtime": _packed(module.read_bytes()),
        "wasm": _packed(wasm.read_bytes()),
        "script": (HERE / "page.js").read_text(encoding="utf-8"),
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)


def network_of(page: Path) -> bytes:
    """Return the ONNX file that lies in a page."""
    found = re.search(r'id="network">([A-Za-z0-9+/=]+)<', page.read_text(encoding="utf-8"))
    if not found:
        raise BadInput(f"There is no network in {page}: export it again.")
    return gzip.decompress(base64.b64decode(found[1]))


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
