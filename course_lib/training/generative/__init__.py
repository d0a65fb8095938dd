"""How the models that make pictures are trained and measured."""
