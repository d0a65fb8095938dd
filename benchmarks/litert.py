"""What LiteRT's 8 bits cost a real network: `python -m benchmarks.litert [model]`; lesson 07 quotes its table.

There is no labelled set of real photos on board, so no accuracy: what is counted is how often the exported file names
the same class as Keras does, on crops of the sample photos that it was not calibrated with.
"""

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

from course_lib import litert, load
from course_lib.media.images import read_image
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
    from course_lib.training.fit import predict  # after `load`, which brings TensorFlow up quietly

    names = list(samples())
    tested = network.preprocess(crops(names, TESTED, seed=1000))
    expected = predict(network.model, tested)
    sure = softmax(expected).max(axis=1) > SURE
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
    known = [network.preprocess(crops(names, EACH, seed)) for seed in sets]
    yield "8 bits, examples of all photos", [litert.convert(model, examples) for examples in known]
    whole = [litert.convert(model, examples, per_channel=False) for examples in known]
    yield "the same, one scale a kernel", whole
    alone = [network.preprocess(crops([name], EACH * len(names), seed=0)) for name in names]
    yield "8 bits, each photo's examples alone", [litert.convert(model, examples) for examples in alone]
    low, high = known[0].min(), known[0].max()
    noise = [np.random.default_rng(seed).uniform(low, high, known[0].shape) for seed in sets]
    yield "8 bits, examples of noise", [litert.convert(model, examples) for examples in noise]


def crops(names: list[str], each: int, seed: int) -> list[np.ndarray]:
    """Cut squares of 60 to 100 % of the shorter side out of the sample photos, `each` from every photo in turn."""
    dice = np.random.default_rng(seed)
    cut = []
    for pixels in (read_image(f"sample:{name}") for name in names):
        for _ in range(each):
            side = int(min(pixels.shape[:2]) * dice.uniform(0.6, 1))
            top, left = (dice.integers(length - side + 1) for length in pixels.shape[:2])
            cut.append(pixels[top : top + side, left : left + side])
    return cut


def spread(same: np.ndarray) -> str:
    """Write the mean share of equal answers, and the lowest and the highest; (files, pictures) booleans."""
    shares = 100 * same.mean(axis=1)
    bounds = f" ({shares.min():.0f}-{shares.max():.0f})" if len(shares) > 1 else ""
    return f"{shares.mean():.0f}{bounds}"


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities (n, classes)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


if __name__ == "__main__":
    main()
