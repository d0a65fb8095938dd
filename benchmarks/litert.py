"""What LiteRT's 8 bits cost a real network: `python -m benchmarks.litert [model]`; lesson 07 quotes its table.

There is no labelled set of real photos on board, so no accuracy: what is counted is how often the exported file names
the same class as Keras does, on crops of the sample photos that it was not calibrated with.
"""

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

from course_lib import litert, load
from course_lib.media.images import sample_crops
from course_lib.media.samples import samples

CALIBRATIONS = 3  # sets of examples, each from a seed of its own
EACH = 6  # crops of a photo in a set
TESTED = 20  # crops of a photo to test with
SURE = 0.5


def main() -> None:
    """Export, run and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.litert", description=__doc__)
    parser.add_argument("model", nargs="?", default="mobilenet_v2", help="its real weights must be here")
    network = load(parser.parse_args().model)
    import keras  # after `load`, which brings TensorFlow up quietly

    from course_lib.training.fit import predict

    names = list(samples())
    tested = network.preprocess(sample_crops(TESTED, seed=1000))
    expected = predict(network.model, tested)
    sure = keras.ops.softmax(expected).numpy().max(axis=1) > SURE
    table = Table("file", "MB", "ms", "same answer, %", f"where Keras gives > {SURE:.0%}", box=None)
    for kind, contents in exports(network, names):
        runners = [litert.Runner(content) for content in contents]
        same = np.array([runner(tested).argmax(axis=1) == expected.argmax(axis=1) for runner in runners])
        milliseconds = 1000 * np.median([runner.seconds(tested[0]) for runner in runners])
        size = f"{len(contents[0]) / 1e6:.2f}"
        table.add_row(kind, size, f"{milliseconds:.1f}", spread(same), spread(same[:, sure]))
    table.caption = (
        f"{len(tested)} crops of {', '.join(names)}; Keras is that sure of {sure.mean():.0%}. Mean over sets of "
        f"{EACH * len(names)} examples, in brackets the lowest and the highest. ms: processor time of one picture, one thread."
    )
    table.caption_justify = "left"
    Console(width=110).print(table)


def exports(network, names: list[str]):
    """Yield (what it is, its files): one file for each set of examples."""
    model, sets = network.model, range(CALIBRATIONS)
    yield "float", [litert.convert(model)]
    known = [network.preprocess(sample_crops(EACH, seed)) for seed in sets]
    yield "8 bits, examples of all photos", [litert.convert(model, examples) for examples in known]
    whole = [litert.convert(model, examples, per_channel=False) for examples in known]
    yield "the same, one scale a kernel", whole
    alone = [network.preprocess(sample_crops(EACH * len(names), 0, [name])) for name in names]
    yield "8 bits, each photo's examples alone", [litert.convert(model, examples) for examples in alone]
    low, high = known[0].min(), known[0].max()
    noise = [np.random.default_rng(seed).uniform(low, high, known[0].shape) for seed in sets]
    yield "8 bits, examples of noise", [litert.convert(model, examples) for examples in noise]


def spread(same: np.ndarray) -> str:
    """Write the mean share of equal answers, and the lowest and the highest; (files, pictures) booleans."""
    shares = 100 * same.mean(axis=1)
    bounds = f" ({shares.min():.0f}-{shares.max():.0f})" if len(shares) > 1 else ""
    return f"{shares.mean():.0f}{bounds}"


if __name__ == "__main__":
    main()
