"""Names of Inception v4's layers upstream."""

import re

# features.0 to features.5 are the stem; the modules follow in order.
_STEM = {
    "0": "stem1_1", "1": "stem1_2", "2": "stem1_3", "3.conv": "stem2_1", "5.conv": "stem4_1",
    "4.branch0.0": "stem3_branch1_1", "4.branch0.1": "stem3_branch1_2",
    "4.branch1.0": "stem3_branch2_1", "4.branch1.1": "stem3_branch2_2",
    "4.branch1.2": "stem3_branch2_3", "4.branch1.3": "stem3_branch2_4",
}  # fmt: skip


def torch(module: str, config) -> str | None:
    """timm: features.6.branch1.0.conv is the first module's second branch's first convolution."""
    if module == "last_linear":
        return "head"
    place, _, kind = module.removeprefix("features.").rpartition(".")
    if place in _STEM:
        return f"{_STEM[place]}_{kind}"
    modules = config.modules()
    found = re.fullmatch(r"(\d+)\.branch(\d)(?:[._](\d)([ab]?))?", place)
    if not found or not 6 <= int(found[1]) < 6 + len(modules):
        return module
    branch = int(found[2]) + 1
    # A branch of one convolution is not numbered; the fourth counts its pooling, so that its convolution is 1 already.
    number = 1 if found[3] is None or branch == 4 else int(found[3]) + 1
    return f"{modules[int(found[1]) - 6]}_branch{branch}_{number}{found[4] or ''}_{kind}"
