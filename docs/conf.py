"""The documentation site: ``python -m sphinx -W -b html docs site``, without a network.

Pages are the Markdown next to this file; the reference is read from the source of the packages, which is not imported.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "lander-uq"
language = "en"
extensions = ["myst_parser", "notebook_pages", "source_reference", "mathml"]
exclude_patterns = ["_extensions", "**/.ipynb_checkpoints"]
default_role = "py:obj"
highlight_language = "none"  # equations in docstrings; examples say their language
smartquotes = False  # quotes are those of the source
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

source_packages = ["uq", "models", "studies"]
source_root = str(Path(__file__).parent.parent)

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "lander-uq"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
pygments_style = "friendly"
