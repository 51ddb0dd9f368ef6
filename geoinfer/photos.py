"""Photos: files in, upright pixels and EXIF claims out."""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import stat
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geoinfer.errors import PhotoError

if TYPE_CHECKING:
    from PIL import Image

    from geoinfer.signs import Sign

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".heic", ".heif", ".gif", ".bmp")
"""Suffixes, in lower case, by which photos are found in folders."""
FORMATS_TEXT = "JPEG, PNG, WebP, TIFF, HEIC, GIF and BMP"
MAX_PIXELS = 50_000_000
"""Photos with more pixels are scaled down on loading."""
HARD_LIMIT = 170_000_000
"""Photos with more pixels are refused: Pillow itself stops a little above."""
MAX_BYTES = 400_000_000
SMALL_BYTES = 1_000_000
"""Files up to this size are hashed in one piece."""
GLANCE_PIXELS = 40_000


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo that was read, without its pixels.

    Attributes
    ----------
    file
        Path as shown to people, relative to what the user named. Untrusted text.
    sha256
        Hash of the file's bytes, hexadecimal.
    width, height
        Size of the upright photo in pixels.
    exif
        Claims of the file about itself (``taken``, ``camera``, ``gps_lon``, ``gps_lat``). Untrusted; never used
        silently.
    signs
        The signs found in it.
    origin
        Where the file comes from: ``archive``, ``video`` and ``second``, ``posted`` and ``message`` of a channel
        export. Untrusted.
    unread
        Lines left unread because there were too many.
    """

    file: str
    sha256: str
    width: int
    height: int
    exif: dict[str, str | float]
    signs: tuple[Sign, ...]
    origin: dict[str, str | float] = field(default_factory=dict)
    unread: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo in memory.

    Attributes
    ----------
    path
        Where it was read from.
    file
        Path as shown to people. Untrusted text.
    sha256
        Hash of the file's bytes, hexadecimal.
    pixels
        Upright picture: rows x columns x RGB, 8 bits each.
    exif
        Claims of the file about itself: ``taken`` and ``camera`` (text), ``gps_lon`` and ``gps_lat`` (degrees,
        EPSG:4326). Untrusted.
    """

    path: Path
    file: str
    sha256: str
    pixels: NDArray[np.uint8]
    exif: dict[str, str | float]

    @property
    def width(self) -> int:
        """Columns of the upright photo."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows of the upright photo."""
        return int(self.pixels.shape[0])

    def record(self, signs: tuple[Sign, ...] = ()) -> PhotoRecord:
        """Make the record of this photo, which holds no pixels."""
        return PhotoRecord(self.file, self.sha256, self.width, self.height, dict(self.exif), signs)


