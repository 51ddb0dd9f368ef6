from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from geoinfer.case import Case
from geoinfer.clue_rows import ClueRow
from geoinfer.corrections import FILE_NAME, corrections_bytes
from geoinfer.errors import ClueError
from geoinfer.photos import PhotoRecord
from geoinfer.readings import Reading
from geoinfer.record import Record
from geoinfer.signs import find_signs


def reading(identity: str, text: str, top: float, width: float = 220) -> Reading:
    box = ((100.0, top), (100 + width, top), (100 + width, top + 30), (100.0, top + 30))
    return Reading(identity, box, text, "mixed", 0.9, ((text, 0.9),), "signs")


def photo(number: int, *lines: str) -> PhotoRecord:
    readings = [reading(f"photo-{number}/r{n}", text, 60.0 * n) for n, text in enumerate(lines, start=1)]
    return PhotoRecord(f"{number}.jpg", f"{number}" * 64, 800, 600, {}, find_signs(readings, None, f"photo-{number}"))


@pytest.fixture
def case() -> Case:
    """Two photos: a list with two distances, and one name."""
    case = Case()
    case._record = Record([photo(1, "Чернігів 39", "Київ 179"), photo(2, "Гомель")])
    return case


def names(case: Case) -> list[tuple[str, float | None]]:
    return [(row.name, row.km) for row in case.rows()]


def test_the_case_as_read(case: Case) -> None:
    assert names(case) == [("Чернігів", 39.0), ("Київ", 179.0), ("Гомель", None)]
    assert case.corrections == ()


def test_a_corrected_reading_is_taken_apart_again(case: Case) -> None:
    """Its kilometres go with it: 39 does not stay beside what was 89 on the sign."""
    table = case.readings
    table.loc[0, "text"] = "Чернігів 89"
    assert names(case)[0] == ("Чернігів", 89.0)
    table = case.readings
    table.loc[0, "text"] = "Мена"
    assert names(case)[0] == ("Мена", None)
    assert [str(one) for one in case.corrections] == [
        "reading photo-1/r1 corrected from “Чернігів 39” to “Чернігів 89”",
        "reading photo-1/r1 corrected from “Чернігів 89” to “Мена”",
    ]


def test_a_rejected_reading_takes_its_name_along(case: Case) -> None:
    case.reject("photo-1/r2")
    assert names(case) == [("Чернігів", 39.0), ("Гомель", None)]
    assert "photo-1/r2" not in set(case.readings["reading"])
    with pytest.raises(ClueError, match="there are: photo-1/r1"):
        case.reject("photo-1/r2")


def test_all_readings_of_a_sign_rejected_drop_the_sign(case: Case) -> None:
    case.reject("photo-2/r1")
    assert [row.photo for row in case.rows()] == ["1.jpg", "1.jpg"]
    assert set(case.signs["photo"]) == {"1.jpg"}


def test_an_excluded_photo_is_gone_from_every_table(case: Case) -> None:
    case.exclude("1.jpg")
    assert names(case) == [("Гомель", None)]
    assert set(case.readings["photo"]) == set(case.signs["photo"]) == {"2.jpg"}
    assert [p.file for p in case.photos] == ["1.jpg", "2.jpg"]  # it stays on record
    with pytest.raises(ClueError, match=r"there are: 1\.jpg, 2\.jpg"):
        case.exclude("3.jpg")


def test_a_dropped_row_of_any_table_is_consistent_in_all(case: Case) -> None:
    case.signs = case.signs[case.signs["photo"] == "1.jpg"]
    assert set(case.clues["photo"]) == set(case.readings["photo"]) == {"1.jpg"}
    case.readings = case.readings[case.readings["reading"] != "photo-1/r1"]
    assert names(case) == [("Київ", 179.0)]
    case.clues = case.clues.iloc[:0]
    assert names(case) == []
    assert [one.what for one in case.corrections] == ["drop_sign", "reject", "drop_clue"]


