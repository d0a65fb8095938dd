"""The sizes of YOLOv9: what tells one from another, in numbers."""

from dataclasses import dataclass, replace

Block = tuple[int, int]  # channels out, and channels inside


@dataclass(frozen=True)
class YoloV9Config:
    """What tells one YOLOv9 from another."""

    downs: tuple[int, ...]  # channels behind the halving that begins level 1, 2, 3, 4, 5
    blocks: tuple[Block, ...]  # of levels 2 to 5
    spp: int  # channels of the coarsest map, "spp_out"
    neck: tuple[Block, ...]  # blocks of levels 4 and 3 on the way down, of levels 4 and 5 on the way up
    neck_downs: tuple[int, int]  # channels behind the halvings on the way up
    depth: int = 1  # bottlenecks in each of a block's two parts
    first_block: str = "csp"  # level 2's: "csp" as all the others, or "elan", without bottlenecks
    halving: str = "split"  # "split": half the channels by a convolution, half by max pooling; or "average"
    columns: int = 1  # 2: a second backbone sees the picture and all of the first one's maps
    auxiliary_branch: str = "reversible"  # or "top_down": see zoo.yolo_v9
    auxiliary: bool = False  # True builds the network that is trained, with the auxiliary branch and its head
    fused: bool = False  # True: no batch norm, one convolution for two side by side; see `fuse`
    size: int = 640  # side of the picture, pixels, a multiple of 32
    classes: int = 80
    bins: int = 16  # distances that an edge of a box can have from its cell, 0 to bins - 1 strides
    class_width: int = 0  # channels of the heads' class branches; 0: upstream's rule
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.97


_TINY = YoloV9Config(
    downs=(16, 32, 64, 96, 128), blocks=((32, 32), (64, 64), (96, 96), (128, 128)), spp=128,
    neck=((96, 96), (64, 64), (96, 96), (128, 128)), neck_downs=(48, 64),
    depth=3, first_block="elan", halving="average", auxiliary_branch="top_down",
)  # fmt: skip
_COMPACT = YoloV9Config(
    downs=(64, 128, 256, 512, 512), blocks=((256, 128), (512, 256), (512, 512), (512, 512)), spp=512,
    neck=((512, 512), (256, 256), (512, 512), (512, 512)), neck_downs=(256, 512),
)  # fmt: skip
CONFIGS = {
    # The 2.0 million parameters of the paper's table are those of class branches of 80 channels; upstream's code has since
    # had 128 there, its rule for all sizes.
    "yolo_v9_t": replace(_TINY, class_width=80),
    "yolo_v9_s": replace(
        _TINY, downs=(32, 64, 128, 192, 256), blocks=((64, 64), (128, 128), (192, 192), (256, 256)), spp=256,
        neck=((192, 192), (128, 128), (192, 192), (256, 256)), neck_downs=(96, 128),
    ),
    "yolo_v9_m": replace(
        _COMPACT, downs=(32, 64, 240, 360, 480), blocks=((128, 128), (240, 240), (360, 360), (480, 480)), spp=480,
        neck=((360, 360), (240, 240), (360, 360), (480, 480)), neck_downs=(184, 240), halving="average",
    ),
    "yolo_v9_c": _COMPACT,
    "yolo_v9_e": replace(
        _COMPACT, downs=(64, 128, 256, 512, 1024), blocks=((256, 128), (512, 256), (1024, 512), (1024, 512)),
        neck=((512, 512), (256, 256), (512, 512), (512, 1024)), depth=2, columns=2, auxiliary_branch="top_down",
    ),
    "yolo_v9_nano": replace(
        _TINY, downs=(16, 24, 32, 48, 80), blocks=((24, 24), (32, 32), (48, 48), (80, 80)), spp=80,
        neck=((48, 48), (32, 32), (48, 48), (80, 80)), neck_downs=(32, 48), depth=1, size=96, classes=20, bins=8,
    ),
}  # fmt: skip
