"""Good bytes made bad, as hypothesis draws it: flipped, cut, filled in, repeated, with numbers that no size can be."""

import struct

from hypothesis import strategies as st

SIZES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**40, 2**63 - 1, 2**64 - 1)
FORMS = ("<H", ">H", "<I", ">I", "<Q", ">Q")
_PLACES = st.floats(0, 1, exclude_max=True).map(lambda part: part**3)  # headers stand at the beginning
_CHANGES = st.one_of(
    st.tuples(st.just("flip"), _PLACES, st.integers(1, 255)),
    st.tuples(st.just("cut"), _PLACES, st.none()),
    st.tuples(st.just("insert"), _PLACES, st.binary(min_size=1, max_size=12)),
    st.tuples(st.just("leave out"), _PLACES, st.integers(1, 40)),
    st.tuples(st.just("size"), _PLACES, st.tuples(st.sampled_from(FORMS), st.sampled_from(SIZES))),
    st.tuples(st.just("repeat"), _PLACES, st.integers(2, 9)),
)
changes = st.lists(_CHANGES, min_size=1, max_size=6)


def changed(good: bytes, drawn: list) -> bytes:
    """Return what becomes of good bytes by the changes that were drawn, one after the other."""
    content = bytearray(good)
    for kind, part, value in drawn:
        place = int(part * len(content))
        if kind == "flip" and content:
            content[place] ^= value
        elif kind == "cut":
            del content[place:]
        elif kind == "insert":
            content[place:place] = value
        elif kind == "leave out":
            del content[place : place + value]
        elif kind == "size":
            form, number = value
            width = struct.calcsize(form)
            content[place : place + width] = struct.pack(form, number & (256**width - 1))
        elif kind == "repeat":
            content[place:place] = bytes(content[place : place + 50]) * value
    return bytes(content)
