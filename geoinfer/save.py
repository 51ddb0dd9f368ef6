"""Saving a case: every file of the output folder, and the ledger that vouches for them.

Each file is written under a temporary name and renamed when it is whole, so that an interrupted run leaves no half
file. The ledger comes last. A case that stands there already, untouched and the same, is not written again.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from geoinfer.corrections import FILE_NAME as CORRECTIONS
from geoinfer.corrections import corrections_bytes
from geoinfer.errors import LedgerError
from geoinfer.escape import plain
from geoinfer.geopackage import write_gpkg
from geoinfer.kept_readings import kept_hashes
from geoinfer.kml import write_kml
from geoinfer.ledger import CACHE, EARLIER, LEDGER_NAME, OUTPUT, PHOTO, SEAL, Ledger, file_hash
from geoinfer.map import base_of, save_map, tile_server
from geoinfer.one_page import one_page
from geoinfer.program import code_sha256, release
from geoinfer.readings_cache import FILE_NAME
from geoinfer.report import build_report, clue_facts, crop_file, report_bytes, usable_crops
from geoinfer.tables import write_csv, write_geojson
from geoinfer.verify import intact, vouched_entries, vouched_files

if TYPE_CHECKING:
    from geoinfer.base_layers import Base
    from geoinfer.result import Findings


OWN_CROP = re.compile(r"crops/photo-[0-9a-f]+_r[0-9]+\.png")
"""Names that crops get here: nothing else is ever removed."""
BROKEN = "broken"
DRAWN = ("sites.csv", "sites.geojson", "sites.kml", "case.gpkg", "map.html", "report.html")
"""Files that take time to make; those that need a background come last."""
HALF_WRITTEN = re.compile(r"\.partial-[a-z0-9_]{8}")


def save_case(findings: Findings, out: Path, *, tiles: str = "none") -> None:
    """Write map, report, tables, crops and ledger of a case.

    The same findings give the same bytes in every file. A case saved into the same folder before is replaced: files
    that its ledger lists and this one does not are removed; nothing else is.

    Parameters
    ----------
    findings
        What an inference found.
    out
        The folder to write to; it is made where it is missing.
    tiles
        Background of the map: ``none``, ``osm`` or the URL template of a tile server.

    Raises
    ------
    ValueError
        If `tiles` is none of these.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    tile_server(tiles)
    linked = [name for name in ("crops", FILE_NAME) if (out / name).is_symlink()]
    if linked:
        raise FileExistsError(f"{out / linked[0]} is a link: nothing is written through it")
    last = _last_ledger(out)
    _clear_half_written(out)
    report = build_report(findings)
    ledger, kept = case_ledger(findings, report, out, tiles), kept_hashes(out, settle=True)
    contents = _contents(findings, report)
    if _stands_already(out, last, ledger, contents, kept):
        return
    (out / LEDGER_NAME).unlink(missing_ok=True)  # a ledger must never stand beside files it does not know
    (out / "crops").mkdir(exist_ok=True)
    # The background is geometry, which leaves the interpreter to others.
    with ThreadPoolExecutor(1) as pool:
        writers = _writers(findings, report, tiles, pool.submit(base_of, findings).result)
        for name, content in contents.items():
            write_whole(out / name, content)
        for name, write in writers.items():
            _through_temporary(out / name, write)
    written = [*contents, *writers]
    for name in _files_of_last_run(last) - set(written):
        (out / name).unlink(missing_ok=True)
    for record in _not_to_be_forgotten(last):
        ledger.append(EARLIER, record=record)
    if kept:
        ledger.append(CACHE, entries=kept)
    for name in written:
        ledger.append(OUTPUT, file=name, sha256=file_hash(out / name), bytes=(out / name).stat().st_size)
    ledger.append(SEAL, files=len(written))
    write_whole(out / LEDGER_NAME, ledger.to_bytes())


def _contents(findings: Findings, report: Mapping[str, Any]) -> dict[str, bytes]:
    """Give the files that are made of the findings alone, without drawing anything."""
    contents = {"report.json": report_bytes(report)}
    if findings.corrections:
        contents[CORRECTIONS] = corrections_bytes(plain(findings.corrections), plain(findings.about))
    crops = {crop_file(reading_id): png for reading_id, png in usable_crops(findings).items()}
    return contents | crops


def _writers(
    findings: Findings, report: Mapping[str, Any], tiles: str, base: Callable[[], Base]
) -> dict[str, Callable[[Path], None]]:
    """Give what writes each of the `DRAWN` files."""
    writers: tuple[Callable[[Path], None], ...] = (
        lambda path: write_csv(findings, path),
        lambda path: write_geojson(findings, path),
        lambda path: write_kml(findings, path),
        lambda path: write_gpkg(findings, path),
        lambda path: save_map(findings, path, tiles, base(), report),
        lambda path: _write(path, one_page(findings, base(), report).encode("utf-8")),
    )
    return dict(zip(DRAWN, writers, strict=True))


