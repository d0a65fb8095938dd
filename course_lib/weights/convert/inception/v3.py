"""Names of Inception v3's layers upstream."""

from course_lib.weights.convert.inception.unnamed import nth, parts

STEM = ["stem1_1", "stem1_2", "stem1_3", "stem2_1", "stem2_2"]
_BRANCHES = {
    "module_a": "1_1 2_1 2_2 3_1 3_2 3_3 4_1",
    "reduction_a": "1_1 2_1 2_2 2_3",
    "module_b": "1_1 2_1 2_2 2_3 3_1 3_2 3_3 3_4 3_5 4_1",
    "reduction_b": "1_1 1_2 2_1 2_2 2_3 2_4",
    "module_c": "1_1 2_1 2_2a 2_2b 3_1 3_2 3_3a 3_3b 4_1",
}


def applications(module: str, config) -> str | None:
    """keras.applications."""
    if module == "predictions":
        return "head"
    return nth(module, STEM + parts(config.modules(), _BRANCHES))
