"""The names of recipes, for settings to know without loading what makes them."""

import re
from typing import Final

AUTO: Final = "auto"
# From the simplest to the one that takes most time and explaining: of equals, the first is chosen.
RECIPE_NAMES: Final = (
    "cosine",
    "conditional_probability",
    "jaccard",
    "lift",
    "log_likelihood_ratio",
    "normalised",
    "local_ridge",
)
_DOTTED: Final = re.compile(r"[\w.]+:\w+")


def is_recipe_name(name: str) -> bool:
    """Whether a name is one of ours, or could be of a shop's own module."""
    return name in RECIPE_NAMES or _DOTTED.fullmatch(name) is not None
