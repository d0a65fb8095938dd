"""Videos: every frame in order, damaged ones named and passed over, nothing half written, memory flat."""

import sys
import tracemalloc

import numpy as np
import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.media import video
from course_lib.media.video import is_video, open_video
from course_lib.media.video_writer import MAX_GAP, write_video

av = pytest.importorskip("av")


def moving(count=12, height=48, width=64, rate=10):
    """Yield (seconds, frame): a white bar that moves to the right on dark grey."""
    for index in range(count):
        frame = np.full((height, width, 3), 40, np.uint8)
        frame[:, 4 * index : 4 * index + 8] = 255
        yield index / rate, frame


def every_frame_by_itself(path, frames, codec="mjpeg"):
    """Write a video of which each frame is a whole picture, so that a damaged one hurts no other."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10, options={"strict": "unofficial"})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuvj420p"
        for _, pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def read(path):
    with open_video(path) as clip:
        return list(clip.frames)


def bar(frame):
    return int(np.flatnonzero(frame[24, :, 0] > 150).mean())


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_what_is_written_is_read(tmp_path, suffix):
    path = tmp_path / f"bar{suffix}"
    write_video(path, moving())
    frames = read(path)
    assert len(frames) == 12
    assert [bar(frame) for _, frame in frames] == [4 * i + 3 for i in range(12)]
    np.testing.assert_allclose([seconds for seconds, _ in frames], np.arange(12) / 10, atol=0.002)
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 50), (47, 63), (2, 2)])
def test_odd_sizes_grow_by_a_pixel(tmp_path, height, width):
    write_video(tmp_path / "odd.mp4", moving(3, height, width))
    (_, frame), *others = read(tmp_path / "odd.mp4")
    assert frame.shape == (height + height % 2, width + width % 2, 3)
    assert len(others) == 2


def test_times_never_stand_still_go_back_or_leap(tmp_path):
    times = [0, 0.1, 0.1, 0.05, 1e9, 1e9 + 0.1]
    write_video(tmp_path / "times.mkv", ((s, f) for s, (_, f) in zip(times, moving(6), strict=True)))
    found = [seconds for seconds, _ in read(tmp_path / "times.mkv")]
    assert len(found) == 6
    assert (np.diff(found) >= 0).all()
    assert found[-1] == pytest.approx(0.1 + MAX_GAP + 0.1, abs=0.1)


def test_a_damaged_frame_is_named_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "damaged.mkv"
    every_frame_by_itself(path, moving())
    data = bytearray(path.read_bytes())
    starts = [i for i in range(len(data) - 2) if data[i : i + 3] == b"\xff\xd8\xff"]
    assert len(starts) == 12
    for start in starts[5:7]:
        data[start : start + 600] = bytes(600)
    path.write_bytes(data)
    frames = read(path)
    broken = [str(frame) for _, frame in frames if isinstance(frame, BadInput)]
    assert 1 <= len(broken) <= 2
    assert "can't be read" in broken[0]
    good = [bar(frame) for _, frame in frames if not isinstance(frame, BadInput)]
    assert good[:5] == [4 * i + 3 for i in range(5)]
    assert good[-4:] == [4 * i + 3 for i in range(8, 12)]


def test_a_video_that_breaks_off_gives_what_it_has(tmp_path):
    path = tmp_path / "cut.mkv"
    every_frame_by_itself(path, moving())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    good = [bar(frame) for _, frame in read(path) if not isinstance(frame, BadInput)]
    assert 3 <= len(good) < 12
    assert good == [4 * i + 3 for i in range(len(good))]


def test_what_is_no_video_is_one_sentence(tmp_path):
    write_video(tmp_path / "whole.mp4", moving())
    (tmp_path / "cut.mp4").write_bytes((tmp_path / "whole.mp4").read_bytes()[:900])
    (tmp_path / "text.mp4").write_text("This is a text, and nothing else. " * 50)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{tmp_path / 'whole.mp4'}\n#EXT-X-ENDLIST\n"
    (tmp_path / "list.mp4").write_text(playlist)
    (tmp_path / "list.m3u8").write_text(playlist)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder.mp4").mkdir()
    for name in ("cut.mp4", "text.mp4", "list.mp4", "list.m3u8", "empty.mp4", "folder.mp4", "missing.mp4"):
        with pytest.raises(BadInput, match=name.replace(".", r"\.")) as caught:
            read(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_sound_alone_is_no_video(tmp_path):
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(BadInput, match="only sound"):
        read(tmp_path / "sound.mp4")


def test_a_name_is_never_an_address(monkeypatch, tmp_path, no_network):
    monkeypatch.chdir(tmp_path)
    write_video("whole.mp4", moving(2))
    with pytest.raises(BadInput, match="no video file"):
        read("concat:whole.mp4|whole.mp4")
    (tmp_path / "concat:x.mp4").write_bytes((tmp_path / "whole.mp4").read_bytes())
    assert len(read("concat:x.mp4")) == 2


def test_frames_that_are_too_large_are_not_decoded(monkeypatch, tmp_path):
    write_video(tmp_path / "large.mp4", moving())
    monkeypatch.setattr(video, "MAX_PIXELS", 48 * 64 - 1)
    with pytest.raises(BadInput, match="64 x 48 pixels is too large"):
        read(tmp_path / "large.mp4")


def test_a_phone_held_upright(tmp_path):
    path = tmp_path / "phone.mov"
    write_video(path, moving(2))
    data = path.read_bytes()
    place = data.index(b"tkhd") + 4 + 40
    # The matrix of a quarter turn to the right: what is left in the file comes to be above.
    matrix = np.array([0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30], ">i4").tobytes()
    path.write_bytes(data[:place] + matrix + data[place + len(matrix) :])
    frame = read(path)[0][1]
    assert frame.shape == (64, 48, 3)
    assert frame[:8].mean() > 200
    assert frame[12:].mean() < 60


def test_nothing_is_left_of_a_video_that_failed(tmp_path):
    def failing():
        yield from moving(3)
        raise BadInput("the reason")

    for frames, says in ((failing(), "the reason"), (iter(()), "no frame")):
        with pytest.raises(BadInput, match=says):
            write_video(tmp_path / "out.mp4", frames)
    assert not list(tmp_path.iterdir())
    with pytest.raises(CourseError, match="Can't write"):
        write_video(tmp_path / "no" / "folder.mp4", moving())
    with pytest.raises(BadInput, match=r"\.mp4"):
        write_video(tmp_path / "out.gif", moving())


def test_memory_stays_flat_however_long_a_video_is(tmp_path):
    frame = np.zeros((240, 320, 3), np.uint8)
    write_video(tmp_path / "a.mp4", ((i / 10, frame) for i in range(120)))
    tracemalloc.start()
    with open_video(tmp_path / "a.mp4") as clip:
        write_video(tmp_path / "b.mp4", clip.frames)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert clip.count == 120
    assert peak < 8 * frame.nbytes


def test_webcams_that_are_not_there(monkeypatch):
    with pytest.raises(BadInput, match="webcam:97"):
        read("webcam:97")
    with pytest.raises(BadInput, match="numbers"):
        read("webcam:front")


@pytest.mark.parametrize(
    ("system", "device", "reader"),
    [("linux", "/dev/video1", "v4l2"), ("darwin", "1", "avfoundation"), ("win32", "video=1", "dshow")],
)
def test_webcams_by_their_systems_names(monkeypatch, system, device, reader):
    asked = []

    def refuse(name, format, options):
        asked.append((name, format))
        raise OSError("no camera here")

    monkeypatch.setattr(av, "open", refuse)
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(BadInput, match="no camera here"):
        read("webcam:1")
    assert asked == [(device, reader)]


def test_a_webcam_that_keeps_silent_is_waited_for_only_so_long(monkeypatch):
    class Silent:
        def demux(self, stream):
            raise BlockingIOError("not yet")

    monkeypatch.setattr(video, "PATIENCE", 0.02)
    packets = list(video._packets(av, Silent(), None, live=True))
    assert len(packets) == 1
    assert "No more pictures" in str(packets[0])


def test_without_pyav_the_way_to_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(CourseError, match=r'pip install "course-lib\[video\]"'):
        read(tmp_path / "a.mp4")


def test_videos_are_known_by_their_names(tmp_path):
    assert is_video("a/b.MP4")
    assert is_video(tmp_path / "b.webm")
    assert is_video("webcam:0")
    assert not any(map(is_video, ("a.jpg", "mp4", tmp_path, "sample:cat", None)))
