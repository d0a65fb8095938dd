"""Names of YOLOv8's layers upstream."""

from course_lib.weights.convert.names import rename

# Ultralytics numbers the lines of its yolov8.yaml; 10, 11, 13, 14, 17 and 20 have no weights.
_LINES = ("p1", "p2_down", "p2", "p3_down", "p3", "p4_down", "p4", "p5_down", "p5", "spp", "", "", "up4", "", "", "up3",
          "down4_down", "", "down4", "down5_down", "", "down5", "head")  # fmt: skip
_COUNTED = tuple("12345678")  # both upstreams count bottlenecks from 0
_UNITS = (
    (r"(\w+)\.(conv|bn)", r"\1_\2"),
    (r"spp\.cv1\.(conv|bn)", r"spp_in_\1"),
    (r"(\w+)\.cv1\.(conv|bn)", r"\1_split_\2"),
    (r"(\w+)\.cv2\.(conv|bn)", r"\1_out_\2"),
    (r"(\w+)\.m\.(\d)\.cv(\d)\.(conv|bn)", r"\1_block{\2}_\3_\4"),
)
_HEAD = (
    (r"head\.cv2\.(\d)\.2", r"head{\1}_boxes"),
    (r"head\.cv3\.(\d)\.2", r"head{\1}_classes"),
    (r"head\.cv2\.(\d)\.0\.(conv|bn)", r"head{\1}_box1_\2"),
    (r"head\.cv2\.(\d)\.1\.(conv|bn)", r"head{\1}_box2_\2"),
    (r"head\.cv3\.(\d)\.0\.(conv|bn)", r"head{\1}_class1_\2"),
    (r"head\.cv3\.(\d)\.1\.(conv|bn)", r"head{\1}_class2_\2"),
)

# KerasCV's stacks 1 to 4 are our levels p2 to p5, and its levels of the head are counted from 1.
_STACKS = ("", "p2", "p3", "p4", "p5")
_KERAS_CV = (
    (r"stem_1_(conv|bn)", r"p1_\1"),
    (r"stem_2_(conv|bn)", r"p2_down_\1"),
    (r"stack(\d)_downsample_(conv|bn)", r"{\1}_down_\2"),
    (r"stack\d_spp_fast_pre_(conv|bn)", r"spp_in_\1"),
    (r"stack\d_spp_fast_output_(conv|bn)", r"spp_out_\1"),
    (r"stack(\d)_c2f_(.*)", r"{\1}_\2"),
    (r"pa_fpn_p4p5_(.*)", r"up4_\1"),
    (r"pa_fpn_p3p4p5_downsample1_block_(.*)", r"down4_\1"),
    (r"pa_fpn_p3p4p5_downsample2_block_(.*)", r"down5_\1"),
    (r"pa_fpn_p3p4p5_downsample1_(conv|bn)", r"down4_down_\1"),
    (r"pa_fpn_p3p4p5_downsample2_(conv|bn)", r"down5_down_\1"),
    (r"pa_fpn_p3p4p5_(.*)", r"up3_\1"),
)
_KERAS_CV_BLOCK = (
    (r"(\w+)_pre_(\d)_(\d)_(conv|bn)", r"\1_block{\2}_\3_\4"),
    (r"(\w+)_pre_(conv|bn)", r"\1_split_\2"),
    (r"(\w+)_output_(conv|bn)", r"\1_out_\2"),
)
_KERAS_CV_HEAD = (
    (r"yolo_v8_head_(\d)_box_3_conv", r"head{\1}_boxes"),
    (r"yolo_v8_head_(\d)_class_3_conv", r"head{\1}_classes"),
    (r"yolo_v8_head_(\d)_(box|class)_(\d)_(conv|bn)", r"head{\1}_\2\3_\4"),
)


def torch(module: str, config) -> str | None:
    """Ultralytics."""
    module = rename(module, ((r"model\.(\d+)\.(.+)", r"{\1}.\2"),), _LINES)
    if module == "head.dfl.conv":  # the numbers 0 to 15, which `boxes.grid.decode` counts up itself
        return None
    return rename(rename(module, _HEAD, ("3", "4", "5")), _UNITS, _COUNTED)


def kerashub(module: str, config) -> str | None:
    """KerasCV, whose presets lie in folders as KerasHub's do."""
    if module.startswith("yolo_v8_head"):
        return rename(module, _KERAS_CV_HEAD, ("", "3", "4", "5"))
    return rename(rename(module, _KERAS_CV, _STACKS), _KERAS_CV_BLOCK, _COUNTED)
