"""Texts: from words to the numbers of tokens, and back."""
