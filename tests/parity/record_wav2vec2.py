"""Records what Hugging Face's wav2vec 2.0 answers, for test_wav2vec2.py; run once, by hand.

    pip install torch --index-url https://download.pytorch.org/whl/cpu
    pip install transformers
    python tests/parity/record_wav2vec2.py

A fixture holds the letters' logits of a small network with a head, and what the same network's pre-training answers: guesses,
targets and losses with the gaps and distractors that it holds besides. Its note has names and shapes of the tensors, the seed,
checksums of the weights that weights_by_rule.py makes. The published networks are not run: names and shapes of their tensors
are written down.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
import transformers
import weights_by_rule
from transformers.models.wav2vec2 import modeling_wav2vec2 as upstream

FIXTURES = Path(__file__).parent / "fixtures" / "transformers"
SEED = 7
SMALL = {
    "vocab_size": 12, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40,
    "conv_dim": (8, 8, 16), "conv_kernel": (10, 3, 2), "conv_stride": (5, 2, 2), "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 4, "num_codevectors_per_group": 6, "num_codevector_groups": 2,
    "codevector_dim": 12, "proj_codevector_dim": 10,
}  # fmt: skip
LV60 = {"feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True}
LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
         "codevector_dim": 768, "proj_codevector_dim": 768}  # fmt: skip
PUBLISHED = {
    "wav2vec2_base": (upstream.Wav2Vec2ForCTC, {}),
    "wav2vec2_large_lv60": (upstream.Wav2Vec2ForCTC, LARGE | LV60),
    "wav2vec2_base_pretrained": (upstream.Wav2Vec2ForPreTraining, {}),
}


def ruled(kind: type, config) -> tuple[torch.nn.Module, dict, float]:
    """Return a network with weights by the rule, its shapes, and the checksum."""
    model = kind(config).eval()
    shapes = {name: tuple(x.shape) for name, x in model.state_dict().items()}
    arrays = weights_by_rule.tensors(shapes, SEED)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return model, shapes, weights_by_rule.checksum(arrays)


def record(name: str, variant: dict) -> None:
    """Write fixtures/transformers/<name>.npz."""
    config = transformers.Wav2Vec2Config(**SMALL, **variant)
    samples = torch.from_numpy(weights_by_rule.pictures(1, 40, SEED).reshape(2, 2400))
    heard, shapes, checksum = ruled(upstream.Wav2Vec2ForCTC, config)
    taught, taught_shapes, taught_checksum = ruled(upstream.Wav2Vec2ForPreTraining, config)
    with torch.no_grad():
        logits = heard(samples).logits.numpy()
        np.random.seed(SEED)
        mask = upstream._compute_mask_indices(logits.shape[:2], 0.5, 10)
        others = upstream._sample_negative_indices(logits.shape[:2], 5, mask)
        found = taught(
            samples,
            mask_time_indices=torch.from_numpy(mask),
            sampled_negative_indices=torch.from_numpy(others),
        )
    note = {
        "upstream": f"transformers {transformers.__version__} with torch {torch.__version__}", "seed": SEED,
        "shapes": shapes, "weights_checksum": checksum, "pretraining_shapes": taught_shapes,
        "pretraining_checksum": taught_checksum, "samples_checksum": float(samples.double().abs().sum()),
        "contrastive_loss": found.contrastive_loss.item(), "diversity_loss": found.diversity_loss.item(),
        "perplexity": found.codevector_perplexity.item(),
    }  # fmt: skip
    np.savez_compressed(
        FIXTURES / f"{name}.npz", logits=logits, guesses=found.projected_states.numpy(),
        targets=found.projected_quantized_states.numpy(), mask=mask, others=others % logits.shape[1], note=json.dumps(note),
    )  # fmt: skip
    print(name, logits.std(), note["contrastive_loss"], note["perplexity"])


def describe(name: str, kind: type, sizes: dict) -> None:
    """Write names and shapes of a published network's tensors."""
    with torch.device("meta"):
        model = kind(transformers.Wav2Vec2Config(**sizes))
    shapes = {name: tuple(x.shape) for name, x in model.state_dict().items()}
    note = {"upstream": f"transformers {transformers.__version__}", "shapes": shapes,
            "parameters": sum(x.numel() for x in model.parameters())}  # fmt: skip
    content = json.dumps(note, separators=(",", ":")).encode()
    (FIXTURES / f"{name}.shapes.json.gz").write_bytes(gzip.compress(content, mtime=0))
    print(name, note["parameters"])


if __name__ == "__main__":
    record("wav2vec2_group", {})
    record("wav2vec2_layer", LV60)
    for name, (kind, sizes) in PUBLISHED.items():
        describe(name, kind, sizes)
