"""Names of Inception's layers upstream: a module for each version, called as the zoo's module of its config."""

import importlib


def applications(module: str, config) -> str | None:
    """keras.applications."""
    return _version(config).applications(module, config)


def torch(module: str, config) -> str | None:
    """torchvision or timm."""
    return _version(config).torch(module, config)


def slim(module: str, config) -> str | None:
    """TensorFlow-slim."""
    return _version(config).slim(module, config)


def _version(config):
    """Find the module for a config: one from zoo/inception/v1.py is served by convert/inception/v1.py."""
    return importlib.import_module(f"{__name__}.{type(config).__module__.rpartition('.')[2]}")
