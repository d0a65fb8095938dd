"""Training detectors: which cell answers for which object, the loss, the loop, new kinds from a few pictures, the nano recipe."""
