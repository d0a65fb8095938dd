"""Records what OpenCLIP's own CoCa answers, for test_coca.py; run once, by hand.

It needs what record_timm.py needs, and OpenCLIP:

    pip install --no-deps open_clip_torch ftfy regex wcwidth
    python tests/parity/record_open_clip.py

A fixture, fixtures/open_clip/<model id>.npz, holds the embeddings of two pictures and two texts and a part of the captions' logits.
fixtures/open_clip/<model id>.json holds the names and shapes of all tensors, and the seed that weights_by_rule.py makes them from;
of a network that is too large to be run for a test it is all that is kept.
"""

import json
from pathlib import Path

import numpy as np
import torch
import weights_by_rule
from record_torchvision import fill, import_torchvision

FOLDER = Path(__file__).parent / "fixtures" / "open_clip"
NETWORKS = {"coca_vit_b32": "coca_ViT-B-32", "coca_vit_l14": "coca_ViT-L-14"}
RUN = ("coca_vit_b32",)
SEED, WORDS, EVERY = 0, (9, 76), 199  # texts of so many tokens; every 199th word of the vocabulary


def texts(config: dict) -> np.ndarray:
    """Make two texts, one short and one that fills its row: start, words, end, padding."""
    context, vocabulary = config["context_length"], config["vocab_size"]
    rows = np.zeros((len(WORDS), context), np.int64)
    for row, count in zip(rows, WORDS, strict=True):
        words = np.random.default_rng([SEED, count]).integers(1, vocabulary - 2, count - 2)
        row[:count] = [vocabulary - 2, *words, vocabulary - 1]
    return rows


def answers(network, images: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Ask the network; its logits are those of the tokens behind each token but the last."""
    with torch.inference_mode():
        pictures = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        found = network(pictures, torch.from_numpy(rows))
    return {
        "image_embedding": found["image_features"].numpy(),
        "text_embedding": found["text_features"].numpy(),
        "logit_scale": found["logit_scale"].numpy(),
        "caption": found["logits"].numpy()[:, :, ::EVERY],
    }


def main():
    """Write the fixtures of all networks."""
    import_torchvision()
    import open_clip

    FOLDER.mkdir(exist_ok=True)
    for model_id, name in NETWORKS.items():
        config = open_clip.get_model_config(name)
        with torch.device("cpu" if model_id in RUN else "meta"):
            network = open_clip.coca_model.CoCa(
                config["embed_dim"], config["multimodal_cfg"], config["text_cfg"], config["vision_cfg"]
            )
        shapes = {key: list(tensor.shape) for key, tensor in network.state_dict().items()}
        size = config["vision_cfg"]["image_size"]
        note = {
            "upstream": f"open_clip_torch {open_clip.__version__} with torch {torch.__version__}, CPU, float32",
            "seed": SEED, "size": size, "every": EVERY, "shapes": shapes,
            "parameters": sum(parameter.numel() for parameter in network.parameters()),
        }  # fmt: skip
        if model_id in RUN:
            fill(network.eval(), SEED)
            images, rows = weights_by_rule.pictures(len(WORDS), size, SEED), texts(config["text_cfg"])
            found = answers(network, images, rows)
            note["weights_checksum"] = weights_by_rule.checksum(weights_by_rule.tensors(shapes, SEED))
            np.savez_compressed(FOLDER / f"{model_id}.npz", texts=rows, **found)
            print({key: (array.shape, float(np.std(array))) for key, array in found.items()})
        (FOLDER / f"{model_id}.json").write_text(json.dumps(note) + "\n")
        print(model_id, len(shapes), note["parameters"])


if __name__ == "__main__":
    main()
