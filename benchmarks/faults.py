"""Thousands of damaged files: nothing crashes, nothing hangs, no file goes unlisted. `make bench-faults`.

Takes small photos of every format, an archive and a video, and damages copies of them: cut short, bytes flipped, blocks
overwritten, wrong suffixes, metadata that lies, headers that promise 60,000 x 60,000 pixels. Seeded.

    python benchmarks/faults.py --files 5000 --jobs 2
"""

from __future__ import annotations

import argparse
import io
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pillow_heif
from PIL import Image

from geoinfer.pipeline import Step, read_photos

SIDE = (96, 64)
LONGEST_SECONDS = 30.0
PICTURES = 100
"""Different ones, since what shows the same picture is read once."""


def originals(seed: int) -> dict[str, bytes]:
    """Make one small file of every kind."""
    pillow_heif.register_heif_opener()
    picture = np.random.default_rng(seed).integers(0, 255, (6, 9, 3), dtype=np.uint8)
    image = Image.fromarray(picture).resize(SIDE, Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = 6, "Maker", "Model"
    made = {}
    for suffix, options in (("jpg", {"exif": exif}), ("png", {}), ("webp", {}), ("tif", {}), ("gif", {}), ("bmp", {}),
                            ("heic", {})):  # fmt: skip
        stream = io.BytesIO()
        image.save(stream, {"jpg": "JPEG", "tif": "TIFF", "heic": "HEIF"}.get(suffix, suffix.upper()), **options)
        made[suffix] = stream.getvalue()
    for name, mode in (("cmyk.jpg", "CMYK"), ("deep.png", "I;16"), ("palette.png", "P")):
        stream = io.BytesIO()
        source = (
            Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257) if mode == "I;16" else image.convert(mode)
        )
        source.save(stream, "JPEG" if name.endswith("jpg") else "PNG")
        made[name] = stream.getvalue()
    stream = io.BytesIO()
    image.save(stream, "GIF", save_all=True, append_images=[image.rotate(90), image.rotate(180)])
    made["animated.gif"] = stream.getvalue()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.jpg", made["jpg"])
        archive.writestr("deep.zip", made["jpg"])
    made["zip"] = stream.getvalue()
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "v.mp4"
        writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"mp4v"), 5, SIDE)
        for angle in range(0, 360, 40):
            writer.write(np.asarray(image.rotate(angle)))
        writer.release()
        made["mp4"] = clip.read_bytes()
    return made


def cut(data: bytearray, draw: random.Random) -> None:
    """Cut a file short."""
    del data[draw.randrange(len(data)) :]


def flip(data: bytearray, draw: random.Random) -> None:
    """Flip some bits."""
    for _ in range(draw.choice((1, 3, 30))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def overwrite(data: bytearray, draw: random.Random) -> None:
    """Overwrite a block with one byte or with noise."""
    at, length = draw.randrange(len(data)), draw.choice((4, 64, 1024))
    data[at : at + length] = bytes([draw.choice((0, 255))]) * length if draw.random() < 0.5 else draw.randbytes(length)


def flip_head(data: bytearray, draw: random.Random) -> None:
    """Change the head, where sizes and kinds stand."""
    for _ in range(3):
        data[draw.randrange(min(200, len(data)))] = draw.randrange(256)


def huge(data: bytearray, draw: random.Random) -> None:
    """Put a PNG in the place that promises 60,000 x 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, draw.choice((8, 16)), 2, 0, 0, 0)
    data[:] = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def lie(data: bytearray, draw: random.Random) -> None:
    """Put a block of metadata that refers to itself and beyond its end into a JPEG, or in front of anything else."""
    ifd = struct.pack("<H", 50) + b"".join(
        struct.pack(
            "<HHII", draw.choice((0x8769, 0x8825, 0x0112, 0x9003)), draw.randrange(13), draw.choice((1, 2**31)), 8
        )
        for _ in range(50)
    )
    body = b"Exif\0\0II*\0\x08\0\0\0" + ifd
    data[2:2] = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def grow(data: bytearray, draw: random.Random) -> None:
    """Append what does not belong there."""
    data += draw.randbytes(draw.choice((1, 1000, 100_000)))


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (cut, flip, overwrite, flip_head, huge, lie, grow)


def damage(folder: Path, count: int, seed: int) -> list[str]:
    """Write damaged files; give their names."""
    pictures = [originals(seed * 1_000 + n) for n in range(PICTURES)]
    names = []
    for number in range(count):
        draw = random.Random(seed * 1_000_003 + number)
        sources = draw.choice(pictures)
        kind = draw.choice(sorted(sources))
        data = bytearray(sources[kind])
        harm = draw.choice(DAMAGES)
        for _ in range(draw.choice((1, 1, 2))):
            if data:
                harm(data, draw)
        suffix = draw.choice(sorted(sources)) if draw.random() < 0.1 else kind
        names.append(f"{number:05d}-{harm.__name__}.{suffix.rsplit('.', 1)[-1]}")
        (folder / names[-1]).write_bytes(data)
    return names


def unlisted(names: list[str], listed: list[str]) -> list[str]:
    """Give the files that neither photos nor problems mention."""
    told = {name.split("/")[0].split(" at ")[0] for name in listed}
    return [name for name in names if name not in told]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        names = damage(Path(folder), asked.files, asked.seed)
        begun = last = time.monotonic()
        longest, slowest = 0.0, ""

        def follow(step: Step) -> None:
            nonlocal last, longest, slowest
            now = time.monotonic()
            if now - last > longest:
                longest, slowest = now - last, step.file
            last = now

        harvest = read_photos([folder], jobs=asked.jobs, progress=follow)
        listed = [photo.file for photo in harvest.photos] + [problem["file"] for problem in harvest.problems]
        missing = unlisted(names, listed)
        crashed = [one for one in harvest.problems if "crash" in one["error"] or "too long" in one["error"]]
        print(f"{asked.files} damaged files in {time.monotonic() - begun:.0f} s: {len(harvest.photos)} could be read, "
              f"{len(harvest.problems)} problems, {len(crashed)} took a process down or too long, {len(missing)} "
              f"unlisted; longest wait for a file {longest:.1f} s ({slowest})")  # fmt: skip
        for one in crashed:
            print(f"  {one['file']}: {one['error']}")
        for name in missing:
            print(f"  unlisted: {name}")
        if missing or longest > LONGEST_SECONDS:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
