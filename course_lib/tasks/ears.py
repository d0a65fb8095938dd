"""Two ways from a long sound to pieces of text in flat memory: letter by letter in time, or a sentence at a time."""

from collections.abc import Callable, Iterator

import numpy as np

from course_lib.decoding.ctc import Decoded, greedy, prefix_beam_search
from course_lib.decoding.filters import log_softmax
from course_lib.errors import BadInput
from course_lib.media.sound.inputs import SILENT, Sound
from course_lib.tasks.transcripts import Transcript, Word

WINDOW = 30.0  # seconds that a network hears at once
MARGIN = 4.0  # seconds at a window's edges whose answers are taken from the window beside it
PAUSE = 15  # fiftieths of a second that a pause between sentences lasts, about
NEVER = -60.0  # logarithm of the probability of a letter in silence
LONGEST_WORD = 90.0  # seconds after which a text without a space is written none the less
SHORTEST = 0.1  # seconds; what is shorter gets silence behind it, since a network needs a few frames


class Spelling:
    """Reads letters off a network that says at each moment which letter it hears: trained with CTC.

    Args:
        logits: from (1, ...) prepared samples to (1, frames, symbols).
        listener: the family's, with `rate`, `hop` and `prepare`.
        tokenizer: `Letters` with a blank.
    """

    def __init__(self, logits: Callable, listener, tokenizer):
        self._logits, self._listener, self._letters = logits, listener, tokenizer

    @property
    def step(self) -> float:
        """Seconds of one frame."""
        return self._listener.hop / self._listener.rate

    def log_probs(self, sound: Sound) -> Iterator[np.ndarray]:
        """Yield (frames, symbols) window by window, without gaps and without overlap.

        What a window hears near its edges, without knowing what is said there, is left to its neighbours.
        """
        silence = np.full((1, len(self._letters)), NEVER, np.float32)
        silence[0, self._letters.blank] = 0
        for samples, kept in windows(sound.blocks, self._listener.rate, self._listener.hop):
            if np.abs(samples).max() < SILENT:  # what scales its input would hear voices in the noise
                rows = silence.repeat(max(1, len(samples) // self._listener.hop), axis=0)
            else:
                rows = log_softmax(self._logits(self._listener.prepare(samples)[None])[0])
            yield rows[kept]

    def pieces(self, sound: Sound, beams: int, language_model) -> Iterator[Transcript]:
        """Yield what is said, window by window; a word that a window cuts goes to the next piece."""
        held, start = None, 0
        for rows in self.log_probs(sound):
            if held is not None:
                piece, cut = self._up_to_a_space(held, start, beams, language_model)
                yield piece
                held, start = held[cut:], start + cut
            held = rows if held is None else np.concatenate([held, rows])
        if held is not None:
            yield self._transcript(held, self._decoded(held, beams, language_model), start)

    def _up_to_a_space(self, held: np.ndarray, start: int, beams: int, language_model):
        """Return the text up to the last space between two words, and the frame where the rest begins."""
        decoded = self._decoded(held, beams, language_model)
        spaces = [place for place, letter in enumerate(decoded.letters) if letter == self._space]
        if decoded.letters[-1:] in ((), (self._space,)) or len(held) * self.step > LONGEST_WORD:
            return self._transcript(held, decoded, start), len(held)
        if not spaces:
            return Transcript(""), 0
        place = spaces[-1]
        head = Decoded(decoded.letters[:place], decoded.frames[:place], decoded.score)
        return self._transcript(held, head, start), decoded.frames[place]

    def _decoded(self, log_probs: np.ndarray, beams: int, language_model) -> Decoded:
        blank, symbols = self._letters.blank, self._letters.symbols
        if beams == 1:
            return greedy(log_probs, blank)
        return prefix_beam_search(log_probs, blank, beams, language_model, symbols=symbols)[0]

    def _transcript(self, log_probs: np.ndarray, decoded: Decoded, start: int) -> Transcript:
        words = tuple(self._words(decoded, start))
        places = list(decoded.frames), list(decoded.letters)
        confidence = float(np.exp(log_probs[places]).mean()) if decoded.letters else 0.0
        return Transcript(" ".join(word.text for word in words), words, confidence)

    def _words(self, decoded: Decoded, start: int) -> Iterator[Word]:
        """Cut letters at the spaces; a word begins with its first letter's frame and ends with its last one's."""
        word: list[tuple[int, int]] = []
        for letter, frame in [*zip(decoded.letters, decoded.frames, strict=True), (self._space, 0)]:
            if letter != self._space:
                word.append((letter, start + frame))
                continue
            text = self._letters.detokenize([letter for letter, _ in word])
            if text:
                yield Word(text, word[0][1] * self.step, (word[-1][1] + 1) * self.step)
            word = []

    @property
    def _space(self) -> int:
        return self._letters.symbols.index(self._letters.space)


class Writing:
    """Lets a network write that hears a stretch of speech as a whole: an encoder and a decoder.

    Args:
        model: has `write(samples) -> (text, confidence)`.
        listener: the family's, with `rate` and `longest`, the seconds that the network hears at once.
    """

    def __init__(self, model, listener):
        self._model, self._listener = model, listener

    def pieces(self, sound: Sound, beams: int, language_model) -> Iterator[Transcript]:
        """Yield what is said, stretch by stretch: they are cut where it is quietest."""
        if beams != 1:
            raise BadInput("This network takes the likeliest piece of a word each time: leave beams at 1.")
        rate = self._listener.rate
        for samples in stretches(sound.blocks, rate, self._listener.longest):
            if np.abs(samples).max() >= SILENT:
                text, confidence = self._model.write(padded(samples, rate))
                yield Transcript(text, confidence=confidence)


def windows(
    blocks: Iterator[np.ndarray], rate: int, hop: int, window: float = WINDOW, margin: float = MARGIN
) -> Iterator[tuple[np.ndarray, slice]]:
    """Cut a stream of samples into windows that overlap by two margins.

    Args:
        blocks: (n,) float32 each.
        rate: Hz.
        hop: samples of a frame; windows begin at whole frames.
        window: seconds.
        margin: seconds.

    Yields:
        (samples, which of the frames to keep); a sound no longer than a window comes in one, whole.
    """
    size, edge = (int(seconds * rate) // hop * hop for seconds in (window, margin))
    rest, skip = np.zeros(0, np.float32), 0
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) > size:
            yield rest[:size], slice(skip, (size - edge) // hop)
            rest, skip = rest[size - 2 * edge :], edge // hop
    last = padded(rest, rate)
    # What a network says of silence that was put behind a sound is no part of the sound.
    yield last, slice(skip, max(1, -(-len(rest) // hop)) if len(last) > len(rest) else None)


def stretches(blocks: Iterator[np.ndarray], rate: int, longest: float) -> Iterator[np.ndarray]:
    """Cut a stream of samples into stretches of at most so many seconds, each where it is quietest in its second half."""
    size, frame = int(longest * rate), rate // 50
    rest = np.zeros(0, np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) > size:
            half = size // 2 // frame * frame
            tail = rest[half : size // frame * frame].reshape(-1, frame)
            loud = np.convolve(np.square(tail).mean(axis=1), np.ones(PAUSE), mode="valid")
            cut = half + (int(np.argmin(loud)) + PAUSE // 2) * frame
            yield rest[:cut]
            rest = rest[cut:]
    if len(rest):
        yield rest


def padded(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return samples with silence behind them where they are fewer than a network can hear."""
    return np.pad(samples, (0, max(0, int(SHORTEST * rate) - len(samples))))
