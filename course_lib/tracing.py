"""A Keras network as one TensorFlow graph: what is run here, and what other engines take over."""

import keras


def signature(model: keras.Model | keras.Function, batch: int | None = None) -> list:
    """Return a `tf.TensorSpec` for each input of a model, for `batch` rows; None means any number."""
    import tensorflow as tf

    return [tf.TensorSpec((batch, *x.shape[1:]), x.dtype) for x in model.inputs]


def inference(model: keras.Model | keras.Function, batch: int | None = None):
    """Write a model's inference as a TensorFlow function, not traced yet.

    Args:
        model: a Keras model with one output, or a graph of layers without one.
        batch: rows of each input; None for any number.

    Returns:
        The `tf.function`, from a tensor for each input; it reads the model's variables, so it follows their changes.
    """
    import tensorflow as tf

    options = {"training": False} if isinstance(model, keras.Model) else {}

    # Plain tensor code: there is nothing for autograph to rewrite.
    @tf.function(input_signature=signature(model, batch), autograph=False)
    def run(*inputs):
        return model(inputs[0] if len(inputs) == 1 else list(inputs), **options)

    return run


def constant_inference(model: keras.Model | keras.Function, batch: int | None = None):
    """Write the same with the model's numbers as they are now: a graph for other engines, without variables.

    Tracing it so takes no longer; turning the variables of a traced graph into constants would take seconds.
    """
    import tensorflow as tf

    numbers = [(variable, variable.numpy()) for variable in variables(model)]

    @tf.function(input_signature=signature(model, batch), autograph=False)
    def run(*inputs):
        with keras.StatelessScope([(variable, tf.constant(number)) for variable, number in numbers]):
            return inference(model, batch).python_function(*inputs)

    return run


def variables(model: keras.Model | keras.Function) -> list:
    """Return the variables of a model, or of the layers of a bare graph, which has no list of its own."""
    owners = [model] if isinstance(model, keras.Model) else model.operations
    return [variable for owner in owners for variable in getattr(owner, "variables", ())]
