"""How Sphinx makes the site. The pages come from `course_lib.lessons.site`; `make site` runs both."""

from importlib.metadata import version as version_of

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

from course_lib.lessons.stamp import BRANCH, repository

project = "Pre-trained models"
author = project
release = version_of("course-lib")
copyright = "the course's authors, Apache License 2.0"
html_title = project

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
nb_execution_mode = "off"  # the lessons are shown as they were built
nb_ipywidgets_js = {}  # no widget in a saved output, so nothing to load from elsewhere
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a lesson's box may begin below its level

html_theme = "sphinx_book_theme"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["ledger.js"]
html_sourcelink_suffix = ""  # so that a lesson is downloaded as .ipynb
html_last_updated_fmt = None
html_math_renderer = "mathml"
html_theme_options = {
    "repository_url": repository(),
    "repository_branch": BRANCH,
    "path_to_docs": "",
    "use_download_button": True,
    "use_fullscreen_button": False,
    "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    "show_toc_level": 2,
    "navbar_persistent": [],  # else a second bar stands over the theme's own, and takes its menu button away
}

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_use_ivar = True
napoleon_custom_sections = [("Source", "params_style")]
# Names of other people's libraries lead nowhere without a network.
nitpick_ignore_regex = [("py:.*", r"(?!course_lib).*")]


def setup(app):
    """Draw formulas by MathML, which browsers know by themselves: no script, no network."""
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))


def inline_math(writer, node):
    writer.body.append(convert(node.astext()))
    raise SkipNode


def block_math(writer, node):
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode
