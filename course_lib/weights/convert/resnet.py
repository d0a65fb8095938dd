"""Names of ResNet's layers upstream."""

import re


def applications(module: str, config) -> str | None:
    """keras.applications: conv2_block1_0_bn is the shortcut's, conv2_block1_1_bn the first convolution's."""
    if module == "predictions":
        return "head"
    if stem := re.fullmatch(r"conv1_(conv|bn)", module):
        return f"stem_{stem[1]}"
    if block := re.fullmatch(r"conv(\d)_block(\d+)_0_(conv|bn)", module):
        return f"stage{block[1]}_block{block[2]}_shortcut_{block[3]}"
    if block := re.fullmatch(r"conv(\d)_block(\d+)_(\d)_(conv|bn)", module):
        return f"stage{block[1]}_block{block[2]}_{block[4]}{block[3]}"
    return module  # unknown: the check of all names will say so
