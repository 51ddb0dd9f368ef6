"""What is known of the points along roads before any clue, such as their country: kept from one run to the next.

To find the H3 cells, the countries and the kilometres to two frontiers of all points takes seconds, and they are the
same for every case. They are kept in the user's cache folder, under a name made of all that they follow from; no name,
photo or clue of a case is ever in it. What cannot be read or written there is made anew each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats

DIGEST = 16
MAKERS = (("gazetteer", "borders.py"), ("gazetteer", "frontiers.py"), ("geoinfer", "hexes.py"))
DATA = ("gazetteer", "data/geo/borders.npz")
LIBRARIES = ("h3", "numpy", "scipy", "shapely")


class Ground:
    """Columns of values of all points.

    Parameters
    ----------
    lon, lat
        The points, degrees, EPSG:4326.
    folder
        Where columns are kept.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> for _ in range(2):
    ...     ground = Ground(np.array([30.0, 31.0]), np.array([50.0, 51.0]), folder)
    ...     print(ground.column("sum", np.float64, lambda: print("made") or np.array([80.0, 82.0])).tolist())
    made
    [80.0, 82.0]
    [80.0, 82.0]
    """

    def __init__(self, lon: Floats, lat: Floats, folder: Path | None = None) -> None:
        self._count, self._folder = len(lon), folder or cache_folder()
        self._key = blake2b(lon.tobytes() + lat.tobytes() + made_by(), digest_size=DIGEST).digest()

    def column(self, name: str, kind: npt.DTypeLike, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Give a column that is kept, or make it and keep it.

        Parameters
        ----------
        name
            What the column is, with all that it depends on beside the points, the shipped borders and the code.
        kind
            Data type of its values.
        make
            Makes it; it has one value for each point.
        """
        file = self._folder / f"{blake2b(name.encode(), key=self._key, digest_size=DIGEST).hexdigest()}.column"
        kept = _read(file, np.dtype(kind), self._count)
        if kept is not None:
            return kept
        made = np.ascontiguousarray(make(), dtype=kind)
        with suppress(OSError):
            _write(file, made)
        return made


def cache_folder() -> Path:
    """Give the folder of ``GEOINFER_CACHE`` in the environment, or ``geoinfer`` in the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("GEOINFER_CACHE") or user_cache_path("geoinfer", appauthor=False))


@cache
def made_by() -> bytes:
    """Hash the code, the data and the releases of libraries that columns follow from."""
    parts = [resources.files(package).joinpath(name).read_bytes() for package, name in (*MAKERS, DATA)]
    releases = repr([(name, metadata.version(name)) for name in LIBRARIES])
    return blake2b(b"".join(parts) + releases.encode(), digest_size=DIGEST).digest()


def _read(file: Path, kind: np.dtype[Any], count: int) -> npt.NDArray[Any] | None:
    """Read a column; None where there is none, or it is damaged."""
    try:
        content = file.read_bytes()
        os.utime(file)
    except OSError:
        return None
    digest, values = content[:DIGEST], content[DIGEST:]
    if len(values) != count * kind.itemsize or digest != blake2b(values, digest_size=DIGEST).digest():
        return None
    return np.frombuffer(values, dtype=kind)


def _write(file: Path, column: npt.NDArray[Any]) -> None:
    from gazetteer.indexing import drop_old

    file.parent.mkdir(parents=True, exist_ok=True)
    values = column.tobytes()
    # Another process may write the same column, or read it.
    partial = file.with_suffix(f".{os.getpid()}.part")
    partial.write_bytes(blake2b(values, digest_size=DIGEST).digest() + values)
    partial.replace(file)
    for kept in ("*.column", "*.part"):  # the latter of runs that were killed while they wrote
        drop_old(file.parent, kept)
