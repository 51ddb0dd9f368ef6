"""Claims: positions that photos give for themselves in EXIF, compared with the answer and never an input to it.

EXIF is written by whoever had the file last. A claim that fits is worth mentioning, and so is one that does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from geoinfer.catchment import Catchment
from geoinfer.geodesy import distance_km
from geoinfer.reasons import short

if TYPE_CHECKING:
    from geoinfer.belief import Belief
    from geoinfer.photos import PhotoRecord
    from geoinfer.result import Region, Site

NEAR_KM = 5.0


def compare_claims(
    photos: Iterable[PhotoRecord], belief: Belief | None, regions: Mapping[float, Region], sites: Iterable[Site]
) -> tuple[dict[str, Any], ...]:
    """Compare the positions that photos claim with what was inferred from their signs.

    Returns
    -------
    One row per photo with a position: ``photo``, ``lon``, ``lat`` (degrees, EPSG:4326), ``within_50``, ``within_90``
    (whether it lies in the regions; None without an answer), ``held`` (belief within 5 km of it) and
    ``km_to_first_site``.
    """
    from shapely.geometry import Point

    first = next(iter(sites), None)
    rows = []
    for photo in photos:
        lon, lat = photo.exif.get("gps_lon"), photo.exif.get("gps_lat")
        if not isinstance(lon, int | float) or not isinstance(lat, int | float):
            continue
        inside = {level: bool(regions[level].geometry.covers(Point(lon, lat))) for level in regions}
        held = Catchment(belief, lon, lat, NEAR_KM).holds(belief.posterior) if belief is not None else None
        rows.append(
            {
                "photo": photo.file,
                "lon": float(lon),
                "lat": float(lat),
                "within_50": inside.get(0.5),
                "within_90": inside.get(0.9),
                "held": held,
                "km_to_first_site": round(float(distance_km(first.lon, first.lat, lon, lat)), 1) if first else None,
            }
        )
    return tuple(rows)


def claim_words(claim: Mapping[str, Any]) -> str:
    """Say in one sentence how a claim compares."""
    where = f"{claim['lat']:.4f}, {claim['lon']:.4f}"
    said = f"{short(claim['photo'])} claims in its EXIF to be taken at {where} (latitude, longitude); this was not used"
    if claim["within_90"] is None:
        return f"{said}, and there is no answer to compare it with."
    fits = "inside the 50 % region" if claim["within_50"] else "inside the 90 % region"
    fits = fits if claim["within_90"] else "outside the 90 % region"
    first = claim["km_to_first_site"]
    return f"{said}. It lies {fits}{f', {first:,.0f} km from the leading site' if first is not None else ''}."
