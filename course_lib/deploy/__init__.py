"""A model that leaves the course: as files that other programs run, over HTTP, and inside a web page.

`exporting` writes a folder, `opening` uses one without Keras, `serving` answers HTTP from it; `deploy.json` in the folder
says what lies there.
"""

import importlib

_FACE = {
    "export": "course_lib.deploy.exporting",
    "open_export": "course_lib.deploy.opening",
    "running_server": "course_lib.deploy.client",
}
__all__ = list(_FACE)


def __getattr__(name):
    if name in _FACE:
        return getattr(importlib.import_module(_FACE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
