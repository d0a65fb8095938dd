"""What a PyTorch checkpoint pickles when it holds a whole network instead of its tensors: objects of upstream's classes.

None of these classes is needed for the numbers, so none is imported: in the place of each object comes a shell that keeps
the state which the file gives it. Nothing of a shell can be called, and only classes that such files are known to name become shells.
"""

# Whole packages of classes: PyTorch's layers, and the modules of the YOLO projects.
_PACKAGES = ("torch.nn", "models", "ultralytics")
# Other names in such files: types, devices, dates, scores and paths, none of which we need.
_HARMLESS = {
    "_codecs": {"encode"},
    "argparse": {"Namespace"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "numpy": {"dtype", "ndarray"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "pathlib": {"Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "WindowsPath"},
    "torch": {"Size", "bfloat16", "device", "dtype", "float16", "float32", "float64", "int32", "int64", "uint8", "bool"},
}  # fmt: skip
_HARMLESS["pathlib._local"] = _HARMLESS["pathlib"]
_DEEPEST, _MOST = 50, 100_000  # modules within modules, and modules in all; real networks have 10 and 2,000


class Shell:
    """Stands where the file has an object of a class that is not here: takes any arguments, keeps the state alone."""

    __slots__ = ("state",)

    def __new__(cls, *_, **__):
        shell = super().__new__(cls)
        shell.state = {}
        return shell

    def __init__(self, *_, **__):
        pass

    def __setstate__(self, state):
        self.state = state if isinstance(state, dict) else {}

    def part(self, name: str) -> dict:
        """Return one of the tables that PyTorch keeps in a module: "_modules", "_parameters" or "_buffers"."""
        table = self.state.get(name)
        return table if isinstance(table, dict) else {}


def is_harmless(module: str, name: str) -> bool:
    """Say whether a name of a pickle may become a shell."""
    package = any(module == known or module.startswith(f"{known}.") for known in _PACKAGES)
    return package or name in _HARMLESS.get(module, ())


def state_dict(network: Shell) -> dict:
    """List what a network's modules hold, by name, as PyTorch's `state_dict` does.

    Args:
        network: the shell of the outermost module.

    Returns:
        What stands in the modules' tables of parameters and buffers: "model.0.conv.weight" -> a tensor.

    Raises:
        ValueError: where modules are nested too deeply, or are too many, to be a network.
    """
    found, left = {}, [(network, "", 0)]
    for _ in range(_MOST):
        if not left:
            return found
        module, prefix, depth = left.pop()
        if depth > _DEEPEST:
            break
        passing = module.state.get("_non_persistent_buffers_set") or ()
        tensors = module.part("_parameters") | {
            name: buffer for name, buffer in module.part("_buffers").items() if name not in passing
        }
        found |= {f"{prefix}{name}": tensor for name, tensor in tensors.items()}
        inner = ((child, f"{prefix}{name}.", depth + 1) for name, child in module.part("_modules").items())
        left += [entry for entry in inner if isinstance(entry[0], Shell)]
    raise ValueError("its modules are nested without end")
