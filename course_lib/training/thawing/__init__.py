"""What does each precaution do when fifty pictures fine-tune a network? The measurement behind lesson 15.

    python -m course_lib.training.thawing

fine-tunes EfficientNet-Lite0, which ImageNet's photos taught, on fifty handwritten digits, and on fifty scraps of photos:
every way of it several times, with other pictures each time. The test digits are of other series of handwriting than the
training digits. Networks that begin elsewhere (drawings, random weights) stand beside it. The result is
data/experiments/thawing.json, which the lesson draws.
"""
