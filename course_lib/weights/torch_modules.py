"""What a PyTorch checkpoint pickles when it holds a whole network instead of its tensors: objects of upstream's classes.

None of these classes is needed for the numbers, so none is imported: in the place of each object comes a shell that keeps
the state which the file gives it. Nothing of a shell can be called, and only classes that such files are known to name become shells.
"""

# Whole packages of classes: PyTorch's layers, and the modules of the YOLO projects and of WaveGlow.
_PACKAGES = ("torch.nn", "models", "ultralytics", "glow")
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
_DEEPEST = 50  # modules within modules; real networks have 10
_MOST = 100_000  # modules in all, and tensors; real networks have 2,000
_LONGEST = 1_000  # letters in a name


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
        passing = module.state.get("_non_persistent_buffers_set") or ()
        buffers = {name: buffer for name, buffer in module.part("_buffers").items() if name not in passing}
        tensors = module.part("_parameters") | buffers
        inner = {name: child for name, child in module.part("_modules").items() if isinstance(child, Shell)}
        names = [*tensors, *inner]
        if depth > _DEEPEST or len(found) > _MOST or not all(isinstance(name, str) for name in names):
            break
        if max(map(len, names), default=0) + len(prefix) > _LONGEST:
            break
        found |= {f"{prefix}{name}": tensor for name, tensor in tensors.items()}
        left += [(child, f"{prefix}{name}.", depth + 1) for name, child in inner.items()]
    raise ValueError("its modules are nested without end, or their names are none")
