"""The public version tells the area and nothing finer."""

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import h3
import pytest
from browser import needs_chromium, visit
from findings import SHA, TRUE_POINT, make_findings, make_hostile_findings

from geoinfer.errors import LedgerError, PublicationError
from geoinfer.ledger import Ledger, file_hash
from geoinfer.publish import MIN_PLACES, QUESTIONS, _places_in, coarse_belief, coarse_verdict, publish_case
from geoinfer.save import save_case
from geoinfer.verify import verify_case

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
ANSWERS = {
    "harm": "The exchange is over; SecretAnswerOne.",
    "interest": "It documents the return of the fallen.",
    "alternatives": "A coarser region says too little.",
    "verification": "From the published photograph.",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("case") / "out"
    save_case(make_findings(), out)
    return out


@pytest.fixture(scope="module")
def public(case: Path) -> Path:
    folder = case.parent / "public"
    publish_case(case, folder, embargo="2026-02-01", answers=ANSWERS, now=NOW)
    return folder


def test_only_map_and_report_leave(public: Path) -> None:
    assert sorted(path.name for path in public.rglob("*")) == ["map.html", "report.json"]


def test_public_report_is_coarse(public: Path) -> None:
    report = json.loads((public / "report.json").read_bytes())
    assert report["verdict"]["kind"] == "region"
    text = "The photographs were probably taken in Chernihiv Oblast (99\N{NO-BREAK SPACE}%)."
    assert report["verdict"]["text"] == text
    assert (report["sites"], report["photos"], report["problems"]) == ([], [], [])
    assert {h3.get_resolution(cell["h3"]) for cell in report["cells"]} == {4}
    assert h3.latlng_to_cell(TRUE_POINT[1], TRUE_POINT[0], 4) == report["cells"][0]["h3"]
    assert all(cell["probability"] == round(cell["probability"], 2) for cell in report["cells"])
    assert report["regions"]["90"]["area_km2"] > 1000
    assert report["settings"]["near"] == ["BY", "RU-BRY"]
    assert report["embargo"] == "2026-02-01"
    assert report["questions_answered"] == list(QUESTIONS)


def secrets_of(case: Path) -> set[str]:
    """Everything in the private case that must not be found in the public bytes."""
    report = json.loads((case / "report.json").read_bytes())
    found = {"IMG_0042", "IMG_0043", "broken.jpg", SHA, SHA[::-1], "NIKON", "photo-1", "crops/", "SecretAnswer"}
    found |= {file_hash(path) for path in case.rglob("*") if path.is_file()}
    found |= {record["hash"] for record in Ledger.from_file(case / "ledger.jsonl").records}
    for site in report["sites"]:
        found |= {site["name"], *site["names"].values(), str(site["lat"]), str(site["lon"]), *site["reasons"]}
    for photo in report["photos"]:
        texts = {reading["text"] for sign in photo["signs"] for reading in sign["readings"]}
        found |= {text for text in texts if len(text) > 3}
    # A city of 283,000 is on the public map whatever the case says.
    return found - {"Чернігів", "Chernihiv", "Гомель", "M01"}


def test_nothing_private_in_any_public_byte(case: Path, public: Path) -> None:
    for path in public.iterdir():
        text = path.read_text("utf-8")
        text = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", text, flags=re.S)  # the same on every map
        leaked = sorted(secret for secret in secrets_of(case) if secret in text)
        assert leaked == [], path.name


def test_no_coordinate_finer_than_a_kilometre_in_any_public_byte(public: Path) -> None:
    report = (public / "report.json").read_text("utf-8")
    page = (public / "map.html").read_text("utf-8")
    found = re.search(r'<script type="application/json" id="gi-data">(.*?)</script>', page)
    assert found and "51.5" in found[1]  # Chernihiv's label, so there are coordinates to look at
    for text in (report, found[1]):
        assert re.findall(r"[1-9]\d*\.\d{3,}", text) == []


def test_no_fine_cell_in_any_public_byte(public: Path) -> None:
    for path in public.iterdir():
        cells = {word for word in re.findall(r"\b8[0-9a-f]{14}\b", path.read_text("utf-8")) if h3.is_valid_cell(word)}
        assert all(h3.get_resolution(cell) <= 4 for cell in cells)


def test_moving_the_camera_inside_its_cell_changes_no_public_cell(public: Path) -> None:
    """What is published depends on the coarse masses alone: swap the fine cells of one parent and compare."""
    cells = make_findings().cells
    mass = dict(zip(cells["h3"], cells["probability"], strict=True))
    parent = h3.cell_to_parent(max(mass, key=mass.__getitem__), 4)
    siblings = [cell for cell in mass if h3.cell_to_parent(cell, 4) == parent]
    shuffled = {**mass, **dict(zip(siblings, [mass[cell] for cell in reversed(siblings)], strict=True))}
    assert coarse_belief(shuffled).cells == coarse_belief(mass).cells
    assert coarse_belief(shuffled).regions == coarse_belief(mass).regions


def test_every_public_cell_holds_several_places(public: Path) -> None:
    report = json.loads((public / "report.json").read_bytes())
    assert all(_places_in(cell["h3"]) >= MIN_PLACES for cell in report["cells"])


def test_cells_where_few_places_are_known_become_coarser() -> None:
    taiga = coarse_belief({h3.latlng_to_cell(65.5, 100.2, 7): 1.0})
    assert taiga.resolution < 4


@pytest.mark.parametrize(
    ("kind", "areas", "text"),
    [
        ("site", {"Chernihiv Oblast": 97}, "probably taken in Chernihiv Oblast"),
        ("region", {"Chernihiv Oblast": 55, "Gomel Region": 40}, "settle on one area: Chernihiv Oblast (55 %), Gomel"),
        ("none", {"Chernihiv Oblast": 97}, "does not say where"),
        ("region", {}, "does not say where"),
    ],
)
def test_coarse_wording(kind: str, areas: dict[str, int], text: str) -> None:
    assert text in coarse_verdict(kind, areas)["text"].replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("embargo", "answers", "message"),
    [
        ("2026-02-11", ANSWERS, "embargo lasts until 2026-02-11"),
        ("2026-02-10T13:00+00:00", ANSWERS, "embargo lasts until"),
        ("2026-02-10T13:00", ANSWERS, "embargo lasts until"),
        ("soon", ANSWERS, "is no date"),
        (None, {**ANSWERS, "harm": "  "}, "harm is not answered .Could anybody be harmed"),
        (None, {}, "verification is not answered"),
        (None, {**ANSWERS, "harmm": "x"}, "'harmm' is no question; they are harm, interest"),
    ],
)
def test_refusals_name_every_fault(
    embargo: str | None, answers: dict[str, str], message: str, case: Path, tmp_path: Path
) -> None:
    own = shutil.copytree(case, tmp_path / "out")
    with pytest.raises(PublicationError, match=message):
        publish_case(own, tmp_path / "public", embargo=embargo, answers=answers, now=NOW)
    assert not (tmp_path / "public").exists()
    verify_case(own)


