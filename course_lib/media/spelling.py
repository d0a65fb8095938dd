"""How English writes numbers, and nouns of which there are many."""


def listed(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


UNITS = listed("""zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""")
TENS = listed("- - twenty thirty forty fifty sixty seventy eighty ninety")
MONTHS = listed("January February March April May June July August September October November December")
ROMAN = {
    1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC", 50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV",
    1: "I",
}  # fmt: skip
# Plurals that no rule tells: the one thing here that must be known by heart.
IRREGULAR = {
    "man": "men", "woman": "women", "child": "children", "mouse": "mice", "goose": "geese", "foot": "feet",
    "tooth": "teeth", "ox": "oxen", "sheep": "sheep", "knife": "knives", "wolf": "wolves", "leaf": "leaves",
}  # fmt: skip


def in_words(number: int) -> str:
    """Write a number from 0 to 999,999 in words, as in British English."""
    if number < 20:
        return UNITS[number]
    if number < 100:
        return TENS[number // 10] + (f"-{UNITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {in_words(number % 100)}" if number % 100 else ""
        return f"{UNITS[number // 100]} hundred{rest}"
    thousands, rest = divmod(number, 1000)
    joint = "" if not rest else " " if rest >= 100 else " and "
    return f"{in_words(thousands)} thousand{joint}{in_words(rest) if rest else ''}"


def in_roman(number: int) -> str:
    """Write a number from 1 to 3,999 in Roman numerals."""
    text = ""
    for value, sign in ROMAN.items():
        text += sign * (number // value)
        number %= value
    return text


def plural(noun: str) -> str:
    """Return the plural of a noun, by the rules of spelling; or by heart."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "sh", "ch")) else "s")