def test_the_kind_of_a_sign(case: Case) -> None:
    sign = case.signs["sign_id"].iloc[1]
    case.set_kind(sign, "settlement_begin")
    assert case.rows()[2].kind == "settlement_begin"
    assert case.signs["kind"].iloc[1] == "settlement_begin"
    case.set_kind("clue-1", "direction")
    assert {row.kind for row in case.rows()[:2]} == {"direction"}
    with pytest.raises(ClueError, match="valid: direction"):
        case.set_kind(sign, "billboard")
    with pytest.raises(ClueError, match="there are: clue-1, clue-2"):
        case.set_kind("clue-9", "direction")


def test_a_name_is_pinned_to_a_place(case: Case) -> None:
    second = case.world.gazetteer.search("Київ").matches[1].place
    case.pin("clue-1", second.id, name="Київ")
    assert [row.place for row in case.rows()] == ["", second.id, ""]
    with pytest.raises(ClueError, match="it carries: Чернігів, Київ"):
        case.pin("clue-1", second.id)
    with pytest.raises(ClueError, match="of that name: "):
        case.pin("clue-2", "nowhere:1")


def test_clues_are_edited_added_and_dropped_in_the_table(case: Case) -> None:
    table = case.clues
    table.loc[1, "km"] = 178.0
    table.loc[3] = {"sign_id": "s9", "kind": "unknown", "name": "Мена"}
    case.clues = table[table["name"] != "Гомель"]
    assert names(case) == [("Чернігів", 39.0), ("Київ", 178.0), ("Мена", None)]
    assert [one.what for one in case.corrections] == ["edit_clue", "add_clue", "drop_clue"]


def test_sorting_a_table_corrects_nothing(case: Case) -> None:
    case.clues = case.clues.sort_values("name")
    case.readings = case.readings.sample(frac=1, random_state=1)
    assert case.corrections == ()


def test_rows_without_a_plate_are_plates_of_their_own_as_in_a_file() -> None:
    import pandas as pd

    case = Case()
    case.clues = pd.DataFrame({"name": ["Чернігів", "Гомель"], "km": [39, 72]})
    assert len({row.sign_id for row in case.rows()}) == 2


@pytest.mark.parametrize("column", ["readings", "signs"])
def test_what_was_not_read_is_no_reading(case: Case, column: str) -> None:
    import pandas as pd

    table = getattr(case, column)
    more = pd.concat([table, table.iloc[:1].assign(reading="photo-1/r9", sign_id="photo-1/s9")])
    with pytest.raises(ClueError, match=r"add_clue\(\)"):
        setattr(case, column, more)


def test_a_fault_in_a_table_can_be_mended(case: Case) -> None:
    table = case.clues.astype({"km": object})
    case.clues = table
    table.loc[0, "km"] = "far"
    with pytest.raises(ClueError, match="km must be a number"):
        case.rows()
    case.clues.loc[0, "km"] = 38.0
    assert names(case)[0] == ("Чернігів", 38.0)


def test_corrections_are_undone_one_by_one_or_all(case: Case) -> None:
    case.reject("photo-2/r1")
    case.add_clue("Мена")
    case.forget(1)
    assert names(case)[-2:] == [("Гомель", None), ("Мена", None)]
    with pytest.raises(ClueError, match="no correction 2"):
        case.forget(2)
    case.forget()
    assert len(case.rows()) == 3


def kept(case: Case, folder: Path) -> Path:
    about = case._record.belonging()
    (folder / FILE_NAME).write_bytes(
        corrections_bytes(
            [one.plain() for one in case.corrections], {"photos": list(about.photos), "clues": about.clues}
        )
    )
    return folder


def again(*photos: PhotoRecord) -> Case:
    case = Case()
    case._record = Record(photos or [photo(1, "Чернігів 39", "Київ 179"), photo(2, "Гомель")])
    return case


def test_a_new_session_applies_what_an_earlier_one_corrected(case: Case, tmp_path: Path) -> None:
    case.readings.loc[0, "text"] = "Чернігів 38"
    case.exclude("2.jpg")
    case.set_kind("clue-1", "direction")
    case.clues.loc[1, "km"] = 180.0
    case.add_clue("Мена", km=5, note="heard in the video")
    case.add_area(shapely.box(30, 51, 33, 53), 5.0, note="flat land")
    fresh = again()
    assert len(fresh.recall(kept(case, tmp_path))) == 6
    assert fresh.rows() == case.rows()
    assert [one.id for one in fresh.observations] == ["area-1"]
    assert [one.plain() for one in fresh.corrections] == [one.plain() for one in case.corrections]


