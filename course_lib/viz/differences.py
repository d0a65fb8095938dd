"""Where do two networks begin to differ? The tool for finding a fault that raises no error."""

from collections.abc import Mapping

import numpy as np

from course_lib.errors import BadInput
from course_lib.viz.inside import layer_outputs
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import new_figure, style

FLOOR = 1e-8  # differences below are drawn as this much: float32 tells no more


def layer_differences(model, reference, batch) -> dict[str, float]:
    """Compare two networks layer by layer on the same input.

    Args:
        model: A functional `keras.Model`.
        reference: Another, with layers of the same names; a layer that only one of them has is left out.
        batch: (n, height, width, 3) float32, preprocessed.

    Returns:
        Layer name -> largest difference of its outputs, as a share of the reference's largest output; infinite where
        the shapes differ. In the order in which the layers run.

    Raises:
        BadInput: The networks have no layer in common.
    """
    theirs = {layer.name for layer in reference.layers[1:]}
    names = [layer.name for layer in model.layers[1:] if layer.name in theirs]
    if not names:
        raise BadInput(
            f"{model.name!r} and {reference.name!r} have no layer name in common: nothing to compare."
        )
    mine, wanted = layer_outputs(model, batch, names), layer_outputs(reference, batch, names)
    return {name: _difference(mine[name], wanted[name]) for name in names}


def first_difference(differences: Mapping[str, float], tolerance: float = 1e-4) -> str | None:
    """Return the first layer that differs by more than `tolerance`, or None."""
    return next((name for name, value in differences.items() if value > tolerance), None)


def differences(
    values: Mapping[str, float],
    *,
    tolerance: float = 1e-4,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw the differences of `layer_differences`, one bar a layer, on a logarithmic scale.

    Args:
        values: Layer name -> difference.
        tolerance: The line between rounding and a fault.
        alt: What is to be seen; without it, the number of layers and how many lie above the line.
        caption: A line to stand under the figure.

    Returns:
        The figure. It does not name the first layer above the line: finding it is the reader's work.
    """
    heights = np.clip(np.nan_to_num(list(values.values()), posinf=1e2), FLOOR, 1e2)
    with style():
        fig = new_figure(6.6, 2.2)
        axes = fig.subplots()
        axes.bar(range(len(heights)), heights, width=1.0)
        axes.axhline(tolerance, linestyle="--", linewidth=1, color="0.4")
        axes.set_yscale("log")
        axes.set_xlabel("layer, in the order in which they run")
        axes.set_ylabel("largest difference, relative")
    above = int((heights > tolerance).sum())
    words = f"Differences of {len(heights)} layers on a logarithmic scale; {above} lie above {tolerance:g}."
    return draw(fig, alt or words, caption)


def _difference(mine: np.ndarray, wanted: np.ndarray) -> float:
    if mine.shape != wanted.shape:
        return float("inf")
    return float(np.abs(mine - wanted).max() / max(np.abs(wanted).max(), FLOOR))
