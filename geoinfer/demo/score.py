"""The demonstration: the whole job on photographs whose true place is known, and how near it came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.geodesy import distance_km

if TYPE_CHECKING:
    from geoinfer.inference import Result
    from geoinfer.photos import PhotoRecord


def run_demo(out: Path, *, jobs: int = 1, seed: int = 0, progress: bool = True) -> Iterator[str]:
    """Render the photographs, run every case, write its results, and say how it did.

    Parameters
    ----------
    out
        Folder; ``photos/CASE`` and ``CASE`` are made in it.
    jobs
        Processes that read at the same time.
    seed
        Seed of the rendered photographs.
    progress
        Whether to show a progress bar.

    Yields
    ------
    Lines to print.
    """
    from geoinfer.case import Case
    from geoinfer.demo.scenes import make_demo
    from geoinfer.progress import progress_line

    photos = out / "photos"
    yield f"rendering photographs into {photos}"
    make_demo(photos, seed=seed)
    for folder in sorted(path for path in photos.iterdir() if (path / "truth.json").is_file()):
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        target = out / folder.name
        target.mkdir(parents=True, exist_ok=True)
        with progress_line(quiet=not progress) as tell:
            case = Case.from_photos(folder, jobs=jobs, cache=target, progress=tell)
        case.settings["seed"] = seed
        result = case.infer()
        result.save(target)
        yield ""
        yield f"{folder.name}: {truth['about']}"
        yield f"  verdict   {result.verdict.text}"
        yield from (f"  {line}" for line in score(result, truth))
        yield from (f"  problem   {problem['file']}: {problem['error']}" for problem in case.problems)
        yield f"  map       {target / 'map.html'}"


def score(result: Result, truth: Mapping[str, Any]) -> list[str]:
    """Compare a result with the truth.

    Parameters
    ----------
    result
        What was inferred.
    truth
        ``lon``, ``lat``, the ``answer`` that honesty allows (``site`` or ``region``), and the signs of every photo.

    Returns
    -------
    Lines: the verdict against the answer, the distance of the first site, the regions that hold the truth, and the
    names that were read.
    """
    from shapely.geometry import Point

    place, findings = Point(truth["lon"], truth["lat"]), result.findings
    lines = [f"answer    {findings.verdict.kind}, and {truth['answer']} is what the photographs allow"]
    if findings.sites:
        first = findings.sites[0]
        away = float(distance_km(first.lon, first.lat, truth["lon"], truth["lat"]))
        lines.append(f"truth     {away:.1f} km from the first site, {first.name} ({first.probability:.0%})")
    for level, region in sorted(findings.regions.items()):
        holds = "holds" if region.geometry.covers(place) else "misses"
        lines.append(f"region    {level:.0%}: {region.area_km2:,.0f} km², {holds} the truth")
    found, wanted = names_read(findings.photos, truth)
    lines.append(f"names     {len(found)} of {len(wanted)} names on signs were read" + _missing(wanted - found))
    return lines


def names_read(photos: tuple[PhotoRecord, ...], truth: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Tell which of the names that the photographs show were read, and which they show at all.

    A name counts once per photograph, and is read when letters and case agree.
    """
    read = {
        f"{photo.file}: {entry.name.casefold()}" for photo in photos for sign in photo.signs for entry in sign.entries
    }
    shown = {
        f"{photo['file']}: {entry['name'].casefold()}"
        for photo in truth["photos"]
        if photo["readable"]
        for sign in photo["signs"]
        for entry in sign["entries"]
    }
    return read & shown, shown


def _missing(names: set[str]) -> str:
    return f"; not read: {', '.join(sorted(names))}" if names else ""