def test_what_finds_nothing_to_correct_any_more_is_missed(case: Case, tmp_path: Path) -> None:
    case.reject("photo-1/r2")
    case.exclude("2.jpg")
    fresh = again(photo(1, "Чернігів 39"))
    assert len(fresh.recall(kept(case, tmp_path))) == 0
    assert [one.what for one in fresh._record.current().missed] == ["reject", "exclude"]


def test_another_case_takes_no_corrections(case: Case, tmp_path: Path) -> None:
    case.reject("photo-1/r2")
    with pytest.raises(ClueError, match="about other photos"):
        again(photo(3, "Мена")).recall(kept(case, tmp_path))
    assert again().recall(tmp_path / "nowhere") == ()


def test_the_same_observation_counts_once(case: Case) -> None:
    field = shapely.box(30, 51, 33, 53)
    assert case.add_area(field, 5.0) == case.add_area(field, 5.0) == "area-1"
    assert case.add_search(field, 0.8) == "search-1"
    assert case.add_area(field, 6.0) == "area-2"
    assert len(case.observations) == 3


def test_every_kind_of_knowledge_is_kept_and_taken_up_again(case: Case, tmp_path: Path) -> None:
    import numpy as np
    import pandas as pd

    (tmp_path / "river.geojson").write_text('{"type": "Point", "coordinates": [31.3, 51.5]}', encoding="utf-8")
    case.add_area(tmp_path / "river.geojson", np.int64(5), within_km=1, note="a wide river behind the trucks")
    case.add_search(shapely.box(30, 51, 33, 53), 0.8)
    case.add_sun("2026-01-29T11:20:00+02:00", minutes=20, ratio=0.3, photo="1.jpg")
    case.add_prior(pd.DataFrame({"lon": [31.3, 30.5], "lat": [51.5, 50.4], "p": [3, 1]}), 0.5)
    fresh = again()
    assert len(fresh.recall(kept(case, tmp_path))) == 4
    assert [one.id for one in fresh.observations] == ["area-1", "search-1", "sun-1", "prior-1"]
    assert [one.key for one in fresh.observations] == [one.key for one in case.observations]


def test_what_is_known_of_one_photo_goes_with_it(case: Case) -> None:
    case.add_area(shapely.box(30, 51, 33, 53), 5.0, photo="2.jpg")
    case.exclude("2.jpg")
    assert case.observations == ()
    with pytest.raises(ClueError, match="no photo"):
        case.add_area(shapely.box(30, 51, 33, 53), 5.0, photo="9.jpg")


def test_a_file_of_evidence_replaces_the_one_before(case: Case, tmp_path: Path) -> None:
    (tmp_path / "field.geojson").write_text(shapely.to_geojson(shapely.box(30, 51, 33, 53)), encoding="utf-8")
    file = tmp_path / "evidence.toml"
    file.write_text('[[area]]\nfile = "field.geojson"\nratio = 5\n', encoding="utf-8")
    case.add_area(shapely.box(20, 51, 23, 53), 2.0)
    assert case.add_evidence(file) == ["area-2"]
    file.write_text('[[search]]\nfile = "field.geojson"\ndetection = 0.5\n', encoding="utf-8")
    assert case.add_evidence(file) == ["search-1"]
    assert [one.id for one in case.observations] == ["area-1", "search-1"]


def test_typed_clues_get_names_of_their_own() -> None:
    case = Case()
    assert [case.add_clue("Мена"), case.add_clue("Мена"), case.add_clue("Короп", sign="s1")] == [
        "typed-1", "typed-2", "s1",
    ]  # fmt: skip
    assert case.rows()[0] == ClueRow("typed-1", name="Мена")


def test_a_photo_of_the_same_name_with_other_bytes_is_not_excluded(case: Case, tmp_path: Path) -> None:
    case.exclude("2.jpg")
    other = replace(photo(2, "Гомель"), sha256="f" * 64)
    fresh = again(photo(1, "Чернігів 39", "Київ 179"), other)
    assert fresh.recall(kept(case, tmp_path)) == ()
    assert len(fresh.rows()) == 3
