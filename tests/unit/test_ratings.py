"""The rated sentences: read from their archive alone, split by their words, and nothing odd believed."""

import io
import tarfile

import pytest

from course_lib.errors import CourseError
from course_lib.text import data_sets, ratings
from course_lib.weights import cache
from course_lib.weights.sources import package

LINES = "1\t2.5\tA good film &amp; a long one.\r\n2\t-1.25\tDull.\r\n3\t0.1\tIt is a film.\r\n"


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Write an archive with this text in the place of the sentences."""

    def write(text: str = LINES, **member):
        path = tmp_path / "ratings.tar.gz"
        with tarfile.open(path, "w:gz") as file:
            info = tarfile.TarInfo(ratings.FILE)
            info.size = len(text.encode())
            for name, value in member.items():
                setattr(info, name, value)
            file.addfile(info, io.BytesIO(text.encode()))
        monkeypatch.setattr(package, "find", lambda _: path)
        monkeypatch.setattr(cache, "verify", lambda path, published: "")
        ratings._read.cache_clear()

    yield write
    ratings._read.cache_clear()


def test_sentences_come_with_what_people_made_of_them(archive):
    archive()
    good, dull = ratings.rated_sentences()
    assert (good.text, good.rating, good.positive) == ("A good film & a long one.", 2.5, True)
    assert not dull.positive
    assert len(ratings.rated_sentences(clear=0)) == 3


def test_the_split_hangs_on_the_words_alone():
    assert ratings.part_of("A  good film!") == ratings.part_of("a good film")
    parts = [ratings.part_of(f"film number {number}") for number in range(2000)]
    for part, (first, end) in ratings.PARTS.items():
        assert parts.count(part) / 2000 == pytest.approx((end - first) / 100, abs=0.03)
    # These must stay where they are: scores were measured with them.
    fixed = [ratings.part_of(text) for text in ("a masterpiece", "a mess", "so so", "a bore", "a delight")]
    assert fixed == ["train", "train", "train", "train", "validation"]


def test_the_parts_are_disjoint_and_whole(archive):
    archive("".join(f"{n}\t{1 + n % 2}\tsentence {n}\n" for n in range(200)))
    parts = [{s.text for s in ratings.rated_sentences(part)} for part in ratings.PARTS]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 200
    with pytest.raises(CourseError, match="There is no part 'test'"):
        ratings.rated_sentences("test")


@pytest.mark.parametrize(
    ("text", "member", "message"),
    [
        ("1\tgood\tA film.\n", {}, "a number, a rating and a sentence"),
        ("1\t2.0\n", {}, "a number, a rating and a sentence"),
        ("1\tnan\tA film.\n", {}, "a rating of nan"),
        ("1\t9\tA film.\n", {}, r"a rating of 9\.0"),
        ("", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "not the list of sentences"),
    ],
)
def test_another_file_is_refused(archive, text, member, message):
    archive(text, **member)
    with pytest.raises(CourseError, match=message):
        ratings.rated_sentences()


def test_without_them_a_sentence_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr(package, "find", lambda _: None)
    ratings._read.cache_clear()
    with pytest.raises(CourseError, match="course fetch sentiment"):
        ratings.rated_sentences()


def test_a_damaged_data_set_is_fetched_again(tmp_path, monkeypatch):
    (tmp_path / "damaged").write_bytes(b"not what it was")
    fetched = []
    monkeypatch.setattr(package, "find", lambda _: tmp_path / "damaged")
    monkeypatch.setattr(package, "fetch", lambda file: fetched.append(file) or tmp_path / "fresh")
    assert data_sets.fetch("sentiment") == tmp_path / "fresh"
    assert fetched == [ratings.RATED]
