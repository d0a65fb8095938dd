"""A search for cells that is small enough to know the outcome of every choice: the space, the task, the table."""
