"""Reading images (later: audio, text) safely, sample inputs, and the data sets of the course."""
