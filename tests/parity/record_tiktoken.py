"""Record how OpenAI's own tokenizer cuts 1,000 texts by chance, with the course's vocabulary.

Run it where `tiktoken` is installed, with this repository on the path: python tests/parity/record_tiktoken.py
"""

import json
import zlib
from pathlib import Path

import tiktoken
from tiktoken_ext.openai_public import r50k_pat_str

from course_lib.text.byte_level import letters, read_shipped
from course_lib.text.wild import wild_texts

OUT = Path(__file__).parent / "fixtures" / "shakespeare.tiktoken.json"


def main() -> None:
    bytes_of = {letter: byte for byte, letter in enumerate(letters())}
    ours = read_shipped("shakespeare")
    ranks = {
        bytes(bytes_of[letter] for letter in piece): number
        for piece, number in ours.vocabulary.items()
        if number != ours.end
    }
    official = tiktoken.Encoding(
        "shakespeare", pat_str=r50k_pat_str, mergeable_ranks=ranks, special_tokens={}
    )
    sums = [zlib.crc32(str(official.encode(text)).encode()) for text in wild_texts(1000)]
    OUT.write_text(json.dumps({"tiktoken": tiktoken.__version__, "checksums": sums}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
