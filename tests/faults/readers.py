"""Every reader of bytes that nobody vouches for, each with a small good file to make bad ones of."""

import gzip
import io
import json
import tarfile
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image
from safetensors.numpy import save as safetensors_bytes

from course_lib.catalog import reader
from course_lib.media.detection_folders.coco import read_coco
from course_lib.media.images import read_image
from course_lib.media.sound.inputs import read_audio
from course_lib.text.sentencepiece import SentencePieceTokenizer
from course_lib.training.checkpoint import Checkpoint
from course_lib.weights import saved
from course_lib.weights.gguf_file import read_gguf, read_settings
from course_lib.weights.h5_file import check_h5
from course_lib.weights.persistent_file import read_persistent
from course_lib.weights.slim_file import read_slim
from course_lib.weights.sources.checkpoint import read_safetensors
from course_lib.weights.torch_file import read_torch
from tests.gguf_files import tokenizer_settings, write_gguf
from tests.torch_files import FakeTensor, fake_module, pickled, stream_file, write_torch

NUMBERS = np.arange(24, dtype="<f4")
LARGEST = 10**6  # bytes of what these archives unpack to
LITERT = Path(__file__).parents[1] / "parity" / "fixtures" / "deepspeech" / "float.tflite"
PICTURES = ("png", "jpeg", "gif", "webp", "tiff", "bmp", "ppm", "jpeg2000", "avif")
SOUNDS = ("wav", "flac", "ogg", "mp3", "aiff", "au")


def _zip(path):
    write_torch(path, {"a.weight": NUMBERS.reshape(4, 6), "a.bias": np.arange(6)})


def _stream(path):
    stream_file(path, {"w": FakeTensor("0", 0, (4, 6), (6, 1), 24)}, {"0": NUMBERS.tobytes()})


def _network(path):
    layer = fake_module("torch.nn.modules.linear.Linear", parameters=[("weight", None)])
    path.write_bytes(
        pickled({"G_ema": fake_module("models.common.Net", modules=[("fc", layer)])}, protocol=4)
    )


def _safetensors(path):
    path.write_bytes(safetensors_bytes({"a/kernel": NUMBERS.reshape(4, 6), "a/bias": NUMBERS[:6]}))


def _saved(path):
    texts = {"grade": "fine-tuned", "model": "resnet_nano", "source": "a test"}
    said = saved.Description("resnet_nano", "", ("a", "b"), 32, "tf", 0.0, texts)
    content = {"head/bias": NUMBERS[:2]}
    path.write_bytes(safetensors_bytes(content, metadata={saved.HEADER: json.dumps(asdict(said))}))


def _gguf(path):
    write_gguf(path, {"w": np.ones((2, 32), np.float32)}, "Q8_0", **tokenizer_settings())


def _h5(path):
    import h5py

    with h5py.File(path, "w") as file:
        file.create_dataset("layer/kernel", data=NUMBERS.reshape(4, 6))
        file["layer"].attrs["weight_names"] = [b"kernel"]


def _checkpoint(path):
    Checkpoint(path, "me").save({"weights": [NUMBERS], "slots": [NUMBERS[:2]]}, {"step": 3})


def _go_on(path):
    with warnings.catch_warnings(action="ignore"):  # it says what is wrong, and training begins anew
        Checkpoint(path, "me").load()


def _slim(path, version=None):
    from tests.slim_files import V1, write_checkpoint  # here, since that takes TensorFlow's seconds

    write_checkpoint(path, {"net/weights": NUMBERS.reshape(4, 6), "step": np.int64(7)}, version or V1)


def _index(path):
    from tests.slim_files import V2

    _slim(path.with_suffix(""), V2)  # a file of numbers lies beside it


def _read_index(path):
    from tests.slim_files import write_archive

    numbers = path.with_suffix(".data-00000-of-00001")
    read_slim(write_archive(path.with_name("both.tar.gz"), path, numbers), LARGEST)


def _tar(path):
    _slim(path.with_name("net.ckpt"))
    with tarfile.open(path, "w") as archive:
        archive.add(path.with_name("net.ckpt"), "net/net.ckpt")


def _read_tar(path):
    packed = path.with_name("packed.tar.gz")  # after the change: else its check sum would find every one
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    read_slim(packed, LARGEST)


def _pieces(path):
    from tests.unit.spm_vocabulary import made

    path.write_bytes(made())


def _read_pieces(path):
    tokenizer = SentencePieceTokenizer(None)
    tokenizer._file = path
    tokenizer.detokenize(tokenizer.tokenize("the cat sat on a zebra, d\u00e9j\u00e0 vu"))


def _run_litert(path):
    from course_lib.weights.deepspeech_file import DeepSpeechFile

    DeepSpeechFile(path, LARGEST)(np.zeros((1, 20, 26), np.float32))


def _cards(path):
    path.write_bytes((reader.FAMILIES / "alexnet.toml").read_bytes())


def _read_cards(path):
    before, reader.FAMILIES = reader.FAMILIES, path.parent
    try:
        reader._read(reader._family)
    finally:
        reader.FAMILIES = before


def _coco(path):
    image = {"id": 1, "file_name": "a.png", "width": 9, "height": 9}
    box = {"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}
    content = {"images": [image], "annotations": [box], "categories": [{"id": 3, "name": "cat"}]}
    path.write_text(json.dumps(content))
    (path.parent / "a.png").write_bytes(_picture("png"))


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.uint8(NUMBERS).repeat(36).reshape(24, 12, 3)).save(file, kind.upper())
    return file.getvalue()


def _sound(path, kind):
    tone = np.float32(0.3 * np.sin(np.arange(4_000) / 5))
    soundfile.write(
        path, tone, 8_000, format=kind.upper(), **({"subtype": "VORBIS"} if kind == "ogg" else {})
    )


# name -> (end of the file's name, what writes a good one, what reads it)
READERS = {
    "torch archive": (".pth", _zip, read_torch),
    "torch stream": (".pth", _stream, read_torch),
    "network pickle": (".pkl", _network, read_persistent),
    "safetensors": (".safetensors", _safetensors, read_safetensors),
    "saved model": (".safetensors", _saved, saved.describe),
    "gguf": (".gguf", _gguf, read_gguf),
    "gguf settings": (".gguf", _gguf, read_settings),
    "h5": (".h5", _h5, check_h5),
    "checkpoint of a training": (".npz", _checkpoint, _go_on),
    "cards": (".toml", _cards, _read_cards),
    "coco": (".json", _coco, read_coco),
    "slim": (".ckpt", _slim, lambda path: read_slim(path, LARGEST)),
    "slim index": (".ckpt.index", _index, _read_index),
    "slim archive": (".tar", _tar, _read_tar),
    "word pieces": (".spm", _pieces, _read_pieces),
    "litert": (".tflite", lambda path: path.write_bytes(LITERT.read_bytes()), _run_litert),
}
for _kind in PICTURES:
    READERS[f"picture {_kind}"] = (
        f".{_kind}",
        lambda path, kind=_kind: path.write_bytes(_picture(kind)),
        read_image,
    )
for _kind in SOUNDS:
    READERS[f"sound {_kind}"] = (f".{_kind}", lambda path, kind=_kind: _sound(path, kind), read_audio)
