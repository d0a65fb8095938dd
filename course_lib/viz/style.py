"""How every figure of the course looks: ink on paper, few lines, colours that colour-blind eyes tell apart.

Nothing here touches the learner's own matplotlib settings: a figure is made and drawn inside `style()`.
"""

import warnings
from contextlib import contextmanager

import matplotlib
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure

DPI = 100
MARGIN = 0.1  # inches round every figure
PAPER = "#fbfaf7"  # a warm white: a page in a light notebook, a card in a dark one
INK = "#2a2927"
FAINT_INK = "#6b6761"
RULE = "#e6e2da"
# Blue, orange, teal, plum, olive, grey. The first five stay at least 20 apart (CIEDE2000) for full colour vision,
# and for each of the three kinds of colour-blindness; on paper each has a contrast of 3 or more.
PALETTE = ("#005caf", "#d97330", "#00a193", "#701845", "#4f4f00", "#86817a")
INKING = LinearSegmentedColormap.from_list("inking", ["#eff1f2", "#b9cde2", "#5f93c6", PALETTE[0], "#07264a"])
EMBERS = LinearSegmentedColormap.from_list("embers", ["#1d1b3a", PALETTE[3], "#c8452f", "#f0a13a", "#fdf2c4"])

_OWN = {
    "figure.facecolor": PAPER,
    "figure.dpi": DPI,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": "#b9b4ab",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 10,
    "axes.titlecolor": INK,
    "axes.labelcolor": FAINT_INK,
    "axes.labelsize": 9,
    "axes.labelpad": 6,
    "axes.prop_cycle": matplotlib.cycler(color=PALETTE),
    "axes.formatter.use_mathtext": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "lines.solid_capstyle": "round",
    "xtick.color": "#b9b4ab",
    "ytick.color": "#b9b4ab",
    "xtick.labelcolor": FAINT_INK,
    "ytick.labelcolor": FAINT_INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "text.color": INK,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # the one that comes with matplotlib: every machine draws the same
    "font.size": 9,
    "legend.frameon": False,
    "image.cmap": "gray",
}
_LOOKS = {"axes", "figure", "font", "grid", "hatch", "image", "legend", "lines", "mathtext", "patch", "path"}
_LOOKS |= {"savefig", "scatter", "text", "xtick", "ytick"}


@contextmanager
def style():
    """Draw in the course's style inside the block; afterwards all settings are as they were.

    Yields:
        Nothing. Make the figure and draw on it inside the block: `with viz.style(): fig, ax = plt.subplots()`.
    """
    with warnings.catch_warnings(), matplotlib.rc_context():
        warnings.simplefilter("ignore", matplotlib.MatplotlibDeprecationWarning)
        # Matplotlib's own settings first, so that a style that the learner chose does not show through
        defaults = matplotlib.rcParamsDefault
        looks = {key: defaults[key] for key in defaults if key.split(".")[0] in _LOOKS}
        matplotlib.rcParams.update(looks)
        matplotlib.rcParams.update(_OWN)
        yield


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that pyplot knows nothing of, so that none is ever left open.

    Args:
        width: In inches of 100 pixels.
        height: In inches of 100 pixels.

    Returns:
        A figure whose parts are laid out without overlap.
    """
    fig = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    fig.get_layout_engine().set(w_pad=MARGIN, h_pad=MARGIN)
    return fig


def darker(colour: str, share: float = 0.25) -> str:
    """Mix a colour with ink, for text that is to be read.

    Args:
        colour: Any colour of matplotlib.
        share: Share of ink, 0 to 1.

    Returns:
        "#rrggbb".
    """
    pairs = zip(to_rgb(colour), to_rgb(INK), strict=True)
    return to_hex([one * (1 - share) + ink * share for one, ink in pairs])
