"""Every figure of the course, each in one line and each with words for those who cannot see it."""

from course_lib.viz.attention import attention, attention_maps, position_similarity, positions, rollout
from course_lib.viz.bars import bars
from course_lib.viz.boxes import detections
from course_lib.viz.cells import cells
from course_lib.viz.curves import curves, gradient_norms, training
from course_lib.viz.decoding import beam_tree, filtered
from course_lib.viz.differences import differences, first_difference, layer_differences
from course_lib.viz.inside import grad_cam, layer_outputs
from course_lib.viz.moments import alignment, spikes
from course_lib.viz.photos import feature_maps, heat, images, predictions
from course_lib.viz.picture import Picture, show
from course_lib.viz.samples import moving, samples
from course_lib.viz.scatter import scatter
from course_lib.viz.sound import spectrogram, waveform
from course_lib.viz.style import style
from course_lib.viz.table import table

__all__ = [
    "Picture",
    "alignment",
    "attention",
    "attention_maps",
    "bars",
    "beam_tree",
    "cells",
    "curves",
    "detections",
    "differences",
    "feature_maps",
    "filtered",
    "first_difference",
    "grad_cam",
    "gradient_norms",
    "heat",
    "images",
    "layer_differences",
    "layer_outputs",
    "moving",
    "position_similarity",
    "positions",
    "predictions",
    "rollout",
    "samples",
    "scatter",
    "show",
    "spectrogram",
    "spikes",
    "style",
    "table",
    "training",
    "waveform",
]
