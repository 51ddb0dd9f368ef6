"""A ledger shows every change to the folder that it vouches for."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from findings import make_findings, make_hostile_findings
from hypothesis import given
from hypothesis import strategies as st

from geoinfer.errors import LedgerError
from geoinfer.ledger import START, Ledger, record_hash, verify_case
from geoinfer.save import save_case


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("case") / "out"
    save_case(make_findings(), out)
    return out


@pytest.fixture
def out(saved: Path, tmp_path: Path) -> Path:
    return shutil.copytree(saved, tmp_path / "out")


def test_a_saved_case_is_sound(saved: Path) -> None:
    verify_case(saved)
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
    assert (steps.count("photo"), steps.count("clue"), steps.count("output")) == (2, 2, 6 + 6)


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


def test_a_ledger_cannot_make_verify_read_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "out").mkdir()
    ledger = Ledger()
    ledger.append("output", file="../secret", sha256=sha256(b"x").hexdigest())
    ledger.append("sealed", files=1)
    (tmp_path / "out/ledger.jsonl").write_bytes(ledger.to_bytes())
    with pytest.raises(LedgerError, match="outside"):
        verify_case(tmp_path / "out")


def test_source_photos_are_checked_where_they_still_are(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"one")
    good = make_findings()
    record = replace(good.photos[1], file="a.jpg", sha256=sha256(b"one").hexdigest())
    save_case(replace(good, photos=(record,), settings={"photos": [str(photos)]}), tmp_path / "out")
    verify_case(tmp_path / "out")
    (photos / "a.jpg").write_bytes(b"two")
    with pytest.raises(LedgerError, match=r"a\.jpg: the source photo was changed"):
        verify_case(tmp_path / "out")
    (photos / "a.jpg").unlink()
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
