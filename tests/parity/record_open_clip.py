"""Records what OpenCLIP's own CoCa answers, for test_coca.py; run once, by hand.

It needs what record_timm.py needs, and OpenCLIP:

    pip install --no-deps open_clip_torch ftfy regex wcwidth
    python tests/parity/record_open_clip.py

fixtures/open_clip/coca_vit_b32.npz holds the embeddings of two pictures and two texts, a part of the captions' logits, and some
texts as the tokenizer cuts them. Of the larger network only the tensors' names and shapes are recorded, as record_timm.py does.
"""

import gzip
import json

import numpy as np
import open_clip
import torch
import weights_by_rule
from record_torchvision import FIXTURES, SEED, fill

WORDS, EVERY = (9, 76), 199  # texts of so many tokens; every 199th word of the vocabulary
TEXTS = (
    "a photo of a cat",
    "Two DOGS   don't sit on 2023's red bench, do they?",
    "crème brûlée — 1,234 naïve façades",
    "it's a well-known photo_of a 🐈 (cat)!",
)


def build(name: str):
    """Build OpenCLIP's network of that name; return it and its configuration."""
    config = open_clip.get_model_config(name)
    parts = (config[key] for key in ("embed_dim", "multimodal_cfg", "text_cfg", "vision_cfg"))
    return open_clip.coca_model.CoCa(*parts), config


def texts(context: int, vocabulary: int) -> np.ndarray:
    """Make two texts, one short and one that fills its row: start, words, end, padding."""
    rows = np.zeros((len(WORDS), context), np.int64)
    for row, count in zip(rows, WORDS, strict=True):
        words = np.random.default_rng([SEED, count]).integers(1, vocabulary - 2, count - 2)
        row[:count] = [vocabulary - 2, *words, vocabulary - 1]
    return rows


def record(model_id: str, name: str) -> None:
    """Ask a network; its logits are those of the tokens behind each token but the last."""
    network, config = build(name)
    size, text = config["vision_cfg"]["image_size"], config["text_cfg"]
    shapes = fill(network.eval(), SEED)
    images = weights_by_rule.pictures(len(WORDS), size, SEED)
    rows = texts(text["context_length"], text["vocab_size"])
    with torch.inference_mode():
        found = network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy()), torch.from_numpy(rows))
    note = {
        "upstream": f"open_clip_torch {open_clip.__version__} with torch {torch.__version__}, CPU, float32",
        "seed": SEED, "size": size, "every": EVERY, "shapes": shapes, "texts": TEXTS,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "weights_checksum": weights_by_rule.checksum(weights_by_rule.tensors(shapes, SEED)),
    }  # fmt: skip
    answers = {
        "image_embedding": found["image_features"].numpy(),
        "text_embedding": found["text_features"].numpy(),
        "logit_scale": found["logit_scale"].numpy(),
        "caption": found["logits"].numpy()[:, :, ::EVERY],
        "cut": open_clip.get_tokenizer(name)(list(TEXTS)).numpy(),
    }
    path = FIXTURES / "open_clip" / f"{model_id}.npz"
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, tokens=rows, note=np.array(json.dumps(note)), **answers)
    print(f"{path.name}: {note['parameters']:,} parameters, {path.stat().st_size:,} bytes")


def record_shapes(model_id: str, name: str) -> None:
    """Write the names and shapes of all tensors, made on the device without numbers."""
    with torch.device("meta"):
        network, _ = build(name)
    shapes = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    parameters = sum(parameter.numel() for parameter in network.parameters())
    note = {
        "upstream": f"open_clip_torch {open_clip.__version__}",
        "parameters": parameters,
        "shapes": shapes,
    }
    path = FIXTURES / f"{model_id}.shapes.json.gz"
    path.write_bytes(gzip.compress(json.dumps(note).encode(), mtime=0))
    print(f"{path.name}: {len(shapes)} tensors, {parameters:,} parameters, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    record("coca_vit_b32", "coca_ViT-B-32")
    record_shapes("coca_vit_l14", "coca_ViT-L-14")
