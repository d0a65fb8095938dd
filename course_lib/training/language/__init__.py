"""Language models: their texts in batches, their recipes, and what is done with them once they are trained."""
