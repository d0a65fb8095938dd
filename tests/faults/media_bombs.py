"""Pictures and sounds of a few bytes that claim to be enormous; each format's own way to say how large it is."""

import io
import struct
import zlib

import numpy as np
import soundfile
from PIL import Image

SIDE = 60_000  # pixels: 10.8 GB as an array


def png(width=SIDE, height=SIDE, rows=b"") -> bytes:
    """A PNG by its chunks."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", rows or zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def pictures() -> dict[str, bytes]:
    """Return name -> picture whose header claims 3.6 thousand million pixels, or that unpacks to far more than it is."""
    small = {kind: _small(kind) for kind in ("gif", "jpeg", "bmp", "tiff", "webp")}
    sides = struct.pack("<HH", SIDE, SIDE)
    frame = small["gif"].index(b",", 13)  # where the first frame of a GIF says its size
    jpeg = small["jpeg"].index(b"\xff\xc0") + 5
    lossless = b"VP8L" + struct.pack("<I", 5) + b"\x2f" + struct.pack("<I", 16_383 | 16_383 << 14) + b"\0"
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (SIDE - 1).to_bytes(3, "little") * 2
    return {
        "png": png(),
        "png with rows": png(rows=zlib.compress(bytes(50 << 20), 9)),
        "png with a text": _png_text(),
        "gif screen": small["gif"][:6] + sides + small["gif"][10:],
        "gif frame": small["gif"][: frame + 5] + sides + small["gif"][frame + 9 :],
        "jpeg": small["jpeg"][:jpeg] + struct.pack(">HH", SIDE, SIDE) + small["jpeg"][jpeg + 4 :],
        "bmp": small["bmp"][:18] + struct.pack("<ii", SIDE, SIDE) + small["bmp"][26:],
        "tiff": _tiff(),
        "webp lossless": b"RIFF" + struct.pack("<I", 4 + len(lossless)) + b"WEBP" + lossless,
        "webp canvas": b"RIFF" + struct.pack("<I", 4 + len(canvas)) + b"WEBP" + canvas,
        "ppm": b"P6 60000 60000 255\n" + bytes(100),
        "pgm in words": b"P2 99999999 99999999 255\n1",
        "jpeg 2000": _jpeg_2000(),
    }


def gif_of_frames(count: int = 20_000) -> bytes:
    """A GIF of a few hundred kilobytes whose frames of 4,000 x 4,000 pixels would be a terabyte together."""
    file = io.BytesIO()
    Image.new("P", (1, 1)).save(file, "GIF")
    good = file.getvalue()
    frame = good.index(b",", 13)
    head = good[:6] + struct.pack("<HH", 4_000, 4_000) + good[10:frame]
    return head + good[frame:-1] * count + b";"


def sounds() -> dict[str, bytes]:
    """Return name -> sound whose header claims hours without end, too many channels, or a rate that there is not."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(800, np.float32), 8_000, format="WAV")
    wav = file.getvalue()
    flac = io.BytesIO()
    soundfile.write(flac, np.zeros(80_000, np.float32), 8_000, format="FLAC")
    rate = struct.pack("<II", 1, 2)
    return {
        "wav rate": wav[:24] + rate + wav[32:],
        "wav channels": wav[:22] + struct.pack("<H", 60_000) + wav[24:],
        "wav length": wav[:40] + struct.pack("<I", 0xFFFFFFF0) + wav[44:],
        "flac length": flac.getvalue()[:21] + b"\xff" * 5 + flac.getvalue()[26:],
        "au length": b".snd" + struct.pack(">IIIII", 24, 2**32 - 2, 3, 2_000, 1) + bytes(50),
        "aiff rate": b"FORM" + struct.pack(">I", 46) + b"AIFFCOMM" + struct.pack(">IhIh", 18, 1, 2**31, 16) + b"\x3f\xff\x80" + bytes(7)
        + b"SSND" + struct.pack(">III", 8, 0, 0),
    }  # fmt: skip


def _small(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, kind.upper())
    return file.getvalue()


def _png_text() -> bytes:
    """A PNG with a packed text of 300 MB before its pixels."""
    packed = b"x\0\0" + zlib.compress(bytes(300 << 20), 9)
    text = struct.pack(">I", len(packed)) + b"zTXt" + packed + struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    good = png(8, 8, zlib.compress(bytes(8 * 25)))
    return good[:33] + text + good[33:]


def _tiff() -> bytes:
    """A TIFF by its table: width, height, and one strip."""
    rows = [(256, 4, 1, SIDE), (257, 4, 1, SIDE), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1),
            (278, 4, 1, SIDE), (279, 4, 1, 100)]  # fmt: skip
    table = b"".join(struct.pack("<HHII", *row) for row in rows)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(rows)) + table + bytes(104)


def _jpeg_2000() -> bytes:
    """A bare code stream's first marker, with its sizes."""
    size = struct.pack(">HIIIIIIIIH", 0, SIDE, SIDE, 0, 0, SIDE, SIDE, 0, 0, 3) + b"\x07\x01\x01" * 3
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 2) + size + bytes(60)
