"""The course side by side with what one would use without it, as ratios: `python -m benchmarks`."""
