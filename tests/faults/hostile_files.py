"""Weights files made to run code, or to lie about their sizes. What they would run leaves a canary."""

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np

from tests.gguf_files import header, tensor, text

CANARY = "touch canary"
HUGE = 2**60
PROTOCOLS = range(6)
LAMBDA = {"class_name": "Lambda", "config": {"name": "x", "function": ["4wEAAAA=", None, None]}, "module": "keras.layers"}  # fmt: skip
SYSTEM = {"module": "os", "class_name": "system", "config": {"command": CANARY}, "registered_name": "system"}


class Runs:
    """Pickles as the call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def pickles() -> dict[str, bytes]:
    """Return name -> pickle that runs something where it is opened by pickle itself."""
    code = f"import os; os.system({CANARY!r})"
    calls = {
        "system": Runs(os.system, CANARY),
        "eval": Runs(eval, f"__import__('os').system({CANARY!r})"),
        "exec": Runs(exec, code),
        "within": {"state_dict": {"w": [Runs(os.system, CANARY)]}},
        "a key": {(Runs(exec, code),): 1},
        "open": Runs(open, "canary", "w"),
    }
    found = {
        f"{name} {number}": pickle.dumps(call, number) for name, call in calls.items() for number in PROTOCOLS
    }
    by_hand = {"inst": "(S'touch canary'\nios\nsystem\n.", "obj": "(cos\nsystem\nS'touch canary'\no.",
               "dotted": "cos\nsys.modules\n.", "build": "ccollections\nOrderedDict\n(tR(dS'x'\ncos\nsystem\nsb.",
               "getattr": "cbuiltins\ngetattr\n(cos\nsystem\nS'__call__'\ntR(S'touch canary'\ntR."}  # fmt: skip
    return found | {name: code.encode() for name, code in by_hand.items()}


def torch_archives() -> dict[str, bytes]:
    """Return name -> file in PyTorch's archive layout, with these pickles in it, or with members that are bombs."""
    found = {
        f"archive {name}": _archive({"archive/data.pkl": content}) for name, content in pickles().items()
    }
    found["bomb in the pickle"] = _archive({"archive/data.pkl": bytes(200 << 20)}, zipfile.ZIP_DEFLATED)
    found["a member twice"] = _archive(
        {"archive/data.pkl": b".", "x/data.pkl": pickle.dumps(Runs(os.system, CANARY), 2)}
    )
    return found


def keras_files() -> dict[str, bytes]:
    """Return name -> `.keras` archive or HDF5 file that names code."""
    model = {"class_name": "Functional", "config": {"layers": [LAMBDA, SYSTEM]}, "module": "keras"}
    members = {"config.json": json.dumps(model).encode(), "metadata.json": b"{}", "model.weights.h5": b"?"}
    return {
        "lambda": _archive(members),
        "system": _archive(members | {"config.json": json.dumps(SYSTEM).encode()}),
        "path": _archive(members | {"../../canary": b"x", "/tmp/canary": b"x"}),
    }


def h5_files(folder: Path) -> dict[str, bytes]:
    """Return name -> HDF5 file that names code, claims terabytes, or reaches for other files."""

    def model(file):
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": {"layers": [LAMBDA, SYSTEM]}}
        )

    def shape(file, side=2**40, **options):
        file.create_dataset("layer/kernel", (side,), "f4", chunks=(2**20,), **options)

    makers = {
        "model of code": model,
        "shape bomb": shape,
        "packed shape bomb": lambda file: shape(file, compression="gzip"),
        "bomb": lambda file: file.create_dataset(
            "x", data=np.zeros(2**26, np.uint8), compression="gzip", chunks=(2**22,)
        ),
        "link outside": lambda file: file.__setitem__("layer", h5py.ExternalLink("/etc/passwd", "/x")),
        "soft link": lambda file: file.__setitem__("layer", h5py.SoftLink("/layer")),
        "numbers outside": lambda file: file.create_dataset(
            "x", (9,), "u1", external=[("/etc/passwd", 0, 9)]
        ),
        "virtual": lambda file: file.create_virtual_dataset("x", _virtual()),
        "texts": lambda file: file.create_dataset("x", (3,), h5py.string_dtype()),
    }
    found = {}
    for name, make in makers.items():
        with h5py.File(folder / "made.h5", "w") as file:
            make(file)
        found[name] = (folder / "made.h5").read_bytes()
    return found | {"half": found["model of code"][:500], "no h5": b"\x89HDF\r\n\x1a\n" + bytes(500)}


def gguf_files() -> dict[str, bytes]:
    """Return name -> GGUF file that lies about its sizes."""
    setting = header(settings=1) + text("a")
    return {
        "tensors": header(tensors=HUGE),
        "settings": header(settings=HUGE),
        "a name": header(settings=1) + text("", HUGE),
        "a list": setting + struct.pack("<IIQ", 9, 4, HUGE),
        "a list of lists": setting + struct.pack("<IIQ", 9, 9, HUGE) * 50,
        "a shape": header(tensors=1) + tensor(shape=(2**31, 2**31)) + bytes(400),
        "an offset": header(tensors=1) + tensor(offset=HUGE) + bytes(400),
        "nothing": b"",
    }


def safetensors_files() -> dict[str, bytes]:
    """Return name -> safetensors file that lies about its sizes."""

    def made(said, data=b"", length=None):
        said = said if isinstance(said, bytes) else json.dumps(said).encode()
        return struct.pack("<Q", len(said) if length is None else length) + said + data

    def one(shape, ends, kind="F32"):
        return {"w": {"dtype": kind, "shape": shape, "data_offsets": ends}}

    return {
        "a giant's header": made(b"{}", length=HUGE),
        "header past the end": made(b"{}", length=1_000),
        "a shape": made(one([2**31, 2**31], [0, 16]), bytes(16)),
        "an overflowing shape": made(one([2**33, 2**33], [0, 0])),
        "offsets past the end": made(one([4], [0, 2**40])),
        "backward": made(one([4], [16, 0]), bytes(16)),
        "negative": made(one([-4], [0, 16]), bytes(16)),
        "deep": made(b"[" * 100_000),
        "another kind": made(one([4], [0, 16], "OBJECT"), bytes(16)),
        "a pickle": pickle.dumps(Runs(os.system, CANARY)),
    }


def slim_archives() -> dict[str, bytes]:
    """Return name -> .tar.gz that fills disk or memory, or writes where it should not."""
    found = {}
    for name, member, size in (
        ("bomb", "net.ckpt", 300 << 20),
        ("filler", "filler.txt", 300 << 20),
        ("path", "../canary", 4),
    ):
        info = tarfile.TarInfo(member)
        info.size = size
        content = info.tobuf() + b"\0" * (size + -size % 512) + bytes(1024)
        squeeze = zlib.compressobj(9, wbits=31)
        found[name] = squeeze.compress(content) + squeeze.flush()
    return found


def _archive(members: dict[str, bytes], packing=zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _virtual():
    layout = h5py.VirtualLayout((9,), "u1")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (9,))
    return layout
