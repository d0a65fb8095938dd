"""Data sets for detection as people have them: COCO's JSON, Pascal VOC's XML, YOLO's text files."""

from course_lib.media.detection_folders.coco import read_coco
from course_lib.media.detection_folders.gathering import DetectionFolder
from course_lib.media.detection_folders.voc import read_voc
from course_lib.media.detection_folders.yolo import read_yolo

__all__ = ["DetectionFolder", "read_coco", "read_voc", "read_yolo"]
