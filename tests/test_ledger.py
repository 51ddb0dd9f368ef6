"""A ledger shows every change to the folder that it vouches for."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from findings import make_findings, make_hostile_findings
from hypothesis import given
from hypothesis import strategies as st

from geoinfer import readings_cache
from geoinfer.errors import LedgerError
from geoinfer.kept_readings import kept_hashes
from geoinfer.ledger import START, Ledger, record_hash
from geoinfer.looks import Look
from geoinfer.readings_cache import PhotoSigns, ReadingsCache
from geoinfer.save import save_case
from geoinfer.verify import drop_unvouched, verify_case


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("case") / "out"
    save_case(make_findings(), out)
    return out


@pytest.fixture
def out(saved: Path, tmp_path: Path) -> Path:
    return shutil.copytree(saved, tmp_path / "out")


def test_a_saved_case_is_sound(saved: Path) -> None:
    (saved / ".DS_Store").write_bytes(b"left by a file manager")
    found = verify_case(saved)
    (saved / ".DS_Store").unlink()
    assert (found.files, found.photos, found.photos_away) == (7 + 6, 0, 2)
    assert found.head == Ledger.from_file(saved / "ledger.jsonl").head
    names = {path.relative_to(saved).as_posix() for path in saved.rglob("*") if path.is_file()}
    assert names >= {"map.html", "report.json", "sites.csv", "sites.geojson", "sites.kml", "case.gpkg", "ledger.jsonl"}
    assert "crops/photo-1_r1.png" in names


def test_the_chain_is_what_the_documentation_says(saved: Path) -> None:
    prev = START
    for n, line in enumerate((saved / "ledger.jsonl").read_text("utf-8").splitlines()):
        record = json.loads(line)
        digest = record.pop("hash")
        canonical = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert (record["n"], record["prev"], digest) == (n, prev, sha256(canonical.encode()).hexdigest())
        assert "time" not in record
        prev = digest


def test_every_step_is_on_record(saved: Path) -> None:
    steps = [record["step"] for record in Ledger.from_file(saved / "ledger.jsonl").records]
    order = list(dict.fromkeys(steps))
    assert order == ["program", "settings", "source", "photo", "problem", "clue", "inference", "output", "sealed"]
    assert (steps.count("photo"), steps.count("clue"), steps.count("output")) == (2, 2, 7 + 6)


def _edit(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda out: (out / name).write_bytes(change((out / name).read_bytes()))


def _lines(change: Callable[[list[bytes]], object]) -> Callable[[Path], object]:
    def tamper(out: Path) -> None:
        lines = (out / "ledger.jsonl").read_bytes().splitlines(keepends=True)
        change(lines)
        (out / "ledger.jsonl").write_bytes(b"".join(lines))

    return tamper


def _forge(lines: list[bytes]) -> None:
    record = json.loads(lines[3])
    record["facts"]["file"] = "another.jpg"
    record["hash"] = record_hash(record)
    lines[3] = (json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "map changed": (_edit("map.html", lambda old: old + b" "), r"map\.html: was changed"),
    "report changed": (_edit("report.json", lambda old: old.replace(b"0.31", b"0.91")), r"report\.json: was changed"),
    "database changed": (_edit("case.gpkg", lambda old: old[:-1] + b"x"), r"case\.gpkg: was changed"),
    "crop gone": (lambda out: (out / "crops/photo-1_r1.png").unlink(), r"photo-1_r1\.png: is missing"),
    "file smuggled in": (lambda out: (out / "crops/photo-9_r1.png").write_bytes(b""), "does not vouch for it"),
    "hidden file": (lambda out: (out / ".notes").write_bytes(b""), r"\.notes: is in .* does not vouch"),
    "lock that holds something": (lambda out: (out / ".geoinfer.lock").write_bytes(b"x"), "lock: is in .* does not"),
    "empty folder": (lambda out: (out / "more").mkdir(), "more: is a folder in .* does not vouch"),
    "empty hidden folder": (lambda out: (out / "crops/.x").mkdir(), r"crops/\.x: is a folder"),
    "link to a folder": (lambda out: (out / "more").symlink_to(out.parent), "more: is in .* does not vouch"),
    "cache that is none": (lambda out: (out / ".readings.sqlite").write_bytes(b"x"), "is not a readings cache"),
    "link in place of a file": (
        lambda out: (out / "sites.csv").symlink_to((out / "sites.csv").rename(out.parent / "away.csv")),
        r"sites\.csv: is missing",
    ),
    "ledger gone": (lambda out: (out / "ledger.jsonl").unlink(), "cannot be read"),
    "ledger empty": (lambda out: (out / "ledger.jsonl").write_bytes(b""), "no step 'sealed'"),
    "ledger no JSON": (_edit("ledger.jsonl", lambda old: b"\xff\xfe{" + old), "line 1: is not JSON"),
    "a list, not a record": (_edit("ledger.jsonl", lambda old: b"[]\n" + old), "line 1: is not a record"),
    "last line cut": (_edit("ledger.jsonl", lambda old: old[:-10]), "not complete"),
    "seal dropped": (_lines(lambda lines: lines.pop()), "no step 'sealed'"),
    "line dropped": (_lines(lambda lines: lines.pop(2)), "line 3: does not follow"),
    "lines swapped": (_lines(lambda lines: lines.insert(2, lines.pop(3))), "line 3: does not follow"),
    "fact changed": (_edit("ledger.jsonl", lambda old: old.replace(b"IMG_0042", b"IMG_0043", 1)), "was changed"),
    "fact changed, hash made anew": (_lines(_forge), "line 5: does not follow"),
    "spaces added": (_lines(lambda lines: lines.__setitem__(1, lines[1].replace(b":", b": ", 1))), "was changed"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_first_fault_is_named(fault: str, out: Path) -> None:
    tamper, message = FAULTS[fault]
    tamper(out)
    with pytest.raises(LedgerError, match=message):
        verify_case(out)


@pytest.fixture
def with_photos(tmp_path: Path) -> Path:
    """A case beside the folder of its photo, as a run leaves them."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.jpg").write_bytes(b"one")
    good = make_findings()
    record = replace(good.photos[1], file="a.jpg", sha256=sha256(b"one").hexdigest())
    findings = replace(good, photos=(record,), origins={"a.jpg": tmp_path / "photos/a.jpg"})
    save_case(findings, tmp_path / "out")
    return tmp_path


