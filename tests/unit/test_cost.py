"""Parameters and multiply-adds, counted by hand."""

import resource

import keras
from keras import layers

import course_lib
from course_lib import catalog
from course_lib.zoo.cost import count, layer_costs, multiply_adds


def test_by_hand():
    image = layers.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", name="conv")(image)  # 8*8 places, 3*3*3*4 numbers
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", name="depthwise")(x)  # 4*4 places, 3*3*4
    x = layers.SeparableConv2D(6, 3, padding="same", name="separable")(x)  # 4*4 places, 3*3*4 + 4*6
    x = layers.Conv2D(6, 1, groups=2, name="grouped")(x)  # 4*4 places, 3*6
    x = layers.Conv2DTranspose(2, 4, strides=2, padding="same", name="transposed")(x)  # 4*4 places before it
    x = layers.Dense(5, name="dense")(layers.Flatten()(x))
    costs = {cost.name: cost for cost in layer_costs(keras.Model(image, x))}
    assert costs["conv"].multiply_adds == 8 * 8 * 3 * 3 * 3 * 4
    assert costs["conv"].params == 3 * 3 * 3 * 4 + 4
    assert costs["depthwise"].multiply_adds == 4 * 4 * 3 * 3 * 4
    assert costs["separable"].multiply_adds == 4 * 4 * (3 * 3 * 4 + 4 * 6)
    assert costs["grouped"].multiply_adds == 4 * 4 * 3 * 6
    assert costs["transposed"].multiply_adds == 4 * 4 * 4 * 4 * 6 * 2
    assert costs["dense"].multiply_adds == 8 * 8 * 2 * 5
    assert costs["conv"].output == (8, 8, 4)


def test_attention_by_hand():
    rows, others = layers.Input((5, 8)), layers.Input((7, 8))  # 5 tokens look at 7
    x = layers.MultiHeadAttention(num_heads=2, key_dim=3, name="attention")(rows, others)
    (cost,) = [c for c in layer_costs(keras.Model([rows, others], x)) if c.name == "attention"]
    projections = 5 * 8 * 6 + 7 * 8 * 6 + 7 * 8 * 6 + 5 * 6 * 8  # queries, keys, values, output
    assert (
        cost.multiply_adds == projections + 2 * 2 * 5 * 7 * 3
    )  # in each head: scores, and the mixing of values


def test_recurrent_layers_by_hand():
    text = layers.Input((5, 8))  # 5 tokens
    x = layers.Conv1D(4, 3, padding="same", name="conv")(text)
    x = layers.LSTM(6, return_sequences=True, name="lstm")(x)
    x = layers.Bidirectional(layers.GRU(2, return_sequences=True), name="both")(x)
    costs = {cost.name: cost for cost in layer_costs(keras.Model(text, x))}
    assert costs["conv"].multiply_adds == 5 * 3 * 8 * 4
    assert costs["lstm"].multiply_adds == 5 * 4 * (4 * 6 + 6 * 6)  # four gates see the token, and what was
    assert costs["both"].multiply_adds == 5 * 2 * 3 * (6 * 2 + 2 * 2)


def test_a_layer_may_count_for_itself():
    class Own(layers.Dense):
        def multiply_adds(self):
            return 7

    row = layers.Input((3,))
    assert multiply_adds(keras.Model(row, Own(2)(row))) == 7


def test_resnet50_is_what_its_paper_says():
    assert round(multiply_adds(course_lib.build("resnet50")) / 1e9, 1) == 3.9  # the paper rounds down, to 3.8


def test_the_largest_is_counted_without_its_numbers():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # the most that this process has had, kB
    card = catalog.card("bit_r152x4")
    assert count(card) == (card.params, card.multiply_adds)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 4 * card.params / 1000 / 5  # float32 numbers would take 3.7 GB


def test_counting_leaves_nothing_behind():
    count(catalog.card("bit_nano"))
    model = course_lib.build("bit_nano")
    assert model.count_params() == catalog.card("bit_nano").params
    assert model.predict_on_batch(keras.ops.zeros((1, 32, 32, 3))).shape == (1, 20)


def test_a_model_inside_a_model_counts_at_every_call():
    tokens = layers.Input((None, 4))
    inner = keras.Model(tokens, layers.Dense(6)(tokens))
    short, long = layers.Input((3, 4)), layers.Input((5, 4))
    assert multiply_adds(keras.Model([short, long], [inner(short), inner(long)])) == (3 + 5) * 4 * 6


def test_an_lstm_reads_input_and_state_at_each_step():
    steps = keras.Input((None, 5))
    model = keras.Model(steps, keras.layers.LSTM(3, return_sequences=True)(steps))
    assert multiply_adds(model) == 4 * 3 * (5 + 3)
    steps = keras.Input((7, 5))
    model = keras.Model(steps, keras.layers.LSTM(3)(steps))  # all steps run, though one is asked for
    assert multiply_adds(model) == 7 * 4 * 3 * (5 + 3)
