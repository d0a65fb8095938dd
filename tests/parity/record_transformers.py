"""Records what Hugging Face's T5 answers, for test_t5.py; run once, by hand.

    pip install torch --index-url https://download.pytorch.org/whl/cpu
    pip install transformers
    python tests/parity/record_transformers.py

A fixture holds the logits, and a note: names and shapes of the tensors, the seed, a checksum of the weights that
weights_by_rule.py makes.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers
import weights_by_rule

FIXTURES = Path(__file__).parent / "fixtures" / "transformers"
SEED = 7
SOURCE = [[7, 3, 9, 2, 8, 1], [4, 1, 0, 0, 0, 0]]
TOKENS = [[0, 5, 9, 9, 2], [0, 3, 3, 8, 1]]
SIZES = {
    "vocab_size": 40,
    "d_model": 16,
    "d_kv": 6,
    "d_ff": 24,
    "num_layers": 2,
    "num_heads": 3,
    "dropout_rate": 0,
}
KINDS = {
    "t5": {"feed_forward_proj": "relu", "tie_word_embeddings": True},
    "flan_t5": {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
}  # fmt: skip


def record(name: str, kind: dict) -> None:
    """Write fixtures/transformers/<name>.npz."""
    config = transformers.T5Config(**SIZES, **kind)
    model = transformers.T5ForConditionalGeneration(config).eval()
    if not kind[
        "tie_word_embeddings"
    ]:  # transformers 5 ties them in every new network, and unties them where a file has both
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.clone())
    # The table of words has several names, and the head has one of them where it is the same table.
    again = [
        "encoder.embed_tokens.weight",
        "decoder.embed_tokens.weight",
        *["lm_head.weight"] * kind["tie_word_embeddings"],
    ]
    shapes = {name: tuple(x.shape) for name, x in model.state_dict().items() if name not in again}
    arrays = weights_by_rule.tensors(shapes, SEED)
    state = {name: torch.from_numpy(array) for name, array in arrays.items()}
    model.load_state_dict(state | dict.fromkeys(again, state["shared.weight"]))
    with torch.no_grad():
        source = torch.tensor(SOURCE)
        outputs = model(
            input_ids=source, attention_mask=(source != 0).long(), decoder_input_ids=torch.tensor(TOKENS)
        )
    note = {"upstream": f"transformers {transformers.__version__} with torch {torch.__version__}", "shapes": shapes,
            "seed": SEED, "again": again, "weights_checksum": weights_by_rule.checksum(arrays)}  # fmt: skip
    np.savez_compressed(FIXTURES / f"{name}.npz", outputs=outputs.logits.numpy(), note=json.dumps(note))
    print(name, outputs.logits.std().item(), (FIXTURES / f"{name}.npz").stat().st_size)


if __name__ == "__main__":
    for name, kind in KINDS.items():
        record(name, kind)