def _stands_already(
    out: Path,
    last: tuple[dict[str, Any], ...],
    ledger: Ledger,
    contents: Mapping[str, bytes],
    kept: Mapping[str, str],
) -> bool:
    """Tell whether the same program wrote the same case before, and every file of it is as it was written."""
    at = len(ledger.records) - 1
    # The hash of a record stands for all before it: the program, what went in, and what came out.
    if len(last) <= at or last[at]["hash"] != ledger.head or last[-1]["step"] != SEAL or vouched_entries(last) != kept:
        return False
    made = {name: sha256(content).hexdigest() for name, content in contents.items()}
    vouched = vouched_files(last)
    same = vouched.keys() == {*made, *DRAWN} and made.items() <= vouched.items()
    return same and intact(out, vouched)


def case_ledger(findings: Findings, report: Mapping[str, Any], out: Path, tiles: str) -> Ledger:
    """Record what went in and what came out of an inference, as its report says it, up to the files written.

    Where a photo was found is kept as seen from `out`, so that `geoinfer.verify.verify_case` finds it again from any
    folder, and on another machine if both were moved together.
    """
    ledger = Ledger()
    ledger.append("program", name="geoinfer", version=release(), code=code_sha256())
    ledger.append("settings", settings=findings.settings, tiles=tiles)
    for source in findings.sources:
        ledger.append("source", source=source)
    found = _seen_from(out, findings.origins)
    for photo in findings.photos:
        place = {"found": found[photo.file]} if photo.file in found else {}
        ledger.append(PHOTO, file=photo.file, sha256=photo.sha256, signs=[sign.id for sign in photo.signs], **place)
    for problem in findings.problems:
        ledger.append("problem", problem=problem)
    for correction in findings.corrections:
        ledger.append("correction", correction=correction)
    for observation in findings.observations:
        ledger.append("observation", observation=observation)
    for clue in findings.clues:
        ledger.append("clue", clue=clue_facts(clue))
    ledger.append(
        "inference",
        verdict=report["verdict"],
        regions=report["regions"],
        sites=[{key: site[key] for key in ("rank", "name", "probability")} for site in report["sites"]],
        elsewhere=report["elsewhere"],
        notes=report["notes"],
    )
    return ledger


def _seen_from(out: Path, origins: Mapping[str, Path]) -> dict[str, str | None]:
    """Say where files lie as seen from a folder; None on another drive."""
    folders: dict[Path, Path | None] = {}
    for folder in {path.parent for path in origins.values()}:
        try:
            folders[folder] = Path(os.path.relpath(folder.absolute(), out.absolute()))
        except ValueError:
            folders[folder] = None
    seen = {name: (folders[path.parent], path.name) for name, path in origins.items()}
    return {name: None if folder is None else (folder / file).as_posix() for name, (folder, file) in seen.items()}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old content or the new, never a half."""
    _through_temporary(path, partial(_write, content=content))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _through_temporary(path: Path, write: Callable[[Path], None]) -> None:
    # The suffix stays last: GDAL chooses and checks its driver by it.
    # A folder of its own, which nobody could have put a link into before.
    with TemporaryDirectory(prefix=".partial-", dir=path.parent) as folder:
        temporary = Path(folder) / f"{path.stem}{path.suffix}"
        write(temporary)
        temporary.replace(path)


def _last_ledger(out: Path) -> tuple[dict[str, Any], ...]:
    """Read the records of an earlier run into the folder; a broken ledger vouches for nothing but its being broken."""
    if not (out / LEDGER_NAME).exists():
        return ()
    try:
        return Ledger.from_file(out / LEDGER_NAME).records
    except LedgerError:
        note = "the ledger of an earlier run into this folder was broken"
        return ({"step": BROKEN, "facts": {"note": note}},)


def _not_to_be_forgotten(last: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what an earlier ledger holds of publications and of one's being broken."""
    unwrapped = [one["facts"].get("record") if one["step"] == EARLIER else one for one in last]
    return [one for one in unwrapped if isinstance(one, dict) and one.get("step") in ("publication", "embargo", BROKEN)]


def _files_of_last_run(last: tuple[dict[str, Any], ...]) -> set[str]:
    """Give the files that an earlier run's ledger lists and that a run may remove."""
    return {name for name in vouched_files(last) if OWN_CROP.fullmatch(name) or name == CORRECTIONS}


def _clear_half_written(out: Path) -> None:
    """Remove what a run that was killed while it wrote left behind."""
    for folder in (out, out / "crops"):
        for path in folder.glob(".partial-*"):
            if path.is_dir() and not path.is_symlink() and HALF_WRITTEN.fullmatch(path.name):
                shutil.rmtree(path)
