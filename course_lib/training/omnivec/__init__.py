"""One trunk for pictures, sounds and words: the data, the nets, and the table behind lesson 12."""
