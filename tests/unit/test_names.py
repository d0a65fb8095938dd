"""Renaming by rules: the first that fits, blocks by their number, unknown names unchanged."""

from course_lib.weights.convert.names import rename

BLOCKS = ["stage1_block1", "stage2_block1"]
RULES = [
    (r"conv_(stem|top)", r"\1_conv"),
    (r"(?:first|block_(\d+))_expand", r"{\1}_expand_conv"),
    (r"block_.*", "shadowed"),
]


def test_groups_stand_in_our_name():
    assert rename("conv_stem", RULES) == "stem_conv"


def test_blocks_by_number_and_the_first_without():
    assert rename("block_1_expand", RULES, BLOCKS) == "stage2_block1_expand_conv"
    assert rename("first_expand", RULES, BLOCKS) == "stage1_block1_expand_conv"


def test_a_rule_fits_the_whole_name_or_not_at_all():
    assert rename("conv_stem_2", RULES) == "conv_stem_2"


def test_a_block_that_the_model_has_not_keeps_its_name():
    assert rename("block_2_expand", RULES, BLOCKS) == "block_2_expand"
