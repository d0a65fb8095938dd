"""What recognisers write down of real speech: a man who reads the beginning of "A Tale of Two Cities", 44 seconds.

`python -m course_lib.training.speech.real_speech` measures it and writes data/experiments/real_speech.json; it needs the clip
and Moonshine (`course fetch moonshine`).
"""

from course_lib.training.experiment import record

WAYS = {"DeepSpeech nano": "deepspeech_nano", "Moonshine tiny": "moonshine_tiny"}


def measured(model_id: str, draw: int) -> dict:
    """Return a model's word error rate on the clip, and the first words that it heard; nothing is left to chance."""
    from course_lib.decoding.errors import word_errors
    from course_lib.loading import open_pretrained
    from course_lib.training.speech.clips import plain, two_cities

    clip = two_cities()
    heard = plain(open_pretrained(model_id).transcribe(clip.audio).text)
    rate = word_errors([clip.text], [heard]).rate
    return {"word error rate": round(rate, 4), "heard": " ".join(heard.split()[:8])}


if __name__ == "__main__":
    record("real_speech", WAYS, range(1), measured)
