"""Which kind of weights file a name stands for: what decides is its end."""

from pathlib import Path

_ENDS = {
    ".h5": ".h5",
    ".pth": ".pth",
    ".pt": ".pth",
    ".bin": ".pth",  # as models are kept on the Hugging Face hub
    ".pkl": ".pkl",  # networks that NVIDIA published
    ".safetensors": ".safetensors",
    ".gguf": ".gguf",  # of llama.cpp
    ".ort": ".ort",  # a network for ONNX Runtime
    ".tflite": ".tflite",
    ".tar.gz": ".ckpt",  # TensorFlow-slim packs a checkpoint into an archive
    ".tgz": ".ckpt",
    ".ckpt": ".ckpt",
}


def kind(path: str | Path) -> str:
    """Return a weights file's kind.

    Args:
        path: the file, or its name alone.

    Returns:
        ".h5", ".pth" (PyTorch), ".pkl", ".safetensors", ".gguf", ".tflite" or ".ckpt" (TensorFlow, archived or bare); empty for any other end.
    """
    name = Path(path).name.lower()
    return next((kind for end, kind in _ENDS.items() if name.endswith(end)), "")


def end(path: str | Path) -> str:
    """Return the end of a file's name as people know it, for instance ".tar.gz"."""
    name = Path(path).name.lower()
    return next((end for end in _ENDS if name.endswith(end)), Path(path).suffix)
