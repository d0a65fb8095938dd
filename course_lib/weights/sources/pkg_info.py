"""Stands in for setuptools where pip only wants to know what a source archive is called: runs nothing of the archive.

pip loads this file as `setuptools.build_meta`, in a process of its own, in the folder of the unpacked archive.
"""

import shutil
from email.parser import HeaderParser
from pathlib import Path


class __legacy__:  # the backend of archives without a pyproject.toml; with one, an archive names its own, and is not for us
    @staticmethod
    def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings=None) -> str:
        """Copy the archive's PKG-INFO to where pip looks for metadata, and return the folder's name."""
        with open("PKG-INFO", encoding="utf-8", errors="replace") as file:
            said = HeaderParser().parse(file)
        name = f"{said['Name']}-{said['Version']}.dist-info".replace("/", "_")
        folder = Path(metadata_directory, name)
        folder.mkdir()
        shutil.copyfile("PKG-INFO", folder / "METADATA")
        return name
