"""Training of the models that hear and speak."""
