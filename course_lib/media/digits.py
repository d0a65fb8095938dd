"""The ten digits three times: seen (handwriting), heard (telephone keys) and read (misspelt number words).

One task, to name the digit, in three modalities, so that networks can be compared across them. The pictures are
real; tones and words are made here, and each follows from its seed and its index alone.
"""

import numpy as np

from course_lib.errors import BadInput

LANGUAGES = {
    "English": "zero one two three four five six seven eight nine",
    "German": "null eins zwei drei vier fünf sechs sieben acht neun",
    "French": "zéro un deux trois quatre cinq six sept huit neuf",
    "Spanish": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "Italian": "zero uno due tre quattro cinque sei sette otto nove",
    "Dutch": "nul een twee drie vier vijf zes zeven acht negen",
}
WORDS = {language: tuple(words.split()) for language, words in LANGUAGES.items()}
LETTERS = "".join(sorted({letter for words in LANGUAGES.values() for letter in words} - {" "}))
LONGEST = 10  # letters that `spell` keeps: the longest word with two letters typed too many, and one of room

RATE = 8_000  # samples a second, a telephone's
SAMPLES = 1_664  # of a clip: 0.208 s
WINDOW, HOP = 256, 128  # of the spectrogram, samples: 12 frames a clip, one frequency in 31.25 Hz
LOWEST, BINS = 16, 40  # the frequencies that are kept: 500 to 1,719 Hz, where all keys sound
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)  # Hz
INK = (0.305, 0.376)  # mean and deviation of the pictures' pixels
# digit -> row, column
KEYS = ((3, 1), (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2))


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's handwritten digits.

    Returns:
        Pictures (1797, 8, 8) float32, 0 paper to 1 ink, and labels (1797,) int32.

    Source: scikit-learn's `load_digits`; E. Alpaydin and C. Kaynak, UCI machine learning repository.
    """
    from sklearn.datasets import load_digits

    content = load_digits()
    return (content.images / 16).astype(np.float32), content.target.astype(np.int32)


def standardised(images: np.ndarray) -> np.ndarray:
    """Bring pixels of 0 to 1, (n, 8, 8), to mean 0 and deviation 1, float32; by the mean and deviation of `pictures`."""
    return ((images - INK[0]) / INK[1]).astype(np.float32)


def tones(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Record `n` telephone keys over a bad line.

    A key sounds two frequencies at once. Both are out of tune by up to 2 %, one is louder than the other, they begin
    late and end early, a voice hums across them, and noise lies over it all.

    Args:
        n: how many.
        seed: 0 or more; recordings of two seeds have nothing in common.

    Returns:
        Clips (n, 1664) float32 at 8,000 samples a second, loudest sample 1, and labels (n,) int32, balanced.

    Raises:
        BadInput: for a negative number.

    Source: ITU-T Recommendation Q.23, the frequencies.
    """
    _check(n, seed)
    labels = _labels(n, seed)
    clips = [_clip(label, np.random.default_rng([seed, index, 1])) for index, label in enumerate(labels)]
    return np.array(clips, np.float32).reshape(n, SAMPLES), labels


def log_spectrogram(clips: np.ndarray) -> np.ndarray:
    """Say how loud each frequency is, frame by frame.

    Args:
        clips: (n, 1664), at 8,000 samples a second.

    Returns:
        (n, 12, 40) float32: natural logarithms of the power from 500 to 1,719 Hz; each clip has mean 0 and deviation
        1, so that loudness is gone.
    """
    frames = np.lib.stride_tricks.sliding_window_view(clips, WINDOW, axis=1)[:, ::HOP]
    spectrum = np.fft.rfft(frames * np.hanning(WINDOW))[..., LOWEST : LOWEST + BINS]
    loud = np.log(np.abs(spectrum) ** 2 + 1e-6)
    mean, deviation = loud.mean(axis=(1, 2), keepdims=True), loud.std(axis=(1, 2), keepdims=True)
    return ((loud - mean) / deviation).astype(np.float32)


