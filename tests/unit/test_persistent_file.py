"""The reader of NVIDIA's network pickles: right numbers, and neither the source in them nor anything they ask for is run."""

import collections
import os

import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.weights import dnnlib_file
from course_lib.weights.persistent_file import read_persistent
from tests.torch_files import FakeCall, FakeObject, Storage, pickled, stream_file

NUMBERS = np.arange(6, dtype="<f4")
SOURCE = "import os\nos.system('touch hacked')\nclass Layer: ...\n"


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hacked",)


@pytest.fixture
def content(tmp_path):
    """A storage as PyTorch pickles it by itself."""
    saved = Storage(("storage", "FloatStorage", "77", "cpu", 6, None))
    return stream_file(tmp_path / "storage", saved, {"77": NUMBERS.tobytes()}).read_bytes()


def tensor(content, shape=(2, 3), strides=(3, 1)):
    storage = FakeCall("torch.storage._load_from_bytes", content)
    rest = (0, shape, strides, False, collections.OrderedDict())
    return FakeCall("torch._utils._rebuild_tensor_v2", storage, *rest)


def persistent(modules=(), parameters=(), buffers=(), **state):
    """Make what pickles as an object of a class that carries its source."""
    tables = {"_modules": modules, "_parameters": parameters, "_buffers": buffers}
    state |= {key: collections.OrderedDict(table) for key, table in tables.items()}
    meta = {"type": "class", "version": 6, "module_src": SOURCE, "class_name": "Layer", "state": state}
    return FakeCall("torch_utils.persistence._reconstruct_persistent_obj", meta)


def network(content, shape=(2, 3), strides=(3, 1)):
    layer = persistent(parameters=[("weight", tensor(content, shape, strides)), ("bias", None)])
    kept = FakeObject("dnnlib.util.EasyDict", x=1)
    return persistent(modules=[("fc0", layer)], buffers=[("w_avg", tensor(content, (6,), (1,)))], kept=kept)


def written(path, saved, protocol=4):
    path.write_bytes(pickled(saved, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [3, 4])
def test_the_moving_average_is_read_and_its_source_is_not_run(tmp_path, monkeypatch, content, protocol):
    monkeypatch.chdir(tmp_path)
    saved = {"G": persistent(), "D": None, "G_ema": network(content), "training_set_kwargs": None}
    found = read_persistent(written(tmp_path / "a.pkl", saved, protocol))
    assert found.keys() == {"fc0.weight", "w_avg"}
    np.testing.assert_array_equal(found["fc0.weight"], NUMBERS.reshape(2, 3))
    np.testing.assert_array_equal(found["w_avg"], NUMBERS)
    assert not (tmp_path / "hacked").exists()


@pytest.mark.fault(12)
@pytest.mark.parametrize("where", ["beside", "in a state", "in a storage"])
def test_nothing_is_run(tmp_path, monkeypatch, content, where):
    monkeypatch.chdir(tmp_path)
    if where == "in a storage":
        content = stream_file(tmp_path / "hostile", Hostile(), {}).read_bytes()
    saved = {"G": network(content)}
    if where == "beside":
        saved["D"] = Hostile()
    if where == "in a state":
        saved["G"] = persistent(init_args=Hostile())
    with pytest.raises(BadInput, match="asks to run"):
        read_persistent(written(tmp_path / "a.pkl", saved))
    assert not (tmp_path / "hacked").exists()


def test_numbers_that_are_repeated_without_end_are_refused(tmp_path):
    saved = Storage(("storage", "FloatStorage", "77", "cpu", 10_000, None))
    content = stream_file(tmp_path / "storage", saved, {"77": bytes(40_000)}).read_bytes()
    # The bytes stand in the file once, and are asked for again and again.
    many = [(str(i), tensor(content, (10_000,), (1,))) for i in range(1000)]
    with pytest.raises(BadInput, match="without end"):
        read_persistent(written(tmp_path / "a.pkl", {"G": persistent(parameters=many)}))


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    ("shape", "strides"), [((1000,), (1,)), ((10**12,), (0,)), ((6,), (2,)), ((2.0,), (1,))]
)
def test_lies_about_sizes_are_refused(tmp_path, content, shape, strides):
    with pytest.raises(BadInput, match=r"shape|larger than|reaches beyond"):
        read_persistent(written(tmp_path / "a.pkl", {"G": network(content, shape, strides)}))


@pytest.mark.parametrize(
    "saved", [{"weights": 1}, [1, 2], {"G": {"w": 1}}, {"G": FakeCall("os.path.join", "a")}]
)
def test_what_is_no_network_gives_one_sentence(tmp_path, saved):
    with pytest.raises(BadInput):
        read_persistent(written(tmp_path / "a.pkl", saved))


def test_a_cut_file_and_later_protocols_are_refused(tmp_path, content):
    path = written(tmp_path / "a.pkl", {"G": network(content)})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match=r"a\.pkl"):
        read_persistent(path)
    with pytest.raises(BadInput, match="other things"):
        read_persistent(written(path, {"G": bytearray(b"x")}, protocol=5))


def test_what_a_class_of_dictionaries_is_told_changes_no_other(tmp_path, content):
    """A pickle may set attributes of what it gets: here of the class itself."""
    by_hand = b"\x80\x02cdnnlib.util\nEasyDict\n(dS'x'\nK\x01s\x86b."
    path = tmp_path / "a.pkl"
    path.write_bytes(by_hand)
    with pytest.raises(BadInput):
        read_persistent(path)
    from course_lib.weights.persistent_file import Table

    assert not hasattr(Table, "x")


def older(variables, components=None):
    """Make what pickles as a network of TensorFlow's time."""
    network = FakeObject("dnnlib.tflib.network.Network", version=4, build_module_src=SOURCE)
    network.state |= {"components": components or {}, "variables": variables}
    return network


def test_the_older_files_hold_arrays_of_networks_within_networks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inner = older([("4x4/Const/const", NUMBERS.reshape(1, 2, 3)), ("strength", np.array(2, np.float32))])
    saved = (None, None, older([("dlatent_avg", NUMBERS)], {"synthesis": inner}))
    found = read_persistent(written(tmp_path / "a.pkl", saved))
    assert found.keys() == {"dlatent_avg", "synthesis/4x4/Const/const", "synthesis/strength"}
    np.testing.assert_array_equal(found["synthesis/4x4/Const/const"], NUMBERS.reshape(1, 2, 3))
    assert found["synthesis/strength"] == 2
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    "variable", [np.array(["a", None], object), [1, 2], np.asfortranarray(np.ones((2, 3), "f4")), Hostile()]
)
def test_what_is_no_plain_array_is_refused(tmp_path, monkeypatch, variable):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput):
        read_persistent(written(tmp_path / "a.pkl", (None, None, older([("w", variable)]))))
    assert not (tmp_path / "hacked").exists()


@pytest.mark.fault(12)
def test_arrays_that_lie_about_their_shape_are_refused():
    array, number = dnnlib_file.Array(), dnnlib_file.Kind("f4", 0, 1)
    for shape in ((7,), (10**9, 10**9), (-6,), (2.0, 3), ([6],)):
        array.__setstate__((1, shape, number, False, NUMBERS.tobytes()))
        with pytest.raises(BadInput, match=r"kind|shape"):
            dnnlib_file._array(array, "w")


def test_older_networks_that_contain_themselves_are_refused(tmp_path):
    network = older([])
    network.state["components"]["itself"] = network
    with pytest.raises(BadInput, match="without end"):
        read_persistent(written(tmp_path / "a.pkl", (None, None, network)))
