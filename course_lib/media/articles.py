"""A and an."""


def with_articles(text: str) -> str:
    """Turn "a" into "an" before a written vowel: "a orange arrow" is "an orange arrow"; sounds are beyond it."""
    words = text.split()
    following = [*words[1:], ""]
    pairs = zip(words, following, strict=True)
    return " ".join("an" if word == "a" and after[:1] in (*"aeiou",) else word for word, after in pairs)