def load_photo(path: str | Path, *, name: str | None = None, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a photo: hash its bytes, decode it, turn it upright, note what its EXIF claims.

    JPEG, PNG, WebP, TIFF, HEIC, GIF and BMP, in colour, grey, 16-bit, palette or CMYK; transparent parts become white,
    of an animation the first frame is taken.

    Parameters
    ----------
    path
        The file.
    name
        The name to show instead of the file's own.
    max_pixels
        A photo with more pixels is scaled down to about this many.

    Raises
    ------
    PhotoError
        Where there is no such file, it is empty, too large, broken or no photo.
    """
    path = Path(path)
    shown = printable(name or path.name, 200)
    return decode_photo(read_bytes(path, shown), shown, path, max_pixels=max_pixels)


def decode_photo(data: bytes, shown: str, path: Path, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Decode the bytes of a photo; see `load_photo`.

    Raises
    ------
    PhotoError
        Where they are broken, too large or no photo.
    """
    with warnings.catch_warnings():
        # Pillow warns about broken metadata and about size; size is checked below, metadata is only ever a claim.
        warnings.simplefilter("ignore")
        try:
            pixels, exif = _decode(data, shown, max_pixels)
        except PhotoError:
            raise
        except MemoryError as error:
            raise PhotoError(f"{shown}: too large for the memory of this computer") from error
        except Exception as error:  # decoders of hostile files raise nearly anything
            raise PhotoError(
                f"{shown}: broken or not a photo ({printable(str(error), 120)}); valid are {FORMATS_TEXT}"
            ) from error
    return Photo(path, shown, hashlib.sha256(data).hexdigest(), pixels, exif)


def glance(data: bytes, shown: str) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Decode a photo small, which costs a JPEG little, and say how large it is.

    Returns
    -------
    Upright RGB pixels of about `GLANCE_PIXELS`, and the width and height of the upright photo.

    Raises
    ------
    PhotoError
        As `decode_photo`.
    """
    from PIL import Image

    small = decode_photo(data, shown, Path(), max_pixels=GLANCE_PIXELS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        width, height = Image.open(io.BytesIO(data), formats=_formats()).size
    turned = (width > height) != (small.width > small.height)
    return small.pixels, (height, width) if turned else (width, height)


def read_bytes(path: Path, shown: str) -> bytes:
    """Read a file that may be a photo.

    Raises
    ------
    PhotoError
        Where there is no such file, it is empty, too large or not a file.
    """
    with _readable(path, shown):
        return path.read_bytes()


def file_sha256(path: Path, shown: str) -> str:
    """Hash a file without holding it in memory, unless it is small.

    Raises
    ------
    PhotoError
        As `read_bytes`.
    """
    with _readable(path, shown) as size, path.open("rb", buffering=0) as stream:
        if size <= SMALL_BYTES:
            return hashlib.sha256(stream.read()).hexdigest()
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def _readable(path: Path, shown: str) -> Iterator[int]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PhotoError(f"{shown}: not a file; give a photo ({FORMATS_TEXT}) or a folder of photos")
        if status.st_size == 0:
            raise PhotoError(f"{shown}: the file is empty")
        if status.st_size > MAX_BYTES:
            raise PhotoError(
                f"{shown}: {status.st_size / 1e6:.0f} MB is more than the limit of {MAX_BYTES / 1e6:.0f} MB"
            )
        yield status.st_size
    except (OSError, ValueError) as error:
        if isinstance(error, PhotoError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise PhotoError(f"{shown}: cannot be read ({printable(reason, 120)})") from error


@cache
def _formats() -> tuple[str, ...]:
    import pillow_heif
    from PIL import Image

    Image.init()  # opening a file by format does not load the format's decoder by itself
    pillow_heif.register_heif_opener()
    return ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "GIF", "BMP")


def _decode(data: bytes, shown: str, max_pixels: int) -> tuple[NDArray[np.uint8], dict[str, str | float]]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=_formats())
    except Image.DecompressionBombError as error:
        raise PhotoError(f"{shown}: more than the limit of {HARD_LIMIT / 1e6:.0f} million pixels") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{shown}: not a photo; valid are {FORMATS_TEXT}") from error
    with image:
        pixels = image.width * image.height
        if pixels > HARD_LIMIT:
            raise PhotoError(
                f"{shown}: {pixels / 1e6:.0f} million pixels are more than the limit of {HARD_LIMIT / 1e6:.0f} million"
            )
        if max(image.size) > 200 * min(image.size):
            raise PhotoError(f"{shown}: {image.width} x {image.height} pixels is no shape of a photo")
        exif = _claims(image)
        shrink = math.sqrt(max_pixels / pixels) if pixels > max_pixels else 1.0
        size = (max(1, round(image.width * shrink)), max(1, round(image.height * shrink)))
        if shrink < 1:
            image.draft("RGB", size)  # a JPEG is then decoded small, which spares memory
        image.load()
        upright = _eight_bits(image)
        if shrink < 1:
            upright = upright.resize(size, Image.Resampling.LANCZOS)
        with contextlib.suppress(Exception):  # a broken orientation tag leaves the photo as it is
            upright.info.update(image.info)
            upright.getexif()[0x0112] = image.getexif().get(0x0112, 1)
            if upright.getexif()[0x0112] != 1:
                upright = ImageOps.exif_transpose(upright)
        return np.ascontiguousarray(np.asarray(upright, dtype=np.uint8)), exif


def _eight_bits(image: Image.Image) -> Image.Image:
    """RGB with 8 bits, whatever came in; what is transparent becomes white."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0, neginf=0)
        full = 65535.0 if image.mode.startswith("I") and 255 < values.max() <= 65535 else max(float(values.max()), 1.0)
        image = Image.fromarray(np.clip(values / (full if full > 255 else 255.0) * 255, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _claims(image: Image.Image) -> dict[str, str | float]:
    claims: dict[str, str | float] = {}
    try:
        exif = image.getexif()
        more, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    except Exception:  # broken metadata is no reason to refuse a photo
        return claims
    taken = more.get(0x9003) or exif.get(0x0132)
    if isinstance(taken, str) and (text := printable(taken, 40)):
        claims["taken"] = text
    camera = " ".join(
        printable(part, 60) for part in (exif.get(0x010F), exif.get(0x0110)) if isinstance(part, str)
    ).strip()
    if camera:
        claims["camera"] = camera
    lat, lon = _degrees(gps.get(2), gps.get(1), "S", 90), _degrees(gps.get(4), gps.get(3), "W", 180)
    if lat is not None and lon is not None:
        claims["gps_lon"], claims["gps_lat"] = lon, lat
    return claims


def _degrees(parts: Any, side: Any, negative: str, limit: float) -> float | None:
    """Degrees, minutes, seconds and a letter to signed degrees; None where they make no sense."""
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return round(-value if str(side).upper().startswith(negative) else value, 7)


def printable(text: str, longest: int) -> str:
    r"""Put text from strangers on one line: nothing that controls a screen or turns writing round, not too long.

    Examples
    --------
    >>> printable("IMG\u202egpj.exe\n", 20)
    'IMGgpj.exe'
    """
    if text.isascii() and text.isprintable() and len(text) <= longest:
        return text.strip()
    clean = "".join(
        c for c in text[: 4 * longest] if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    )
    return clean.strip() if len(clean) <= longest else clean[: longest - 1].strip() + "…"
