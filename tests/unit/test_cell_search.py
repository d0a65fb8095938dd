"""The space of small cells, the network that judges them, the table of them all, and the drawing of a cell."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib import viz
from course_lib.errors import BadInput
from course_lib.training.cell_search import proxy, space, table
from course_lib.zoo import nasnet

CHAIN = (("h", "conv3", "h", "max3"), ("b1", "conv3", "p", "identity"))
APART = (("p", "conv3", "h", "max3"), ("h", "conv3", "h", "identity"))


def test_space_holds_each_cell_once():
    cells = space.all_cells()
    # 21 blocks of h and p alone: any two of them, or one of them before one of the 24 that take its sum.
    assert len(cells) == len(set(cells)) == 21 * 22 // 2 + 21 * 24
    assert all(space.same(cell) == cell for cell in cells)


def test_order_of_sums_and_of_independent_blocks_does_not_matter():
    swapped = tuple((*block[2:], *block[:2]) for block in APART)
    assert space.same(APART) == space.same(swapped) == space.same(swapped[::-1])
    assert space.same(CHAIN) != space.same(CHAIN[::-1][:1] + CHAIN[:1])


def test_outputs_are_the_sums_that_no_block_takes():
    assert space.to_cell(CHAIN).outputs == ("b2",)
    assert space.to_cell(APART).outputs == ("b1", "b2")


@pytest.mark.parametrize("blocks", [CHAIN, APART])
def test_proxy_cell_is_the_zoo_cell(blocks):
    h, p = keras.Input((6, 6, 5)), keras.Input((6, 6, 7))
    config = nasnet.NASNetConfig(1, 4, stem_width=4, bn_epsilon=proxy.EPSILON)
    model = keras.Model([h, p], nasnet.build_cell(h, p, space.to_cell(blocks), 4, config, "cell"))
    dice = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(dice.normal(1, 0.3, weight.shape))
    arrays = iter(_in_order(model, blocks))
    inputs = [dice.normal(size=(3, 6, 6, channels)).astype("float32") for channels in (5, 7)]
    found = proxy.run_cell(*inputs, blocks, 4, lambda shape: tf.reshape(next(arrays), shape))
    np.testing.assert_allclose(found, model(inputs, training=True), atol=1e-4)
    assert next(arrays, None) is None


def _in_order(model, blocks):
    """Yield the zoo cell's weights as the proxy asks for them: kernel, scale less 1, shift."""
    names = ["cell_h", "cell_p"]
    for number, block in enumerate(blocks, start=1):
        sides = zip(("left", "right"), (block[1], block[3]), strict=True)
        names += [f"cell_block{number}_{side}" for side, operation in sides if operation == "conv3"]
    for name in names:
        norm = model.get_layer(f"{name}_bn")
        yield from (model.get_layer(f"{name}_conv").kernel.value, norm.gamma - 1, norm.beta.value)


def test_table_knows_every_cell():
    rows = table.table()
    assert sorted(rows) == space.all_cells()
    for row in rows.values():
        assert len(row.validation) == len(row.test) == len(table.SEEDS)
        assert 100 < min(row.validation) <= max(row.validation) <= 500
        assert 100 < min(row.test) <= max(row.test) <= 497
    assert 20 < sum(bool(row.longer) for row in rows.values()) < 60


@pytest.mark.parametrize("end", [0, -1])
def test_table_can_be_measured_again(end):
    rows = table.table()
    ranked = sorted(rows, key=lambda cell: (np.mean(rows[cell].validation), cell))
    score = proxy.train(ranked[end])[0]
    # Sixty steps enlarge the last digit of float32: other processors may end a few pictures off.
    assert abs(score.validation - rows[ranked[end]].validation[0]) <= 12
    assert abs(score.test - rows[ranked[end]].test[0]) <= 12


def test_table_goes_on_where_it_stopped(tmp_path, monkeypatch):
    trained = []
    monkeypatch.setattr(table, "all_cells", lambda: [CHAIN, APART])
    monkeypatch.setattr(
        table, "_row", lambda cell: trained.append(cell) or table.Row(9, (1, 2, 3), (4, 5, 6))
    )
    monkeypatch.setattr(
        table, "_with_longer", lambda cell, row: table.Row(9, row.validation, row.test, (7, 8))
    )
    path = tmp_path / "new" / "table.json"
    table.save({CHAIN: table.Row(9, (1, 2, 3), (4, 5, 6))}, path)
    table.make(path, say=lambda words: None)
    assert trained == [APART]
    assert '"h conv3 h max3, b1 conv3 p identity": [9, [1, 2, 3], [4, 5, 6]' in path.read_text()


def test_cell_is_drawn_and_told():
    picture = viz.cells({"a chain": (CHAIN, ("b2",))})
    assert "b2 = conv3(b1) + identity(p); out = b2" in picture.alt
    with pytest.raises(BadInput, match="only h, p are there"):
        viz.cells({"wrong": ((("b1", "conv3", "h", "conv3"),), ("b1",))})
