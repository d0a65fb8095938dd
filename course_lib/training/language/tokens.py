"""How the nano GPT's tokens were made: `python -m course_lib.training.language.tokens` writes them into the course's data."""

import json
from collections.abc import Sequence

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.text import corpora
from course_lib.text.byte_level import END, WORD, letters

SIZE = 1_024  # tokens: 256 bytes, the end of a text, and what became of 767 pairs


def merges(texts: Sequence[str], size: int) -> list[tuple[str, str]]:
    """Merge, again and again, the pair of neighbours that is met most often.

    Args:
        texts: to count in.
        size: how many tokens there shall be, bytes and the end of a text among them.

    Returns:
        The pairs in the order in which they were merged, bytes written as in `byte_level.letters`.

    Source: Sennrich, Haddow, Birch 2016, arXiv 1508.07909, algorithm 1; on bytes: Radford et al. 2019.
    """
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(WORD), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=letters(), special_tokens=[END], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


if __name__ == "__main__":
    target = data_dir() / "tokenizers" / "shakespeare.json"
    target.parent.mkdir(exist_ok=True)
    content = {
        "trained_on": "Shakespeare's works but the held-out plays",
        "merges": merges(corpora.plays(), SIZE),
    }
    write_text(target, json.dumps(content, ensure_ascii=True) + "\n")
    print(f"{target}: {len(content['merges'])} merges")
