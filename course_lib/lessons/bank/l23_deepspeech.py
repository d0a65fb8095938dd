"""Lesson 23's exercises and quiz."""

from course_lib.decoding.errors import word_errors
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close
from course_lib.lessons.quiz import Choice, Question


def _counts_the_frames(frames_needed):
    expect_close(as_numbers(frames_needed("cat")), 3, "Without double letters, a frame a letter is enough.")
    got = as_numbers(frames_needed("green"))
    expect(got != 5, "Five frames write `gren`: equal neighbours merge. What must stand between them?")
    expect(got != 11, "Blanks are needed only between equal letters, not around each one.")
    expect_close(got, 6, "`g r e · e n`: how many frames are that?")
    expect_close(
        as_numbers(frames_needed("aaa")), 5, "Each pair of equal neighbours needs a blank of its own."
    )
    expect_close(as_numbers(frames_needed("banana")), 6, "Only neighbours merge: `a n a` needs no blank.")
    expect_close(as_numbers(frames_needed("")), 0, "Nothing needs no frame.")


def _tells_when(timed):
    got = timed([9, 9, 3, 3, 9, 3, 4, 9], 9, 0.02)
    expect(got is not None, "The answer is `None`: is a `return` missing?")
    got = [(int(symbol), round(float(second), 6)) for symbol, second in got]
    expect(
        len(got) != 2, "The 3 comes twice: a blank stands between the two. Merge before blanks are dropped."
    )
    expect(all(symbol != 9 for symbol, _ in got), "Blanks write nothing: leave them out.")
    expect(len(got) == 3, "Of equal neighbours take one.")
    expect(
        [second for _, second in got] != [0.0, 0.02, 0.04],
        "Count the frames of the path, not the letters that are left.",
    )
    expect(
        got == [(3, 0.04), (3, 0.1), (4, 0.12)],
        "A letter's time is that of its first frame: frame number times step.",
    )
    got = [(int(symbol), float(second)) for symbol, second in timed([3, 3, 9, 4, 3], 9, 0.5)]
    expect(
        got == [(3, 0.0), (4, 1.5), (3, 2.0)],
        "In `3 3 9 4 3` three letters begin, at frames 0, 3 and 4. The first frame has none before it.",
    )


def _pools(corpus_rate):
    def word_error_rate(said, heard):
        return word_errors([said], [heard]).rate

    said, heard = ["yes", "put the cup on the big table"], ["no", "put the cup on the big table"]
    got = as_numbers(corpus_rate(said, heard, word_error_rate))
    expect(
        abs(got - 0.5) > 1e-9,
        "That is the mean of the sentences' rates: a sentence of one word counts as much as one of seven.",
    )
    expect_close(got, 1 / 8, "All edits of all sentences, over all words of all sentences.")
    got = as_numbers(corpus_rate(["put the cup", "down"], ["put the", "cup down"], word_error_rate))
    expect(
        abs(got) > 1e-9,
        "Joined, the sentences hide their errors: `cup` was left out of the first, and put into the second.",
    )
    expect_close(got, 1 / 2, "One word left out and one put in, over the four words that were said.")


