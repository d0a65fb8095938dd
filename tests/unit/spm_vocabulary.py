"""A vocabulary of SentencePiece as T5's is, learned from a few words."""

import io
import random

import sentencepiece

TEXT = "the cat sat on a mat and then it ran away from every dog that it had ever seen in town"


def made() -> bytes:
    """Return the content of its file; it has 40 pieces."""
    rng, file = random.Random(0), io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(" ".join(rng.choices(TEXT.split(), k=8)) for _ in range(200)), model_writer=file,
        vocab_size=40, model_type="unigram", bos_id=-1, pad_id=0, eos_id=1, unk_id=2, pad_piece="<pad>",
        eos_piece="</s>", unk_piece="<unk>", minloglevel=2,
    )  # fmt: skip
    return file.getvalue()
