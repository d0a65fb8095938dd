"""Bad inputs for every `course` command, as many as one likes: each list of arguments has at least one thing in it that can't be."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

HOSTILE = (
    "", " ", "\t\n", "-1", "nan", "1e999", "9" * 400, "0x10", "None", "true", "../../../etc/passwd", "a" * 300,
    "b" * 5_000, "/dev/zero", "/dev/null", "/proc/self/mem", "~nobody/x", "x\ny", "\x1b[31mred\x07", "\u202egnp.x",
    "e\u0301\u0300", "\U0001f600" * 40, "%s%n%d", "$(touch canary)", "`touch canary`", "; touch canary", "[", "{}",
    "sample:", "sample:../cat", "hub:", "hub:..", "hub:/etc", "hub:https://example.com/x", "http://127.0.0.1:9/x.png",
    "file:///etc/passwd", "webcam:x", "\udcff\udc80", "con", "a\\b", "'", '"', "\u2028",
)  # fmt: skip
WORDS = ("", "x", "1.5.", "nan?", "--", "0x", "1,5", "\u0664x", "[]")  # no number of any kind
SUFFIXES = {
    "picture": (".jpg", ".png", ".gif", ".webp", ".tif", ".bmp", ".avif", ".jp2", ".heic", ".txt", ""),
    "sound": (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".m4a", ".txt", ""),
    "weights": (".h5", ".keras", ".pth", ".pt", ".pkl", ".safetensors", ".gguf", ".ckpt", ".tar.gz", ".npz", ""),
}  # fmt: skip
STARTS = (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x24\0\0\0WAVEfmt ", b"fLaC", b"OggS\0\x02", b"PK\x03\x04",
          b"\x89HDF\r\n\x1a\n", b"GGUF\x03\0\0\0", b"\x80\x02cos\nsystem\n(S'touch canary'\ntR.", b"\x1f\x8b\x08", b"<html>", b"{}")  # fmt: skip

LESS_THAN_1 = ("0", "-1", "-99999999999")
NOT_POSITIVE = ("-1", "-0.5", "nan", "-inf")
NO_PART = ("-0.1", "1.1", "nan", "inf", "-inf")
NO_SEED = ("-1", "0.5", "1e3")
SEEDS = (
    "-1",
    "99999999999999999999999",
)  # a training's has at most 32 bits, a drawing's as many as one likes
ENGINES = ("tensorrt", "TF", " tf", "")
NO_CLUSTER = (
    " ",
    "local",
    "local:0",
    "local:x",
    "local:99999999999",
    "host",
    "host:0",
    "ray://",
    "http://a:1",
    "a:1:2",
    "x\ny:1",
)
NANO = ("--model", "resnet_nano")
GPT = ("complete", "The word")


class BadInputs:
    """Draws commands that can't succeed.

    Args:
        folder: an empty one, for the files that are drawn as well.
        seed: of what is drawn.
    """

    def __init__(self, folder: Path, seed: int):
        self.folder, self.dice, self.count = folder, np.random.default_rng(seed), 0
        folder.mkdir(exist_ok=True)
        self.picture = str(folder / "good.png")
        Image.new("RGB", (40, 40), "blue").save(self.picture)

    def drawn(self, command: str) -> list[str]:
        """Return the arguments of one bad call of a command."""
        ways = (self._usage, self._usage, *[lambda name: self._told(WAYS[name])] * 6)
        return self._one(ways)(command)

    def _usage(self, command: str) -> list[str]:
        """A call whose options no command has."""
        odd = (f"--{self._one(('x', 'modell', 'out-', '0', 'über'))}", "-z", "--json=x")
        return [command, *map(str, self.dice.permutation([self._one(odd), *self._some(HOSTILE, 2)]))]

    def _told(self, ways) -> list[str]:
        """Fill in one of the ways that are known for a command."""
        return [self._filled(part) for part in self._one(ways)]

    def _filled(self, part):
        if isinstance(part, tuple):
            return self._one(part)
        return getattr(self, f"_{part[1:]}")() if part.startswith("@") else part

    def _good(self) -> str:
        return self.picture

    def _name(self) -> str:
        """A text that names no model, no file and no lesson, and is no option either."""
        name = self._one(HOSTILE) if self.dice.random() < 0.5 else self._letters()
        return (
            f"no{name}"
            if name.startswith("-") or os.path.exists(name) or name.startswith("sample:")
            else name
        )

    def _letters(self) -> str:
        return "\u00bf" + "".join(
            map(chr, self.dice.integers(33, 0x2FF, self.dice.integers(1, 30)))
        )  # no name has that sign

    def _new(self) -> str:
        """A file in a folder that there is not."""
        return str(self.folder / "missing" / f"{self.count}.npz")

    def _bad_picture(self) -> str:
        return self._bad_file("picture")

    def _bad_sound(self) -> str:
        return self._bad_file("sound")

    def _bad_weights(self) -> str:
        return self._bad_file("weights")

    def _bad_folder(self) -> str:
        """A folder that has nothing in it that can be used; or that does not exist."""
        self.count += 1
        place = self.folder / f"folder {self.count}"
        place.mkdir()
        for _ in range(self.dice.integers(3)):
            (place / f"{self.dice.integers(99)}").mkdir(exist_ok=True)
        return str(place if self.dice.random() < 0.7 else place / "missing")

    def _bad_file(self, kind: str) -> str:
        """A file that is not what its name says, a pipe that nobody fills, a link to itself, or none."""
        self.count += 1
        path = self.folder / f"{self.count}{self._one(SUFFIXES[kind])}"
        which = self.dice.random()
        if which < 0.05:
            os.mkfifo(path)
        elif which < 0.1:
            path.symlink_to(path)
        elif which < 0.95:
            path.write_bytes(self._one(STARTS) + self.dice.bytes(self.dice.integers(0, 400)))
        return str(path)

    def _one(self, things):
        return things[self.dice.integers(len(things))]

    def _some(self, things, most: int) -> list:
        return [self._one(things) for _ in range(self.dice.integers(most + 1))]


# What can't be, command by command; "@" stands before what is drawn, a tuple is a choice.
PICTURES = (
    ["@name"], ["@bad_picture"], ["@bad_folder"], ["@bad_picture", "@bad_picture"], ["@good", "--model", "@name"],
    ["@good", "--weights", "@name"], ["@good", *NANO, "--weights", "@bad_weights"], ["@good", "--model", "@bad_folder"],
    ["@good", "--model", "mobilenet_v2", "--weights", "@bad_weights"], [],
    [("/dev/zero", "/dev/null", "/proc/self/mem", "/proc/self/fd", "/etc/passwd")],
    ["@good", "--model", "gpt_nano"], ["@good", "--model", "yolo_v9_t", "--weights", "@bad_weights"],
)  # fmt: skip
LISTS = (
    [],
    ["--list", "@name"],
    ["--list", ("/dev/zero", "/dev/null", "/proc/self/mem")],
    ["--list", "@bad_folder"],
    ["@good", "--list", "@name"],
)
TEXTS = (
    ["--model", "@name"],
    ["--weights", "@bad_weights"],
    ["--weights", "@name"],
    [*NANO],
    ["--seedy", "1"],
)
WAYS = {
    "list": (["@name"], ["*", "--task", "@name"], ["--task"], ["a", "b"]),
    "info": (["@name"], [], ["resnet50", "vgg16"]),
    "fetch": (["@name"], [], ["resnet50", "--grade", ("gold", "Official", " ", "x\ny")], ["resnet_nano", "--grade", "official"], ["@name", "@name"],
              ["resnet50", "--from", "@bad_folder"], ["--all", "--from", "@bad_picture"], ["--all", "--from", "@name"],
              ["resnet50", "--for", ("home", "", "classrooms"), "@bad_folder"], ["resnet50", "--for", "classroom"]),
    "facts": (["@name"], ["@name", "--json"], ["a", "b"]),
    "doctor": (["@name"], ["--fix"]),
    "progress": (["@name"], ["--jso"], ["--export", ("a.txt", "", "a"), "--name", "Ada"], ["--export", "a.csv"],
                 ["--export", "a.json", "--name", ("", " ", "x\ny", "a" * 500)], ["--collect", "@bad_folder"], ["--collect", "@bad_picture"],
                 ["--collect", "@name"]),
    "teach": (["@name"], ["99"], ["00", "01"]),
    "tour": (["@good"], ["--ou", "a.html"], ["--out", ("/dev/null/x", "/dev/null/x.html", "/dev/zero")]),
    "lab": (["@name"], ["99"], ["00", "01"]),
    "run": (["@name"], ["99"], []),
    "classify": (*PICTURES, ["@good", "--top", LESS_THAN_1], ["@good", "--top", WORDS], ["@good", "--engine", ENGINES],
                 ["@good", "--cluster", NO_CLUSTER], ["@good", "--cluster", "local:2", "--engine", "onnx"],
                 *LISTS),
    "caption": (*PICTURES[:6], ["@good", *NANO]),
    "features": (
        *[[*way, "--out", "a.npz"] for way in PICTURES[:9]], ["@good"], ["@good", "--out", "@name"],
        ["@good", *NANO, "--out", "@new"], ["@good", "--out", "a.npz", "--engine", ENGINES],
        ["@good", "--out", "a.npz", "--cluster", NO_CLUSTER], *[[*way, "--out", "a.npz"] for way in LISTS],
    ),
    "detect": (
        *PICTURES[:6], ["@good", *NANO], ["@good", "--score", NO_PART], ["@good", "--score", WORDS],
        ["@good", "--engine", ENGINES], ["@good", "--out", "a.txt"], ["webcam:", "--out", "a.txt"], ["webcam:9x"],
        ["@bad_picture", "--out", "a.mp4"], ["a.mp4"], ["a.mp4", "b.mp4"], ["@good", "@good", "--out", "a.png"],
    ),
    "pretrain": (["@name"], [], ["resnet50"], ["resnet_nano", "--images-seen", (*LESS_THAN_1, *WORDS)],
                 ["resnet_nano", "--seed", WORDS], ["resnet_nano", "--repeat", "--out", "a"]),
    "finetune": (
        ["@bad_folder", "--out", "out"], ["@name", "--out", "out"], ["@bad_picture", "--out", "out"], ["@bad_folder"],
        *[["@bad_folder", "--out", "out", option, values] for option, values in (
            ("--epochs", ("-1", *WORDS)), ("--learning-rate", NOT_POSITIVE), ("--decay", ("0.5", "nan")),
            ("--unfreeze", NO_PART), ("--batch-size", LESS_THAN_1), ("--shift", ("-1",)), ("--zoom", NO_PART),
            ("--copies", ("-1",)), ("--patience", LESS_THAN_1), ("--validation-split", NO_PART), ("--seed", SEEDS), ("--cluster", NO_CLUSTER))],
    ),
    "generate": (
        [], ["--out", "@name", "--model", "@name"], ["--out", "a.png", "--model", "@name"], ["--out", "a.png", "--model", "gpt_nano"],
        ["--out", "a.png", "--n", (*LESS_THAN_1, *WORDS)], ["--out", ("a.txt", "a.png.exe", "a.pngg")], ["--walk", ("a.png", "", "gif")],
        ["--out", "a.png", "--columns", (*LESS_THAN_1, *WORDS)], ["--out", "a.png", "--truncation", (*NOT_POSITIVE, "1.5", *WORDS)],
        ["--out", "a.png", "--seed", NO_SEED], ["--out", "a.png", "--class", ("", "no such kind", "77", "9" * 50, "9" * 5_000, "\udcff")],
        ["--out", "a.png", "--n", ("1000000", "99999999999")], ["--out", "a.png", "--weights", "@bad_weights"],
        ["--out", "a.png", "--model", "stylegan2_ffhq", "--weights", "@bad_weights"], ["--out", "a.png", "--model", "biggan_deep_128"],
    ),
    "export": (
        [], ["mobilenet_nano"], ["@name", "out"], ["@bad_folder", "out"], ["mobilenet_nano", "out", "--format", ("onxx", "", "ONNX ", "x\ny", "a" * 5_000)],
        ["mobilenet_nano", "@good"], ["mobilenet_nano", "out", "--format", "litert-int8"], ["gpt_nano", "out"], ["yolo_v8_nano", "out"],
        ["mobilenet_nano", "out", "--format", "litert-int8", "--examples", "@bad_folder"], ["mobilenet_nano", ("/dev/null/x", "/proc/x/y", "/dev/zero")],
        ["mobilenet_nano", "out", "--format", "page"], ["mobilenet_nano", "out", "--weights", "@bad_weights"],
    ),
    "serve": (
        [], ["@name"], ["@bad_folder"], ["@bad_picture"], ["@bad_folder", "--port", ("0", "-1", "80", "70000", *WORDS)],
        ["@bad_folder", "--format", "@name"], ["@bad_folder", "--batch", (*LESS_THAN_1, *WORDS)], ["@bad_folder", "--public"],
    ),
    "transcribe": (
        ["@bad_sound"], ["@name"], ["@bad_folder"], ["@bad_sound", "@bad_sound"], [], ["@bad_sound", "--model", "@name"],
        ["@bad_sound", "--beams", (*LESS_THAN_1, *WORDS)], ["@bad_sound", "--weights", "@bad_weights"], ["@bad_picture"],
    ),
    "speak": (
        *[["put the cup", "--out", "a.wav", *way] for way in TEXTS[:4]], ["put the cup"], ["put the cup", "--out", ("a", "a.txt", "a.m4a", "")],
        [("", " ", "_", "\x00"[:0], "漢字", "\udcff"), "--out", "a.wav"], ["put", "--out", "a.wav", "--vocoder", ("", "x", "resnet_nano")],
        ["put", "--out", "a.wav", "--seed", SEEDS],
    ),
    "complete": (
        *[[*GPT[1:], *way] for way in TEXTS], [], ["", "--length", "3"], ["\udcff"], [GPT[1], "--length", (*LESS_THAN_1, *WORDS)],
        [GPT[1], "--temperature", NOT_POSITIVE], [GPT[1], "--temperature", "1", "--top-k", "-1"], [GPT[1], "--top-k", "5"],
        [GPT[1], "--temperature", "1", "--top-p", (*NO_PART, "0")], [GPT[1], "--repetition-penalty", (*NOT_POSITIVE, "0")],
        [GPT[1], "--beams", LESS_THAN_1], [GPT[1], "--beams", "2", "--temperature", "1"], [GPT[1], "--chat"], [GPT[1], "--chat", "--beams", "2"],
        ["a" * 50_000], [GPT[1], "--stop", ""], [GPT[1], "--temperature", "1", "--seed", NO_SEED],
    ),
    "transform": (
        *[["words: 17", *way] for way in TEXTS], [], [("", " ", "17", "word 17", "\udcff")], ["words: 17", "--length", LESS_THAN_1],
        ["words: 17", "--beams", (*LESS_THAN_1, *WORDS)], ["words: " + "1" * 50_000],
    ),
}  # fmt: skip
WAYS = {command: tuple([command, *way] for way in ways) for command, ways in WAYS.items()}
