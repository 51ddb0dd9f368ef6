"""Signs whose place OpenStreetMap knows: what they say, and where they stand."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from gazetteer.errors import GazetteerError
from gazetteer.names import plain

MEMBER = "signs.tsv"
MOST_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class KnownSign:
    """A sign on a map.

    Attributes
    ----------
    lon, lat
        Degrees, EPSG:4326: of the sign, or of the beginning of the road whose sign it is.
    kind
        The tag ``traffic_sign``, or ``destination`` for what a road leads to.
    text
        Its names, joined by ``;``.
    ref
        Route numbers on it, joined by ``;``.
    """

    lon: float
    lat: float
    kind: str
    text: str
    ref: str = ""

    def names(self, name: str) -> bool:
        """Tell whether the sign carries a name, in any case.

        Examples
        --------
        >>> KnownSign(31.3, 51.5, "destination", "Київ;Чернігів").names("ЧЕРНІГІВ")
        True
        """
        wanted = plain(name)
        return any(plain(part) == wanted for part in self.text.split(";"))


def packed_signs(signs: Iterable[KnownSign]) -> bytes:
    """Write signs as a tab-separated table."""
    stream = io.StringIO()
    table = csv.writer(stream, delimiter="\t", lineterminator="\n")
    table.writerow([field.name for field in fields(KnownSign)])
    table.writerows(sorted({(round(s.lon, 6), round(s.lat, 6), *astuple(s)[2:]) for s in signs}))
    return stream.getvalue().encode()


def known_signs(path: str | Path) -> tuple[KnownSign, ...]:
    """Read the signs that a gazetteer file knows; none where it was built without OpenStreetMap.

    Raises
    ------
    GazetteerError
        The file is no gazetteer file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if MEMBER not in archive.namelist():
                return ()
            if archive.getinfo(MEMBER).file_size > MOST_BYTES:
                raise ValueError(f"{MEMBER} is larger than {MOST_BYTES} bytes")
            rows = csv.DictReader(io.StringIO(archive.read(MEMBER).decode()), delimiter="\t")
            return tuple(
                KnownSign(float(row["lon"]), float(row["lat"]), row["kind"], row["text"], row["ref"]) for row in rows
            )
    except (OSError, ValueError, KeyError, TypeError, csv.Error, zipfile.BadZipFile) as error:
        raise GazetteerError(f"{path}: the signs of this gazetteer file cannot be read: {error}") from error