def words(n: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Type `n` number words of six languages, each with one or two errors; no two are the same.

    An error leaves a letter out, doubles one, types a wrong one, or swaps two neighbours. Words of up to three letters
    get one. No result is a correct word, but nobody asks whether it still says which digit was meant: some do not.

    Args:
        n: how many; at most 5,000.
        seed: 0 or more.

    Returns:
        The words, and labels (n,) int32.

    Raises:
        BadInput: for a number that makes no sense.
    """
    _check(n, seed)
    if n > 5_000:
        raise BadInput(f"{n} different misspellings are more than these words have: ask for 5,000 or fewer.")
    rng, found = np.random.default_rng([seed, 2]), {}
    languages = list(WORDS.values())
    correct = {word for known in languages for word in known}
    while len(found) < n:
        label = len(found) % 10
        word = languages[rng.integers(len(languages))][label]
        typed = _misspelt(word, rng)
        if typed not in correct and typed not in found:
            found[typed] = label
    order = rng.permutation(n)  # the digits came in turn
    typed, labels = list(found), np.fromiter(found.values(), np.int32, n)
    return [typed[i] for i in order], labels[order]


def spell(typed: list[str]) -> np.ndarray:
    """Write words as numbers: 0 behind the end of a word, 1 for the first of LETTERS, and so on.

    Args:
        typed: the words; what goes beyond ten letters is cut off.

    Returns:
        (n, 10) int32.

    Raises:
        BadInput: for a letter that is not in LETTERS.
    """
    rows = np.zeros((len(typed), LONGEST), np.int32)
    for row, word in zip(rows, typed, strict=True):
        if unknown := set(word) - set(LETTERS):
            raise BadInput(f"{word!r} has {min(unknown)!r}, which is not among the letters {LETTERS}.")
        row[: len(word)] = [LETTERS.index(letter) + 1 for letter in word[:LONGEST]]
    return rows


def _clip(digit: int, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(SAMPLES) / RATE
    row, column = KEYS[digit]
    clip = np.zeros(SAMPLES)
    for frequency in (ROWS[row], COLUMNS[column]):
        detuned = frequency * rng.uniform(0.98, 1.02)
        clip += rng.uniform(0.5, 1.0) * np.sin(2 * np.pi * (detuned * time + rng.random()))
    begins, ends = rng.uniform(0, 0.4), rng.uniform(0.6, 1)
    clip[: int(begins * SAMPLES)] = 0
    clip[int(ends * SAMPLES) :] = 0
    clip += rng.uniform(0.5, 1.5) * _hum(time, rng)
    clip += rng.uniform(0.7, 2.0) * rng.normal(size=SAMPLES)
    return clip / np.abs(clip).max()


def _hum(time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a voice-like tone: a gliding pitch with all its overtones, some of them stressed as a vowel does."""
    pitch = rng.uniform(90, 250) * (1 + rng.uniform(-0.3, 0.3) * time / time[-1])
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    vowel = rng.uniform(400, 1600)
    overtones = np.arange(1, 16)
    strength = np.exp(-(((overtones * pitch.mean() - vowel) / 300) ** 2)) + 0.2
    shifts = rng.uniform(0, 2 * np.pi, len(overtones))
    return (strength[:, None] * np.sin(overtones[:, None] * phase + shifts[:, None])).sum(axis=0) / 2


def _misspelt(word: str, rng: np.random.Generator) -> str:
    for _ in range(1 if len(word) <= 3 else rng.integers(1, 3)):
        place, kind = rng.integers(len(word)), rng.integers(4)
        letter = LETTERS[rng.integers(len(LETTERS))]
        if kind == 0 and len(word) > 2:
            word = word[:place] + word[place + 1 :]
        elif kind == 1:
            word = word[:place] + word[place] + word[place:]
        elif kind == 2:
            word = word[:place] + letter + word[place + 1 :]
        else:
            word = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    return word


def _labels(n: int, seed: int) -> np.ndarray:
    """Return n labels, each run of ten a shuffle of the digits."""
    runs = [np.random.default_rng([seed, run, 0]).permutation(10) for run in range(-(-n // 10))]
    return np.concatenate(runs or [np.empty(0)])[:n].astype(np.int32)


def _check(n: int, seed: int) -> None:
    if n < 0 or seed < 0:
        raise BadInput(f"n and seed must be 0 or more, not n={n} and seed={seed}.")
