"""Attention that knows where it has looked already: without, a reader who goes on has nothing to tell two equal letters apart by."""

import keras
from keras import layers, ops

NEVER = -1e9  # the energy of padding


@keras.saving.register_keras_serializable("course_lib")
class LocationAttention(layers.Layer):
    """Compares a question with every letter, and with where the attention was, one step ago and altogether.

    Args:
        units: numbers in which they are compared.
        filters: of the convolution over where the attention was; 0 to leave that out.
        kernel: letters that the convolution sees.

    Source: arXiv 1506.07503, equation 9, with the sum of all earlier attention beside the last, as in arXiv 1712.05884.
    """

    def __init__(self, units, filters, kernel, **options):
        super().__init__(**options)
        self.units, self.filters, self.kernel = units, filters, kernel
        self.query, self.key, self.location, self.score = (
            layers.Dense(size, use_bias=False, name=name)
            for name, size in (("query", units), ("key", units), ("location", units), ("score", 1))
        )
        self.location_conv = layers.Conv1D(
            filters or 1, kernel, padding="same", use_bias=False, name="location_conv"
        )

    def build(self, question_shape, memory_shape):
        self.query.build(question_shape)
        self.key.build(memory_shape)
        self.score.build((None, None, self.units))
        if self.filters:
            self.location_conv.build((None, None, 2))
            self.location.build((None, None, self.filters))

    def keys(self, memory):
        """Project what is known of the letters, once for all steps: (batch, letters, width) -> (batch, letters, units)."""
        return self.key(memory)

    def call(self, question, memory, keys=None, known=None, looked=None):
        """Decide which letters to read now.

        Args:
            question: (batch, width), the state of the LSTM that asks.
            memory: (batch, letters, width), what the encoder made of the letters.
            keys: `keys(memory)`.
            known: (batch, letters) bool, False at padding.
            looked: (batch, letters, 2), where the attention was one step ago, and the sum of all steps.

        Returns:
            The context (batch, width), and the weights (batch, letters) whose mixture of the memory it is.
        """
        compared = self.query(question)[:, None] + (self.key(memory) if keys is None else keys)
        if self.filters and looked is not None:
            compared = compared + self.location(self.location_conv(looked))
        energies = self.score(ops.tanh(compared))[..., 0]
        if known is not None:
            energies = ops.where(known, energies, NEVER)
        weights = ops.softmax(energies)
        return ops.matmul(weights[:, None], memory)[:, 0], weights

    def get_config(self):
        names = ("units", "filters", "kernel")
        return super().get_config() | {name: getattr(self, name) for name in names}
