"""The report: everything that was found, as one JSON document.

Its keys are a contract with notebooks and outside checks: ``verdict``, ``regions``, ``sites``, ``photos``,
``problems``, ``settings`` and ``sources`` stand as the README lists them; ``elsewhere``, ``notes``, ``clues``,
``clusters`` (where the photos show several places), ``observations``, ``corrections``, ``claims`` (EXIF positions),
``excluded`` and ``exif`` come on top. Text stands in it as it was read, not shortened; what shows it has to escape it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from geoinfer.escape import plain, safe_stem, whole

if TYPE_CHECKING:
    from geoinfer.clues import Clue, Mention
    from geoinfer.entries import Entry
    from geoinfer.photos import PhotoRecord
    from geoinfer.readings import Reading
    from geoinfer.result import Cluster, Findings, Region, Site
    from geoinfer.signs import Sign


def build_report(findings: Findings) -> dict[str, Any]:
    """Put the findings into the form of ``report.json``.

    Parameters
    ----------
    findings
        What an inference found.

    Returns
    -------
    dict
        Plain values only: ``json.dumps(report, allow_nan=False)`` always works. Coordinates are degrees in EPSG:4326
        rounded to 6 digits (0.1 m), probabilities to 6 digits, polygons are pixels (x, y) of the upright photo.
    """
    crops = usable_crops(findings)
    clues_by_sign = {clue.sign: clue for clue in findings.clues}
    report = {
        "verdict": {"kind": findings.verdict.kind, "text": findings.verdict.text},
        "regions": _region_facts(findings.regions),
        "sites": [site_facts(site) for site in findings.sites],
        "elsewhere": _probability(findings.elsewhere),
        "notes": list(findings.notes),
        "photos": [_photo_facts(photo, clues_by_sign, crops) for photo in findings.photos],
        "clues": [clue_facts(clue) for clue in findings.clues],
        "clusters": [_cluster_facts(cluster) for cluster in findings.clusters],
        "observations": [dict(one) for one in findings.observations],
        "corrections": [dict(one) for one in findings.corrections],
        "claims": [dict(claim) for claim in findings.claims],
        "excluded": [dict(one) for one in findings.excluded],
        "problems": [dict(problem) for problem in findings.problems],
        "settings": dict(findings.settings),
        "sources": [dict(source) for source in findings.sources],
    }  # fmt: skip
    clean: dict[str, Any] = plain(report)
    return clean


def _region_facts(regions: Mapping[float, Region]) -> dict[str, Any]:
    return {
        f"{level * 100:g}": {"area_km2": round(region.area_km2, 1), "bounds": _bounds(region.geometry)}
        for level, region in sorted(regions.items())
    }


def _cluster_facts(cluster: Cluster) -> dict[str, Any]:
    """Put one of several places into the form of the report's ``clusters``."""
    return {
        "number": cluster.number,
        "clues": list(cluster.clues),
        "photos": list(cluster.photos),
        "verdict": {"kind": cluster.verdict.kind, "text": cluster.verdict.text},
        "regions": _region_facts(cluster.regions),
        "sites": [site_facts(site) for site in cluster.sites],
        "elsewhere": _probability(cluster.elsewhere),
    }


