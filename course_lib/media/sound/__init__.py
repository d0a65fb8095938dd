"""Sound: what is heard, drawn and measured of it."""