def test_source_photos_are_checked_where_they_still_are(
    with_photos: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, photo = with_photos / "out", with_photos / "photos/a.jpg"
    assert verify_case(out).photos == 1
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.jpg").write_bytes(b"a namesake where the check is started")
    monkeypatch.chdir(elsewhere)
    assert verify_case(out).photos == 1
    photo.write_bytes(b"two")
    with pytest.raises(LedgerError, match=r"a\.jpg: the source photo .* is not the one that was read"):
        verify_case(out)
    photo.unlink()
    found = verify_case(out)
    assert (found.photos, found.photos_away) == (0, 1)


def test_source_photos_are_found_where_both_were_moved_to(
    with_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moved = with_photos.rename(tmp_path_factory.mktemp("moved") / "case")
    assert verify_case(moved / "out").photos == 1
    (moved / "photos").rename(moved / "archive")
    assert verify_case(moved / "out").photos_away == 1
    assert verify_case(moved / "out", photos=moved / "archive").photos == 1
    (moved / "archive/a.jpg").write_bytes(b"two")
    with pytest.raises(LedgerError, match=r"a\.jpg: the source photo"):
        verify_case(moved / "out", photos=moved / "archive")


def test_no_path_of_the_machine_is_told(with_photos: Path) -> None:
    assert b"../photos/a.jpg" in (with_photos / "out/ledger.jsonl").read_bytes()
    for path in (with_photos / "out").rglob("*.*"):
        assert str(with_photos).encode() not in path.read_bytes(), path.name


def test_the_noted_head_shows_a_ledger_that_was_written_anew(out: Path, saved: Path) -> None:
    head = verify_case(saved).head
    assert verify_case(saved, head=head.upper() + "\n").head == head
    good = make_findings()
    save_case(replace(good, verdict=replace(good.verdict, text="Somewhere else.")), out)
    verify_case(out)  # nothing inside the folder can show it
    with pytest.raises(LedgerError, match="whose head was noted"):
        verify_case(out, head=head)


CRAFTED = {
    "not a number": b'{"facts":{"x":NaN},"hash":"","n":0,"prev":"","step":"x"}',
    "endless": b'{"facts":{"x":1e999},"hash":"","n":0,"prev":"","step":"x"}',
    "half a character": b'{"facts":{"x":"\\ud800"},"hash":"","n":0,"prev":"","step":"x"}',
    "deep": b'{"facts":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "a long number": b'{"facts":{"x":' + b"9" * 10_000 + b"}}",
    "true for a number": b'{"facts":{},"hash":"","n":false,"prev":"' + START.encode() + b'","step":"x"}',
    "no bytes of text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("crafted", CRAFTED)
def test_a_crafted_line_is_told_and_no_more(crafted: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(CRAFTED[crafted] + b"\n")
    with pytest.raises(LedgerError, match=r"ledger\.jsonl, line 1: "):
        verify_case(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/passwd", "a/../../secret", "./map.html", "a//b", "", ".", "..", "a\x00b", "a\nb", "x" * 9000,
     "C:\\x", 7, None, ["a"]],
)  # fmt: skip
def test_a_crafted_ledger_makes_verify_read_nothing_else(name: object, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "out").mkdir()
    ledger = Ledger()
    ledger.append("output", file=name, sha256=sha256(b"x").hexdigest())
    ledger.append("photo", file="a.jpg", sha256="", found="/dev/zero")
    ledger.append("sealed", files=1)
    (tmp_path / "out/ledger.jsonl").write_bytes(ledger.to_bytes())
    with pytest.raises(LedgerError, match=r"outside|is missing"):
        verify_case(tmp_path / "out")


def test_a_crafted_place_of_a_photo_is_no_traceback(out: Path) -> None:
    ledger = Ledger.from_file(out / "ledger.jsonl")
    for place in ("/dev/zero", "a\x00b", "x" * 9000, 7, None, ["a"], "../" * 3000, ""):
        ledger.append("photo", file=place, sha256=place, found=place)
    (out / "ledger.jsonl").write_bytes(ledger.to_bytes())
    assert verify_case(out).photos_away == 8 + 2


@pytest.fixture
def resumable(tmp_path: Path) -> Path:
    """A folder in which a run has read two photos, and was killed."""
    out = tmp_path / "out"
    out.mkdir()
    cache = ReadingsCache(out / readings_cache.FILE_NAME, "engine 1")
    good = make_findings()
    for photo in good.photos:
        cache.keep(photo.sha256, PhotoSigns(photo, good.crops if photo.signs else {}))
        cache.keep_look(Look(photo.sha256, 8, 8, bytes(32), bytes(1024)))
    cache.close()
    return out


def test_what_a_killed_run_has_read_is_gone_on_from(resumable: Path) -> None:
    assert drop_unvouched(resumable) == 0
    save_case(make_findings(), resumable)
    verify_case(resumable)
    assert drop_unvouched(resumable) == 0
    assert len(kept_hashes(resumable)) == 2 + 1 + 2


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE readings SET record = x'00' WHERE rowid = 1",
        "INSERT INTO readings VALUES ('planted', x'00')",
        "UPDATE crops SET png = x'89' WHERE reading = 'photo-1/r1'",
        "INSERT INTO crops SELECT key, 'photo-1/r99', png FROM crops WHERE reading = 'photo-1/r1'",
        "UPDATE looks SET width = 9 WHERE rowid = 2",
    ],
)
def test_a_forged_reading_is_told_and_not_gone_on_from(forgery: str, resumable: Path) -> None:
    save_case(make_findings(), resumable)
    before = kept_hashes(resumable)
    with closing(sqlite3.connect(resumable / readings_cache.FILE_NAME)) as cache, cache:
        cache.execute(forgery)
    with pytest.raises(LedgerError, match=r"\.readings\.sqlite: .* was changed or added"):
        verify_case(resumable)
    assert drop_unvouched(resumable) == 1
    after = kept_hashes(resumable)
    assert after.items() <= before.items()
    assert len(before) - len(after) == ("INTO readings" not in forgery)
    verify_case(resumable)  # what is not kept is read again; it is no part of the case


@pytest.mark.parametrize(
    "crafted", ["CREATE VIEW looks AS SELECT 1", "CREATE TABLE looks (a)",
     "CREATE TRIGGER t AFTER DELETE ON readings BEGIN SELECT 1; END"],
)  # fmt: skip
def test_a_crafted_cache_is_no_cache(crafted: str, resumable: Path) -> None:
    with closing(sqlite3.connect(resumable / readings_cache.FILE_NAME)) as cache, cache:
        cache.execute("DROP TABLE looks" if "looks" in crafted else "SELECT 1")
        cache.execute(crafted)
    with pytest.raises(LedgerError, match=r"\.readings\.sqlite: is (not a|no) readings cache"):
        kept_hashes(resumable)


def test_what_is_in_the_journal_of_a_killed_run_is_told(resumable: Path) -> None:
    save_case(make_findings(), resumable)
    (resumable / ".readings.sqlite-wal").write_bytes(b"what a killed run had not settled yet")
    with pytest.raises(LedgerError, match=r"sqlite-wal: is in"):
        verify_case(resumable)


def test_the_check_leaves_nothing_behind(resumable: Path) -> None:
    save_case(make_findings(), resumable)
    before = sorted(resumable.rglob("*"))
    verify_case(resumable)
    assert sorted(resumable.rglob("*")) == before


def test_a_broken_ledger_vouches_for_no_reading(resumable: Path) -> None:
    save_case(make_findings(), resumable)
    (resumable / "ledger.jsonl").write_bytes(b"{}\n")
    assert drop_unvouched(resumable) == 5


def test_a_publication_is_not_forgotten_by_the_next_runs(out: Path) -> None:
    ledger = Ledger.from_file(out / "ledger.jsonl")
    ledger.append("publication", time="2026-02-10T12:00:00+00:00", answers={"harm": "none"})
    (out / "ledger.jsonl").write_bytes(ledger.to_bytes())
    for _ in range(2):
        save_case(make_findings(), out)
        records = Ledger.from_file(out / "ledger.jsonl").records
        assert [one["facts"]["record"] for one in records if one["step"] == "earlier"] == [ledger.records[-1]]
    verify_case(out)
    (out / "ledger.jsonl").write_bytes(b"{}\n")
    save_case(make_findings(), out)
    (only,) = (one for one in Ledger.from_file(out / "ledger.jsonl").records if one["step"] == "earlier")
    assert only["facts"]["record"]["step"] == "broken"


def stamps(out: Path) -> dict[str, int]:
    return {path.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in out.rglob("*.*")}


def test_a_case_that_stands_there_already_is_not_written_again(out: Path) -> None:
    before = stamps(out)
    save_case(make_findings(), out)
    assert stamps(out) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda out: (out / "sites.csv").write_bytes(b"1"),
        lambda out: (out / "map.html").unlink(),
        lambda out: (out / "crops/photo-1_r1.png").unlink(),
        lambda out: (out / "report.json").rename(out / "r.json") and (out / "report.json").symlink_to(out / "r.json"),
        lambda out: (out / "ledger.jsonl").write_bytes(b""),
    ],
)
def test_a_case_that_was_touched_is_written_again(change: Callable[[Path], object], out: Path) -> None:
    change(out)
    save_case(make_findings(), out)
    (out / "r.json").unlink(missing_ok=True)
    verify_case(out)
    assert not (out / "report.json").is_symlink()


def test_a_case_is_written_again_by_other_code_and_with_other_tiles(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_case(make_findings(), out, tiles="osm")
    assert b"tile.openstreetmap.org" in (out / "map.html").read_bytes()
    before = stamps(out)
    monkeypatch.setattr("geoinfer.save.code_sha256", lambda: "0" * 64)
    save_case(make_findings(), out, tiles="osm")
    assert all(stamps(out)[name] != stamp for name, stamp in before.items())


def test_what_a_killed_run_left_half_written_goes(out: Path) -> None:
    (out / ".partial-abcd1234").mkdir()
    (out / ".partial-abcd1234/map.html").write_text("half")
    with pytest.raises(LedgerError, match="partial"):
        verify_case(out)
    save_case(make_findings(), out)
    verify_case(out)


def test_corrections_and_observations_are_on_record(tmp_path: Path) -> None:
    corrected = replace(
        make_findings(),
        corrections=({"order": 1, "what": "reject", "reading": "photo-1/r3"},), observations=({"kind": "sun"},),
        about={"photos": [], "clues": ""},
    )  # fmt: skip
    save_case(corrected, tmp_path / "out")
    verify_case(tmp_path / "out")
    steps = {one["step"]: one["facts"] for one in Ledger.from_file(tmp_path / "out/ledger.jsonl").records}
    assert steps["correction"]["correction"]["reading"] == "photo-1/r3"
    assert steps["observation"]["observation"] == {"kind": "sun"}
    save_case(make_findings(), tmp_path / "out")
    assert not (tmp_path / "out/corrections.json").exists()
    verify_case(tmp_path / "out")


def test_same_findings_same_bytes(saved: Path, tmp_path: Path) -> None:
    save_case(make_findings(), tmp_path / "again")
    for path in (one for one in saved.rglob("*") if one.is_file()):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(saved)).read_bytes(), path.name


def test_saving_again_replaces_the_case_and_nothing_else(out: Path) -> None:
    (out / "notes.txt").write_text("the researcher's own")
    fewer = make_findings()
    save_case(replace(fewer, crops={"photo-1/r1": fewer.crops["photo-1/r1"]}), out)
    assert [path.name for path in (out / "crops").iterdir()] == ["photo-1_r1.png"]
    assert (out / "notes.txt").exists()
    with pytest.raises(LedgerError, match=r"notes\.txt: is in .* does not vouch"):
        verify_case(out)


def test_hostile_text_is_saved_soundly(tmp_path: Path) -> None:
    out = tmp_path / "out"
    save_case(make_hostile_findings(), out)
    verify_case(out)
    crops = sorted(path.name for path in (out / "crops").iterdir())
    assert crops[1] == "photo-1_r1.png" and crops[0].startswith("id-") and len(crops) == 2
    assert not list(tmp_path.rglob("*evil*"))


@given(st.lists(st.tuples(st.text(min_size=1), st.dictionaries(st.text(), st.floats() | st.text()))))
def test_any_facts_can_be_kept(steps: list[tuple[str, dict[str, object]]]) -> None:
    ledger = Ledger()
    for step, facts in steps:
        ledger.append(step, facts=facts)
    assert len(ledger.to_bytes().split(b"\n")) == len(steps) + 1
    assert ledger.head == (ledger.records[-1]["hash"] if steps else START)


def test_nothing_is_written_through_a_planted_link(tmp_path: Path) -> None:
    out, victim = tmp_path / "out", tmp_path / "victim"
    out.mkdir()
    victim.mkdir()
    (victim / "thesis.docx").write_text("mine")
    (out / "crops").symlink_to(victim)
    with pytest.raises(FileExistsError, match="crops is a link"):
        save_case(make_findings(), out)
    assert [path.name for path in victim.iterdir()] == ["thesis.docx"]
