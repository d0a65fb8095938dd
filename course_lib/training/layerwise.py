"""How fast each layer of a pre-trained network learns, and in which precision."""

import keras
import tensorflow as tf

from course_lib.training.plan import Plan

WARM_UP = 0.1  # part of all updates in which the rate rises from zero
CLIP_NORM = 1.0


class LayerwiseAdam(keras.optimizers.Adam):
    """Adam with a factor of its own for each variable's learning rate.

    Smaller gradients would not do: Adam divides their size out again.

    Source: arXiv 1801.06146, section 3.2 ("discriminative fine-tuning").
    """

    def __init__(self, *args, factors: list[float], **kwargs):
        super().__init__(*args, **kwargs)
        self.factors = factors

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(
            gradient, variable, learning_rate * self.factors[self._get_variable_index(variable)]
        )


def rate_factors(model: keras.Model, unfreeze: float, decay: float) -> dict[str, float]:
    """Return, by path, the variables that train and the part of the head's rate that each gets.

    Args:
        model: a network whose last layer is "head".
        unfreeze: the part of the layers with weights below the head that train, from the head down.
        decay: how many times slower each third of these layers learns than what is above it.

    Returns:
        variable path -> factor, 1 for the head.
    """
    layers = [layer for layer in model.layers if layer.trainable_variables and layer.name != "head"]
    factors = {variable.path: 1.0 for variable in model.get_layer("head").trainable_variables}
    for below, layer in enumerate(reversed(layers)):
        if below < round(unfreeze * len(layers)):
            third = 1 + 3 * below // len(layers)
            factors |= {variable.path: decay**-third for variable in layer.trainable_variables}
    return factors


def optimizer_of(plan: Plan, factors: list[float], steps: int, half: bool) -> keras.optimizers.Optimizer:
    """Return Adam with a warm-up and a cosine.

    Args:
        plan: its rate is the head's, at the peak.
        factors: of each variable's rate, in the order of the variables.
        steps: updates in all.
        half: whether gradients are float16: then the loss is scaled, else small gradients would vanish.
    """
    rising = max(1, round(WARM_UP * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - rising), warmup_target=plan.learning_rate, warmup_steps=rising
    )
    optimizer = LayerwiseAdam(schedule, factors=factors, global_clipnorm=CLIP_NORM)
    return keras.optimizers.LossScaleOptimizer(optimizer) if half else optimizer


def precision() -> str:
    """Return the policy to train in: half precision pays on a GPU alone; a processor has none, or is slower in it."""
    return "mixed_float16" if tf.config.list_physical_devices("GPU") else "float32"


def is_half(model: keras.Model) -> bool:
    """Say whether a model computes in float16."""
    return any(layer.compute_dtype == "float16" for layer in model.layers)


def copied(model: keras.Model, policy: str = "float32") -> keras.Model:
    """Return a model with the same architecture and weights that shares neither.

    Args:
        model: a functional model; its weights are float32 whatever it computes in.
        policy: what the copy computes in; its head stays in float32, since a softmax needs the digits.
    """

    def fresh(layer):
        config = layer.get_config()
        if layer.name != "head" and not isinstance(layer, keras.layers.InputLayer):
            config["dtype"] = policy
        return layer.__class__.from_config(config)

    copy = keras.models.clone_model(model, clone_function=fresh)
    copy.set_weights(model.get_weights())
    return copy
