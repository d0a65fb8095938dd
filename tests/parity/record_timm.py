"""Records what timm's own networks answer, for test_fixtures.py; run once, by hand.

It needs what record_torchvision.py needs, and timm:

    pip install --no-deps timm
    pip install huggingface_hub pyyaml safetensors
    python tests/parity/record_timm.py inception_v4

The fixture is the same as there.
"""

import sys

from record_torchvision import import_torchvision, record

# Model id -> timm's name, and the side of the pictures.
NETWORKS = {
    "inception_v4": ("inception_v4", 299),
    "efficientnet_lite0": ("tf_efficientnet_lite0", 224),
    "efficientnet_lite1": ("tf_efficientnet_lite1", 240),
    "efficientnet_lite2": ("tf_efficientnet_lite2", 260),
}

if __name__ == "__main__":
    import_torchvision()  # timm imports it
    import timm

    for model_id in sys.argv[1:] or NETWORKS:
        name, size = NETWORKS[model_id]
        record(model_id, timm.create_model(name, pretrained=False), size, f"timm {timm.__version__}")
