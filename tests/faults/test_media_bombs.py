"""Pictures and sounds that claim to be enormous are refused from their headers, in a process of little memory."""

import pytest

from tests.faults import media_bombs
from tests.faults.test_bad_inputs import wrong

ROOM = 300_000  # kB; what the smallest of these pictures would take is 10 GB, and the cap on pixels lets 240 MB pass
LIMITED = """
import os, resource
os.chdir({folder!r})
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 500 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (size, size))
from pathlib import Path
from course_lib.errors import BadInput
from course_lib.media.images import read_image
from course_lib.media.sound.inputs import read_audio
read_image("sample:cat")
for path in sorted(Path({folder!r}).glob("*.bin")):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        ({read})(path)
        print(path.stem, "was read")
    except BadInput as error:
        assert len(str(error)) < 300 and "\\n" not in str(error), error
        print(path.stem, "refused", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error, sep="|")
raise SystemExit
"""


def outcomes(course, folder, files, read) -> dict[str, str]:
    """Let one process of limited memory read files; return what became of each."""
    for name, content in files.items():
        (folder / f"{name}.bin").write_bytes(content)
    ended = course.run("--help", before=LIMITED.format(folder=str(folder), read=read))
    lines = ended.out.splitlines()
    assert len(lines) == len(files), ended
    return {line.partition("|")[0]: line for line in lines}


def all_refused(found: dict[str, str], room: int) -> int:
    for name, line in found.items():
        assert line.startswith(f"{name}|refused|"), line
        assert int(line.split("|")[2]) < room, line
    return len(found)


@pytest.mark.fault(16)
def test_picture_bombs(course, tmp_path, record_property):
    record_property(
        "tried", all_refused(outcomes(course, tmp_path, media_bombs.pictures(), "read_image"), ROOM // 10)
    )


@pytest.mark.fault(16)
def test_sound_bombs(course, tmp_path, record_property):
    record_property(
        "tried", all_refused(outcomes(course, tmp_path, media_bombs.sounds(), "read_audio"), ROOM // 10)
    )


@pytest.mark.fault(16)
def test_of_an_endless_gif_one_frame_is_decoded(course, tmp_path, homes):
    """It is a picture, so it is read: its first frame."""
    (tmp_path / "many.gif").write_bytes(media_bombs.gif_of_frames())
    assert (tmp_path / "many.gif").stat().st_size < 1_000_000
    ended = course.run("classify", tmp_path / "many.gif", "--model", "resnet_nano", **homes)
    assert ended.status == 0, ended


@pytest.mark.fault(16)
@pytest.mark.long
def test_the_command_refuses_bombs_too(course, homes, tmp_path, record_property):
    pictures, sounds = media_bombs.pictures(), media_bombs.sounds()
    calls = []
    for kind, files, verb in (("png", pictures, "classify"), ("wav", sounds, "transcribe")):
        for number, content in enumerate(files.values()):
            (tmp_path / f"{number}.{kind}").write_bytes(content)
            model = ("--model", "resnet_nano") if kind == "png" else ()
            calls.append([verb, str(tmp_path / f"{number}.{kind}"), *model])
    ended = course.run(*calls, **homes)
    assert {call[1]: (wrong(one), one) for call, one in zip(calls, ended, strict=True) if wrong(one)} == {}
    record_property("tried", len(calls))