@pytest.mark.parametrize("later", [None, "2026-02-09", "2026-02-11", "2026-02-11T00:00+00:00"])
def test_an_embargo_once_named_is_not_lifted_by_leaving_it_out(later: str | None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    save_case(make_findings(), out)
    with pytest.raises(PublicationError, match="embargo lasts until 2026-02-11"):
        publish_case(out, tmp_path / "public", embargo="2026-02-11", answers=ANSWERS, now=NOW)
    save_case(make_findings(), out)  # a new run into the folder does not forget it either
    with pytest.raises(PublicationError, match="embargo lasts until 2026-02-11"):
        publish_case(out, tmp_path / "public", embargo=later, answers=ANSWERS, now=NOW)
    after = NOW.replace(day=11)
    publish_case(out, tmp_path / "public", embargo=later, answers=ANSWERS, now=after)
    assert "2026-02-11" in json.loads((tmp_path / "public/report.json").read_bytes())["embargo"]
    verify_case(out)


@pytest.mark.parametrize("inside", [".", "public", ".."])
def test_public_and_private_are_kept_apart(inside: str, case: Path) -> None:
    with pytest.raises(PublicationError, match="keep the public version apart"):
        publish_case(case, case / inside, embargo=None, answers=ANSWERS, now=NOW)


def test_a_folder_with_other_files_is_refused(case: Path, tmp_path: Path) -> None:
    (tmp_path / "crop.png").write_bytes(b"")
    with pytest.raises(PublicationError, match=r"holds other files \(crop.png\)"):
        publish_case(case, tmp_path, embargo=None, answers=ANSWERS, now=NOW)


def test_a_case_that_was_changed_is_not_published(tmp_path: Path) -> None:
    save_case(make_findings(), tmp_path / "out")
    (tmp_path / "out/report.json").write_text("{}")
    with pytest.raises(LedgerError, match=r"report\.json: was changed"):
        publish_case(tmp_path / "out", tmp_path / "public", embargo=None, answers=ANSWERS, now=NOW)


def test_the_private_ledger_keeps_the_publication(case: Path, public: Path) -> None:
    verify_case(case)
    last = next(one for one in Ledger.from_file(case / "ledger.jsonl").records if one["step"] == "publication")
    assert last["time"] == "2026-02-10T12:00:00+00:00"
    assert last["facts"]["answers"] == ANSWERS
    assert last["facts"]["files"]["map.html"] == file_hash(public / "map.html")


def test_hostile_and_private_settings_stay_private(tmp_path: Path) -> None:
    hostile = make_hostile_findings()
    private = replace(hostile, settings={"near": ["BY", "my-secret-area"], "photos": ["/home/me"]},
                      sources=({"name": "secret-gazetteer.sqlite", "version": "1", "licence": ""},))  # fmt: skip
    save_case(private, tmp_path / "out")
    publish_case(tmp_path / "out", tmp_path / "public", embargo=None, answers=ANSWERS, now=NOW)
    for path in (tmp_path / "public").iterdir():
        text = path.read_text("utf-8")
        assert not [word for word in ("secret", "/home/me", "alert(1)", "onerror=alert") if word in text]


@pytest.fixture(scope="module")
def with_crops(case: Path) -> Path:
    folder = case.parent / "with-crops"
    publish_case(case, folder, embargo=None, answers=ANSWERS, now=NOW, crops=True)
    return folder


def test_crops_are_published_when_asked_for_and_tell_nothing_else(case: Path, with_crops: Path) -> None:
    report = json.loads((with_crops / "report.json").read_bytes())
    # Чернігів, Chernihiv and Гомель; not the kilometres, nor the road number
    assert report["crops"] == ["crops/crop-1.png", "crops/crop-2.png", "crops/crop-3.png"]
    assert sorted(path.name for path in (with_crops / "crops").iterdir()) == [
        Path(name).name for name in report["crops"]
    ]
    secrets = {word.encode() for word in secrets_of(case)}
    for path in with_crops.rglob("*.png"):
        content = path.read_bytes()
        assert not [word for word in secrets if word in content]
        kinds = re.findall(rb"(?<=....)(IHDR|PLTE|IDAT|IEND|tEXt|zTXt|iTXt|eXIf|iCCP|tIME|pHYs)", content)
        assert set(kinds) <= {b"IHDR", b"IDAT", b"IEND"}
    last = Ledger.from_file(case / "ledger.jsonl").records[-1]["facts"]["files"]
    assert set(last) == {"map.html", "report.json", *report["crops"]}


def test_crops_of_an_earlier_publication_go(case: Path, tmp_path: Path) -> None:
    out = shutil.copytree(case, tmp_path / "out")
    publish_case(out, tmp_path / "public", embargo=None, answers=ANSWERS, now=NOW, crops=True)
    publish_case(out, tmp_path / "public", embargo=None, answers=ANSWERS, now=NOW)
    assert not list((tmp_path / "public").rglob("*.png"))


def test_nothing_is_published_through_a_planted_link(case: Path, tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public/report.json").symlink_to(tmp_path / "victim")
    with pytest.raises(PublicationError, match=r"report\.json is a link"):
        publish_case(
            shutil.copytree(case, tmp_path / "out"), tmp_path / "public", embargo=None, answers=ANSWERS, now=NOW
        )


@needs_chromium
@pytest.mark.browser
def test_public_map_opens_offline(public: Path) -> None:
    seen = visit(public / "map.html")
    assert (seen.requests, seen.console) == ([], [])
    assert 'data-geoinfer="shown"' in seen.dom
    assert "Public version" in seen.dom and "Chernihiv Oblast" in seen.dom
