"""The index: that it finds what a look at every name would find, and that it is made once and kept in one file."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from gazetteer import Gazetteer
from gazetteer import indexing as indexing_module
from gazetteer.archive import Archive, write_archive
from gazetteer.filing import WHOLE, bits_of, compile_filing
from gazetteer.index import Index
from gazetteer.indexing import copy_path, members, open_file
from gazetteer.lexicon import Lexicon, compile_lexicon, spans
from gazetteer.names import key, plain
from gazetteer.spelling_model import SpellingModel, count_runs
from gazetteer.tables import MAIN, Draft, Tables, pack, write

NAMES = """
Чернігів Городня Ріпки Мена Сновськ Любеч Семенівка Короп Короп’є Димер Димерка Сосниця Ічня Ніжин Бахмач Борзна
Новгород-Сіверський Козелець Остер Прилуки Талалаївка Варва Срібне Куликівка Добрянка Замглай Седнів Олишівка
Михайло-Коцюбинське Сеньківка Миколаївка Іванівка Петрівка Новоселівка Степанівка Олександрівка Грем’яч Гремяче Гомель
Речица Добруш Терюха Брянск Клинцы Новозыбков Стародуб Унеча Почеп Жуковка Дятьково Сельцо Фокино Людиново Киров Бірки
Великі-Бірки Малі-Бірки Нова-Басань Стара-Басань Eppingen Epping Chernihiv Warszawa Wrocław Łódź Kraków Brăila București
Puerto-Vallarta Saint-Émilion
""".split()  # noqa: SIM905
SOURCES = [{"name": "test", "version": "1", "licence": "MIT", "url": ""}]


def tables() -> Tables:
    return pack(
        [
            Draft(f"t:{at}", [(name, MAIN)], "town", 30 + at / 10, 50.0, 0.6, 1000, "UA", ("", ""), "test")
            for at, name in enumerate(NAMES)
        ],
        SOURCES,
    )


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return compile_lexicon(tables())


@pytest.fixture(scope="module")
def index(lexicon: Lexicon) -> Index:
    return Index(lexicon, compile_filing(lexicon))


LETTERS = "abdegiklmnprstuv"


def misread(text: str, errors: int, rng: random.Random) -> str:
    for _ in range(errors):
        at = rng.randrange(len(text) + 1)
        kind = rng.random()
        letter = rng.choice(LETTERS)
        text = text[:at] + letter + text[at + 1 :] if kind < 0.6 else text[:at] + text[at + 1 :] if kind < 0.8 else (
            text[:at] + letter + text[at:]
        )  # fmt: skip
    return text


@pytest.mark.parametrize("edits", [1, 2])
def test_keys_within_some_edits_are_all_found(lexicon: Lexicon, index: Index, edits: int) -> None:
    keys = [lexicon.key(row) for row in range(len(lexicon.key_form) - 1)]
    rng = random.Random(3)
    for _ in range(300):
        wanted = misread(rng.choice(keys), rng.randrange(edits + 2), rng)
        if not 0 < len(wanted) <= WHOLE - edits:
            continue
        rows, away = index.near(wanted, edits)
        found = {keys[row]: int(distance) for row, distance in zip(rows, away, strict=True)}
        assert found == {name: d for name in keys if (d := Levenshtein.distance(wanted, name)) <= edits}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=LETTERS, min_size=1, max_size=30), st.text(alphabet=LETTERS, min_size=1, max_size=30))
def test_bits_never_rule_out_what_is_near(first: str, second: str) -> None:
    letters, pairs = (int(a ^ b).bit_count() for a, b in zip(bits_of(first), bits_of(second), strict=True))
    assert letters <= 2 * Levenshtein.distance(first, second)
    assert pairs <= 4 * Levenshtein.distance(first, second)


@pytest.mark.parametrize(
    "text", ["новгород сіверсьник", "новгоров сіверськи", "ноегород сівзрський", "михапло коцюбииське"]
)
def test_long_names_are_found_with_several_errors(lexicon: Lexicon, index: Index, text: str) -> None:
    best = lexicon.form(int(index.alike(text, len(key(text)))[0]))
    assert Levenshtein.distance(best, text) <= 3
    assert " " in best


@pytest.mark.parametrize("name", ["Новгород-Сіверський", "Чернігів", "Сеньківка"])
def test_names_of_the_same_letters_are_found_however_they_stand(lexicon: Lexicon, index: Index, name: str) -> None:
    wanted = key(name)
    scrambled = "".join(wanted[at ^ 1] if at ^ 1 < len(wanted) else wanted[at] for at in range(len(wanted)))
    rows = index.rough(scrambled, most=50)
    assert wanted in {lexicon.key(int(row)) for row in rows}
    assert len(rows) <= 100  # keys that are equally alike are taken together, up to twice as many as asked for


def test_exact_keys_and_last_words(lexicon: Lexicon, index: Index) -> None:
    assert [lexicon.key(row) for row in index.exact([key("Chernihiv"), "nothere"])] == [key("Чернігів")]
    assert "новгород сіверський" in [lexicon.form(row) for row in index.ending(key("Сіверський"))]
    assert len(index.ending("nothere")) == 0
    assert len(index.near("", 2)[0]) == 0


def test_romanised_spellings_stand_beside_names(lexicon: Lexicon) -> None:
    forms = {lexicon.form(row) for row in range(len(lexicon.form_script))}
    assert {"чернігів", "chernihiv", "tschernihiw", "czernihiw", "cernihiv", "senkivka", "senjkivka"} <= forms
    assert all(plain(form) == form for form in forms)


def test_spans() -> None:
    assert spans(np.array([5, 2, 9]), np.array([7, 2, 10])).tolist() == [5, 6, 9]
    assert len(spans(np.array([], dtype=int), np.array([], dtype=int))) == 0


def test_usual_letters_are_likelier(lexicon: Lexicon) -> None:
    model = SpellingModel(lexicon.alphabet, *count_runs(lexicon))
    assert model.log_probability("петрівка") > model.log_probability("рпівтека") > model.log_probability("щщщщъъъъ")
    assert model.log_probability("서울", signs=True) < model.log_probability("бор")


def test_a_built_file_has_its_index_in_it(tmp_path: Path) -> None:
    path = tmp_path / "g.zip"
    write(tables(), path, members(tables()))
    opened = open_file(path)
    assert opened.index is not None
    # Views of the file, not copies.
    assert not opened.index[0].letters.flags.owndata
    assert Gazetteer.open(path).search("Чернiгов").matches[0].place.name == "Чернігів"
    assert [p.name for p in tmp_path.iterdir()] == ["g.zip"]


def test_a_file_without_an_index_gets_one_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAZETTEER_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "g.zip"
    write(tables(), path)
    assert open_file(path).index is None
    Gazetteer.open(path).search("Мена")
    copy = copy_path(path)
    assert copy is not None and copy.is_file() and copy.parent == tmp_path / "cache"
    assert open_file(path).index is not None
    # A damaged copy is made anew, not believed.
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    assert open_file(path).index is None


def test_an_index_that_other_code_made_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAZETTEER_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "g.zip"
    write(tables(), path, members(tables()))
    monkeypatch.setattr(indexing_module, "fingerprint", lambda: "later")
    assert open_file(path).index is None


def test_without_a_cache_folder_a_search_works_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GAZETTEER_CACHE", str(tmp_path / "file" / "cache"))
    path = tmp_path / "g.zip"
    write(tables(), path)
    assert Gazetteer.open(path).search("Городня").matches[0].place.name == "Городня"


def test_a_forged_index_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAZETTEER_CACHE", str(tmp_path / "cache"))
    forged = members(tables())
    column = forged["lexicon/form_bearer"]
    assert isinstance(column, np.ndarray)
    forged["lexicon/form_bearer"] = np.full_like(column, 2**32 - 1)
    path = tmp_path / "g.zip"
    write(tables(), path, forged)
    assert open_file(path).index is None


def test_archives_come_back_packed_or_mapped(tmp_path: Path) -> None:
    content = {"a.txt": b"hello", "numbers": np.arange(1000, dtype="<u4")}
    for mapped in (False, True):
        path = tmp_path / f"{mapped}.zip"
        write_archive(path, content, mapped=mapped)
        with Archive(path) as archive:
            numbers = archive.array("numbers", "<u4")
            assert archive.bytes("a.txt") == b"hello"
            with pytest.raises(ValueError, match="another type"):
                archive.array("numbers", "<u8")
        assert numbers.tolist() == list(range(1000))
        assert numbers.flags.aligned