EXERCISES = [
    Exercise(
        id="23.1",
        title="Long enough",
        starter='''
def frames_needed(text):
    """Return the fewest frames in which CTC can write a text."""
    return ...
''',
        mistake='''
def frames_needed(text):
    """Return the fewest frames in which CTC can write a text."""
    return len(text)
''',
        solution='''
def frames_needed(text):
    """Return the fewest frames in which CTC can write a text."""
    return len(text) + sum(a == b for a, b in zip(text, text[1:]))
''',
        test=_counts_the_frames,
        hints=[
            "Write a shortest path for `green`, frame by frame.",
            "Count the letters, and the places where two equal ones meet.",
        ],
    ),
    Exercise(
        id="23.2",
        title="When was it?",
        starter='''
def timed(path, blank, step):
    """Return (symbol, seconds) for each letter that a path writes: the time of its first frame; `step` is a frame's seconds."""
    return ...
''',
        mistake='''
def timed(path, blank, step):
    """Return (symbol, seconds) for each letter that a path writes: the time of its first frame; `step` is a frame's seconds."""
    heard = [(s, i * step) for i, s in enumerate(path) if s != blank]
    return [x for i, x in enumerate(heard) if i == 0 or x[0] != heard[i - 1][0]]
''',
        solution='''
def timed(path, blank, step):
    """Return (symbol, seconds) for each letter that a path writes: the time of its first frame; `step` is a frame's seconds."""
    first = [i for i, s in enumerate(path) if i == 0 or s != path[i - 1]]
    return [(path[i], i * step) for i in first if path[i] != blank]
''',
        test=_tells_when,
        hints=[
            "First find the frames whose symbol is another than that of the frame before.",
            "Of these, keep those that are no blank.",
        ],
    ),
    Exercise(
        id="23.3",
        title="Many sentences, one rate",
        starter='''
def corpus_rate(said, heard, word_error_rate):
    """Return the word error rate over all sentences together; `word_error_rate(a, b)` is of one sentence."""
    return ...
''',
        mistake='''
def corpus_rate(said, heard, word_error_rate):
    """Return the word error rate over all sentences together; `word_error_rate(a, b)` is of one sentence."""
    return sum(word_error_rate(a, b) for a, b in zip(said, heard)) / len(said)
''',
        solution='''
def corpus_rate(said, heard, word_error_rate):
    """Return the word error rate over all sentences together; `word_error_rate(a, b)` is of one sentence."""
    words = [len(a.split()) for a in said]
    edits = [n * word_error_rate(a, b) for n, a, b in zip(words, said, heard)]
    return sum(edits) / sum(words)
''',
        test=_pools,
        hints=[
            "A sentence's rate times its words is its number of edits.",
            "Add up edits and words, and divide once.",
        ],
    ),
]

QUIZ = [
    Question(
        "What do the frames `h h · e l l · l o o` write? (`·` is the blank.)",
        [
            Choice("hello", True, "Equal neighbours merge, and the blank keeps the two l apart."),
            Choice("helo", False, "So it would be without the blank between the two l."),
            Choice("hhellloo", False, "Equal neighbours merge first."),
        ],
    ),
    Question(
        "Why does CTC need no label for the time of each letter?",
        [
            Choice(
                "It adds up all paths that write the text, whenever they say each letter.",
                True,
                "And the forward algorithm does so in one pass over the frames.",
            ),
            Choice(
                "It spreads the letters evenly over the recording.",
                False,
                "No path is preferred at the outset; the network's probabilities weigh them.",
            ),
            Choice(
                "Another network aligns sound and text first.",
                False,
                "Older systems did that. Here nothing is aligned beforehand.",
            ),
        ],
    ),
    Question(
        "Why may a path not skip the blank between two equal letters?",
        [
            Choice("They would merge into one.", True, "`l l` writes one l; only `l · l` writes two."),
            Choice(
                "It would make the path too short.",
                False,
                "Length is not the point: `ab` may be said in two frames.",
            ),
            Choice(
                "The blank is always the likeliest symbol.", False, "Mostly it is, but that forbids nothing."
            ),
        ],
    ),
    Question(
        "A network is told that samples are at 16,000 Hz, and they are at 8,000 Hz. What happens?",
        [
            Choice(
                "It hears a voice twice as fast and an octave higher, and writes nonsense without a word of warning.",
                True,
                "A row of numbers does not know its rate.",
            ),
            Choice("An error, since the rates do not match.", False, "Nothing in the samples tells."),
            Choice(
                "Nothing: the mel scale takes care of it.",
                False,
                "The filters would sit an octave too low for this voice.",
            ),
        ],
    ),
    Question(
        "Said: `put the cup down` (4 words). Heard: `put a cup`. What is the word error rate?",
        [
            Choice("50 %", True, "One substitution and one deletion, over four words said."),
            Choice("67 %", False, "Divide by the words that were said, not by those that were heard."),
            Choice("25 %", False, "A word that was not heard is an error, too."),
        ],
    ),
]
