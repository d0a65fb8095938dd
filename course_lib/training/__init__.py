"""Training: cached features, linear probes, fine-tuning, and the recipes of the nano models."""
