"""Which spelling is in which language: the letters, the choice out of a bag, and what the shipped tables say."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Gazetteer
from gazetteer.mother_tongue import closest, faults, without_stress
from gazetteer.names import plain
from gazetteer.shipped import data_path
from gazetteer.spellings import assemble
from gazetteer.tables import DERIVED, LANGUAGES


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        ("ru", "Смоленск", "Смоленьск"),
        ("ru", "Омск", "Омьскъ"),
        ("ru", "Коломна", "Коломьна"),
        ("ru", "Череповец", "Череповетс"),
        ("ru", "Благовещенск", "Благовешченск"),
        ("ru", "Братск", "Братськ"),
        ("ru", "Октябрьск", "Октябрськ"),
        ("be", "Брэст", "Брест"),
        ("be", "Валгаград", "Волгоград"),
        ("be", "Пскоў", "Псков"),
        ("be", "Маладзечна", "Молодечно"),
        ("uk", "Смоленськ", "Смоленск"),
        ("uk", "Барановичі", "Барановичи"),
        ("uk", "Іваново", "Иваново"),
        ("uk", "Тольятті", "Тольяттии"),
    ],
)
def test_letters_tell_a_language(language: str, right: str, wrong: str) -> None:
    assert faults(plain(right), language) == 0 < faults(plain(wrong), language)


@pytest.mark.parametrize(
    ("bag", "language", "model", "expected"),
    [
        (["Казан", "Казань"], "ru", "Kazan", "Казань"),
        (["Мінськ", "Минск", "Мінск"], "be", "Minsk", "Мінск"),
        (["Кёнигсберг"], "ru", "Kaliningrad", ""),
        (["Смоленск", "Смоленьск", "Смаленск"], "ru", "Smolensk", "Смоленск"),
        (["Грозны", "Грозный", "Джохар"], "ru", "Grozny", "Грозный"),
        (["Салигорск", "Солигорск"], "ru", "Soligorsk", "Солигорск"),
        (["Озеры", "Озёры"], "ru", "Ozëry", "Озёры"),
    ],
)
def test_the_nearest_spelling_that_the_language_writes(
    bag: list[str], language: str, model: str, expected: str
) -> None:
    assert closest(bag, language, model) == expected


def test_a_dictionary_decides_between_spellings_that_letters_do_not_tell_apart() -> None:
    bag = ["Москова", "Москва", "Масква"]
    words = {"ru": {"москва"}, "uk": {"москва"}, "be": {"масква"}}
    named = {LANGUAGES[flags & 7]: name for name, flags in assemble("Moscow", bag, "RU", dictionaries=words)}
    assert (named["ru"], named["uk"], named["be"]) == ("Москва", "Москва", "Масква")
    assert closest(["Кременчук", "Кременчуг"], "ru", "Кременчук", {"ru": {"кременчуг"}}) == "Кременчуг"


def test_what_is_known_stands_before_what_is_chosen() -> None:
    told = {"be": "Асіповічы", "ru": "Осиповичи"}
    made = assemble("Osipovichi", ["Асіпоповічы", "Осиповичи"], "BY", told=told)
    named = {LANGUAGES[flags & 7]: (name, bool(flags & DERIVED)) for name, flags in made if flags & 7}
    assert named["be"] == ("Асіповічы", False)
    assert named["ru"] == ("Осиповичи", False)
    assert named["uk"] == ("Осиповичі", True)


@given(st.text(alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэёъў -’", max_size=20))
def test_a_choice_is_one_of_the_bag_or_nothing(name: str) -> None:
    for language in ("uk", "ru", "be"):
        assert closest([name], language, "Kyiv") in (name, "")
        assert faults(plain(name), language) >= 0


def test_stress_marks_go_and_letters_stay() -> None:
    assert without_stress("Су\u0301нжа") == "Сунжа"
    assert without_stress("Йи") == "Йи"


SHIPPED = [
    ("geonames:524901", "Москва", "Москва", "Масква"),
    ("geonames:498817", "Санкт-Петербург", "Санкт-Петербург", "Санкт-Пецярбург"),
    ("geonames:491687", "Смоленськ", "Смоленск", "Смаленск"),
    ("geonames:571476", "Брянськ", "Брянск", "Бранск"),
    ("geonames:538560", "Курськ", "Курск", "Курск"),
    ("geonames:472045", "Воронеж", "Воронеж", "Варонеж"),
    ("geonames:578072", "Бєлгород", "Белгород", "Белгарад"),
    ("geonames:501175", "Ростов-на-Дону", "Ростов-на-Дону", "Растоў-на-Доне"),
    ("geonames:1496747", "Новосибірськ", "Новосибирск", "Новасібірск"),
    ("geonames:1496153", "Омськ", "Омск", "Омск"),
    ("geonames:569223", "Череповець", "Череповец", "Чарапавец"),
    ("geonames:558418", "Грозний", "Грозный", "Грозны"),
    ("geonames:627907", "Гомель", "Гомель", "Гомель"),
    ("geonames:625144", "Мінськ", "Минск", "Мінск"),
    ("geonames:629634", "Берестя", "Брест", "Брэст"),
    ("geonames:625665", "Могильов", "Могилёв", "Магілёў"),
    ("geonames:625324", "Мозир", "Мозырь", "Мазыр"),
    ("geonames:630468", "Бобруйськ", "Бобруйск", "Бабруйск"),
    ("geonames:630429", "Барановичі", "Барановичи", "Баранавічы"),
    ("geonames:630376", "Борисов", "Борисов", "Барысаў"),
]


def by_language(gazetteer: Gazetteer, id_: str) -> dict[str, str]:
    return dict(gazetteer.place(id_).names)


@pytest.mark.parametrize(("id_", "uk", "ru", "be"), SHIPPED)
def test_shipped_cities_go_by_their_well_known_names(id_: str, uk: str, ru: str, be: str) -> None:
    names = by_language(Gazetteer.open(), id_)
    assert (names["uk"], names["ru"], names["be"]) == (uk, ru, be)


@pytest.mark.parametrize(
    ("english", "uk", "ru"),
    [
        ("Kyiv", "Київ", "Киев"),
        ("Rivne", "Рівне", "Ровно"),
        ("Kremenchuk", "Кременчук", "Кременчуг"),
        ("Nizhyn", "Ніжин", "Нежин"),
        ("Kerch", "Керч", "Керчь"),
        ("Dnipro", "Дніпро", "Днепр"),
        ("Odesa", "Одеса", "Одесса"),
        ("Cherkasy", "Черкаси", "Черкассы"),
        ("Zhovti Vody", "Жовті Води", "Жёлтые Воды"),
    ],
)
def test_shipped_ukrainian_cities_have_their_russian_names(english: str, uk: str, ru: str) -> None:
    place = next(m.place for m in Gazetteer.open().search(english).matches if m.place.country == "UA")
    assert (place.names["uk"], place.names["ru"]) == (uk, ru)


def test_names_kept_by_hand_are_in_the_tables() -> None:
    gazetteer = Gazetteer.open()
    with data_path("city_names.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert all(row["source"] and (row["uk"] or row["ru"] or row["be"]) for row in rows)
    listed = set(gazetteer.ids)
    for row in rows:
        id_ = f"geonames:{row['geonames']}"
        if id_ in listed:  # a settlement of the codifier goes by its code
            names = by_language(gazetteer, id_)
            assert {code: names[code] for code in ("uk", "ru", "be") if row[code]} == {
                code: row[code] for code in ("uk", "ru", "be") if row[code]
            }


def test_large_cities_are_written_as_their_languages_are() -> None:
    gazetteer = Gazetteer.open()
    large = [place for place in gazetteer.populous(50_000) if place.country in ("UA", "BY", "RU")]
    wrong = {
        (place.id, language, name)
        for place in large
        for language, name in place.names.items()
        if language in ("ru", "uk") and faults(plain(name), language) and place.kind in ("city", "town")
    }
    assert np.divide(len(wrong), len(large)) < 0.01, sorted(wrong)
