"""What one does with a model: one file per task. A task gets a model and knows nothing of where its weights came from."""

import importlib


def task_class(name: str) -> type:
    """Return the class for a task that a card names: `classify` is `tasks.classify.Task`."""
    return importlib.import_module(f"{__name__}.{name}").Task