def report_bytes(report: Mapping[str, Any]) -> bytes:
    """Write a report as UTF-8 JSON, indented for people, the same bytes for the same report."""
    return (json.dumps(report, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")


def usable_crops(findings: Findings) -> dict[str, bytes]:
    """Pick the crops that are PNG files: nothing else is written to ``crops/`` or shown on a map."""
    return {name: png for name, png in sorted(findings.crops.items()) if png.startswith(b"\x89PNG\r\n\x1a\n")}


def crop_file(reading_id: str) -> str:
    """Name the file of a reading's crop, relative to the case's folder.

    >>> crop_file("photo-3/r2")
    'crops/photo-3_r2.png'
    """
    return f"crops/{safe_stem(reading_id)}.png"


def site_facts(site: Site) -> dict[str, Any]:
    """Put one site into the form of the report's ``sites``."""
    return {
        "rank": site.rank,
        "name": whole(site.name),
        "names": plain(site.names),
        "kind": site.kind,
        "lon": round(float(site.lon), 6),
        "lat": round(float(site.lat), 6),
        "uncertainty_km": round(float(site.uncertainty_km), 3),
        "uncertainty_m": metres(site.uncertainty_km),
        "radius_km": round(float(site.radius_km), 3),
        "probability": _probability(site.probability),
        "country": site.country,
        "admin1": site.admin1,
        "km_to": {whole(code): round(float(km), 2) for code, km in site.km_to.items()},
        "reasons": [whole(reason) for reason in site.reasons],
    }


def metres(km: float) -> int:
    """Give an uncertainty in metres with two digits: more would claim to know how well it is known.

    >>> metres(0.4637), metres(13.27), metres(0.0)
    (460, 13000, 0)
    """
    return int(float(f"{1000 * km:.2g}"))


def clue_facts(clue: Clue) -> dict[str, Any]:
    """Put one clue into the form of the report's ``clues``."""
    facts: dict[str, Any] = plain(
        {
            "id": clue.id,
            "sign": clue.sign,
            "photo": clue.photo,
            "kind": clue.kind,
            "routes": list(clue.routes),
            "country": clue.country,
            "note": clue.note,
            "mentions": [
                {"name": one.name, "other": one.other, "km": one.km, **_match_facts(one)} for one in clue.mentions
            ],
        }
    )
    return facts


def _photo_facts(photo: PhotoRecord, clues: Mapping[str, Clue], crops: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "file": photo.file,
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "exif": dict(photo.exif),
        "signs": [_sign_facts(sign, clues.get(sign.id), crops) for sign in photo.signs],
    }


def _sign_facts(sign: Sign, clue: Clue | None, crops: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "id": sign.id,
        "kind": sign.kind,
        "colour": sign.colour,
        "polygon": _pixels(sign.polygon),
        "routes": list(sign.routes),
        "readings": [_reading_facts(reading, crops) for reading in sign.readings],
        "entries": [_entry_facts(entry, mention_of(entry, clue)) for entry in sign.entries],
        "clue": clue.id if clue else None,
    }


def _reading_facts(reading: Reading, crops: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "id": reading.id,
        "text": reading.text,
        "script": reading.script,
        "confidence": round(float(reading.confidence), 4),
        "polygon": _pixels(reading.polygon),
        "alternatives": [[text, round(float(share), 4)] for text, share in reading.alternatives],
        "engine": reading.engine,
        "crop": crop_file(reading.id) if reading.id in crops else None,
    }


def _entry_facts(entry: Entry, mention: Mention | None) -> dict[str, Any]:
    looked_up = _match_facts(mention) if mention else {"matches": [], "none": None}
    return {"name": entry.name, "other": entry.other, "km": entry.km, "arrow": entry.arrow, **looked_up}


def mention_of(entry: Entry, clue: Clue | None) -> Mention | None:
    """Find the mention that was made from an entry; the researcher may have corrected or dropped it since."""
    mentions = clue.mentions if clue else ()
    by_readings = [one for one in mentions if one.readings and set(one.readings) == set(entry.readings)]
    by_name = [one for one in mentions if (one.name, one.km) == (entry.name, entry.km)]
    return next(iter(by_readings or by_name), None)


def _match_facts(mention: Mention) -> dict[str, Any]:
    return {
        "matches": [
            {
                "name": match.place.name,
                "names": dict(match.place.names),
                "as": match.name,
                "id": match.place.id,
                "kind": match.place.kind,
                "lon": round(float(match.place.lon), 6),
                "lat": round(float(match.place.lat), 6),
                "uncertainty_m": metres(match.place.uncertainty_km),
                "admin1": match.place.admin1,
                "admin1_name": match.place.admin1_name,
                "country": match.place.country,
                "probability": _probability(match.probability),
            }
            for match in mention.matches.matches
        ],
        "none": _probability(mention.matches.none),
        "further": _probability(mention.matches.further),
    }


def _probability(value: float) -> float:
    return round(float(value), 6)


def _pixels(polygon: tuple[tuple[float, float], ...]) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in polygon]


def _bounds(geometry: Any) -> list[float] | None:
    return None if geometry.is_empty else [round(float(side), 5) for side in geometry.bounds]
