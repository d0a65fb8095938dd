"""What exists: one TOML card per family, and the code that reads cards."""

from course_lib.catalog.cards import Card, Fact, Weights
from course_lib.catalog.reader import card, list_models

__all__ = ["Card", "Fact", "Weights", "card", "list_models"]
