"""Training detectors: which cell answers for which object, the loss, the loop, and the nano recipe."""
