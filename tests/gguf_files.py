"""GGUF files for tests: a tiny Llama with a tiny tokenizer."""

import struct
from pathlib import Path

import gguf
import numpy as np

TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are kind<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role']}}{% endfor %}"
)
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def write_gguf(path: Path, arrays: dict[str, np.ndarray], kind: str = "F32", **settings) -> Path:
    """Write a GGUF file; settings are named with "__" for the dot in their names."""
    writer = gguf.GGUFWriter(path, "llama")
    for name, value in settings.items():
        name = name.replace("__", ".")
        if isinstance(value, str):
            writer.add_string(name, value)
        elif isinstance(value, int):
            writer.add_uint32(name, value)
        else:
            writer.add_array(name, value)
    packing = gguf.GGMLQuantizationType[kind]
    for name, array in arrays.items():
        packed = array if array.ndim == 1 or kind == "F32" else gguf.quantize(array, packing)
        raw = None if packed is array else packing
        writer.add_tensor(name, packed, raw_dtype=raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def tokenizer_settings(**others) -> dict:
    """Return the settings of a tokenizer that knows all bytes and a few merges."""
    # One letter for each byte, as GPT-2 has it; the order does not matter here.
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [*map(chr, printable), *(chr(256 + number) for number in range(256 - len(printable)))]
    merges = ["Ġ t", "h e", "Ġt he", "1 0", "i n"]
    tokens = [*SPECIALS, *letters, *(merge.replace(" ", "") for merge in merges)]
    return {
        "tokenizer__ggml__model": "gpt2",
        "tokenizer__ggml__pre": "smollm",
        "tokenizer__ggml__tokens": tokens,
        "tokenizer__ggml__merges": merges,
        "tokenizer__ggml__token_type": [3] * len(SPECIALS) + [1] * (len(tokens) - len(SPECIALS)),
        "tokenizer__ggml__bos_token_id": 1,
        "tokenizer__ggml__eos_token_id": 2,
        "tokenizer__chat_template": TEMPLATE,
    } | others


def header(tensors: int = 0, settings: int = 0, version: int = 3) -> bytes:
    """Return how a file begins."""
    return b"GGUF" + struct.pack("<IQQ", version, tensors, settings)


def text(value: str | bytes, length: int | None = None) -> bytes:
    """Return a string as files have it; `length` is a lie about it."""
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(value) if length is None else length) + value


def tensor(name: str = "w", shape=(32,), kind: int = 0, offset: int = 0) -> bytes:
    """Return a tensor's entry."""
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
