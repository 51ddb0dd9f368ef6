from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geoinfer.lines import MAX_KM, read_line
from geoinfer.vocabulary import EFFECTS, load_vocabulary

NAMES = [
    ("УФА 572", [("УФА", 572)]),
    ("НАБ.ЧЕЛНЫ 285", [("НАБ.ЧЕЛНЫ", 285)]),
    ("ЕКАТЕРИНБУРГ 1077", [("ЕКАТЕРИНБУРГ", 1077)]),
    ("39 км Чернігів", [("Чернігів", 39)]),
    ("Сеньківка 5 км", [("Сеньківка", 5)]),
    ("Ріпки 6,5 км", [("Ріпки", 6.5)]),
    ("Seoul 56Km", [("Seoul", 56)]),
    ("МКАД 6.5", [("МКАД", 6.5)]),
    ("Чернігів 39 Київ 179", [("Чернігів", 39), ("Київ", 179)]),
    ("ЧЕРНІГІВ З9", [("ЧЕРНІГІВ", 39)]),
    ("VASTSE-ROOSA3", [("VASTSE-ROOSA", 3)]),
    ("Видин Vidin 240", [("Видин", None), ("Vidin", 240)]),
    ("Н.-Сіверський", [("Н.-Сіверський", None)]),
    ("смт. В.Бірки", [("смт. В.Бірки", None)]),
    ("Тернопільський р-н,", [("Тернопільський р-н", None)]),
    ("КАЛУЖСКАЯ ОБЛАСТЬ", [("КАЛУЖСКАЯ ОБЛАСТЬ", None)]),
    ("ЛУК'ЯНІВСЬКА", [("ЛУК'ЯНІВСЬКА", None)]),
    ("РОССИЯ", [("РОССИЯ", None)]),
    ("на Гусятин", [("Гусятин", None)]),
    ("КПП Нові Яриловичі", [("Нові Яриловичі", None)]),
    ("Пункт пропуску «Сеньківка»", [("Сеньківка", None)]),
    ("Київ – Чернігів", [("Київ", None), ("Чернігів", None)]),
    ("7-й км траси Київ-Чернігів", [("Київ", 7), ("Чернігів", None)]),
    ("ST ÉMILION", [("ST ÉMILION", None)]),
    ("Київ 717 км", [("Київ", 717)]),
    ("Київ 7171 км", [("Київ", None)]),
]

NOTHING = [
    "", "   ", "|", "l1|", "STOP", "СТОП", "ВНИМАНИЕ!", "ВНИМАННЕ", "ПОГРАНИЧНЫЙ КОНТРОЛЬ", "BORDER CONTROL",
    "МАГАЗИН", "АГАЗИН", "ПЕРШИЙ ЛОМБАРД", "KAVA", "BUFET", "MAN", "ДОРОЖНАЯ улица", "вул. Шевченка, 12",
    "ул. Ширяева,5", "PETALING STRÉET", "т. (067) 708 75 84", "тел. 30-44-71", "42-02-42",
    "e-mail:somebody@mail.com", "www.example.com", "ЗА 349 РУБ./МЕС", "AB 0680 EA", "6808 ХО", "LJ 80-8HP",
    "L3 80-8НР", "А123ВС 77", "12:30", "24/7", "01.02.2026", "-20%", "3,5 т", "1743", "2026", "90",
    "продаж здійснюється", "не більше 3-х одиниць", "Все буде", "aaaa", "Ж", "\u202e\x00\x1b[31m",
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_names_and_kilometres(text: str, names: list[tuple[str, float | None]]) -> None:
    assert list(read_line(text).names) == names


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_name(text: str) -> None:
    assert read_line(text).names == ()


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("М01 E95", ("M01", "E95")), ("Е-95", ("E95",)), ("М-01", ("M01",)), ("D 122", ("D122",)),
        ("Т-25-04", ("T2504",)), ("7 Бач. Паланка", ("7",)), ("М1 Е30 БРЕСТ-МИНСК", ("M1", "E30")),
        ("УФА 572", ()), ("AB 0680 EA", ()),
    ],
)  # fmt: skip
def test_route_numbers(text: str, routes: tuple[str, ...]) -> None:
    assert read_line(text).routes == routes


def test_a_number_before_a_name_is_a_road_not_a_distance() -> None:
    assert read_line("7 Бач. Паланка").names == (("Бач. Паланка", None),)


def test_a_road_is_named_by_its_ends() -> None:
    line = read_line("М1 Е30 БРЕСТ-МИНСК-ГРАНИЦА РФ")
    assert [name for name, _ in line.names] == ["БРЕСТ", "МИНСК"]


@pytest.mark.parametrize(
    ("text", "km"), [("км 493+300", 493.3), ("Площадка отдыха км 493+300", 493.3), ("км 120", 120)]
)
def test_kilometre_posts(text: str, km: float) -> None:
    line = read_line(text)
    assert line.post_km == pytest.approx(km)
    assert line.names == ()


@pytest.mark.parametrize(
    ("text", "arrow"),
    [("← Гомель", "left"), ("Гомель →", "right"), ("↑ Гомель", "ahead"), ("<- Гомель", "left"), ("Гомель", None)],
)
def test_arrows(text: str, arrow: str | None) -> None:
    line = read_line(text)
    assert line.arrow == arrow
    assert line.names == (("Гомель", None),)


@settings(deadline=None)
@given(st.text(max_size=300))
@example("- AAA")
@example("«- Гомель -'»")
def test_no_text_stops_a_line(text: str) -> None:
    line = read_line(text)
    for name, km in line.names:
        assert len(name) >= 2
        assert name == name.strip()
        assert not any(ord(c) < 32 for c in name)
        assert km is None or 0 <= km < 10_000


@settings(deadline=None)
@given(st.sampled_from(["Чернігів", "Гомель", "Ріпки", "Сновськ", "Мена"]), st.integers(1, int(MAX_KM)))
def test_any_plausible_distance_is_kept(name: str, km: int) -> None:
    assert read_line(f"{name} {km}").names == ((name, float(km)),)


def test_vocabulary_rows_are_whole_and_unique() -> None:
    from importlib.resources import files

    rows = files("geoinfer").joinpath("data/vocabulary.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0].split("\t") == ["word", "language", "meaning", "effect", "source"]
    words = [row.split("\t") for row in rows[1:]]
    assert all(len(row) == 5 and all(row) and row[3] in EFFECTS for row in words)
    assert len({row[0] for row in words}) == len(words)


@pytest.mark.parametrize(
    ("word", "effect"),
    [("Вул.", "street"), ("CТAНЦІЯ", "station"), ("ОБЛАСТЬ", "area"), ("Нові", "first"), ("магазин", "shop"),
     ("Гомель", ""), ("Набережне", ""), ("Гай", "")],
)  # fmt: skip
def test_effects_of_words(word: str, effect: str) -> None:
    assert load_vocabulary().effect(word) == effect


@pytest.mark.data
def test_hardly_a_settlement_of_ukraine_is_lost(shared) -> None:  # type: ignore[no-untyped-def]
    import csv
    import io
    import zipfile

    archive = zipfile.ZipFile(next((shared / "data").glob("geonames_postal_UA*.zip")))
    rows = csv.DictReader(io.StringIO(archive.read("zipcodes.ua.csv").decode()))
    names = sorted({row["place"] for row in rows if row["place"].isalpha()})[::5]
    assert len(names) > 1000
    lost = [name for name in names if [found for found, _ in read_line(name).names] != [name]]
    assert len(lost) < 0.004 * len(names), lost
