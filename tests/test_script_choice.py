"""Cyrillic lines stay Cyrillic, whatever a network that knows none makes of them; Latin ones keep their marks."""

from __future__ import annotations

import pytest

from geoinfer.recogniser import Spelling
from geoinfer.script_choice import choose

Text = tuple[str, float]


@pytest.mark.parametrize(
    ("ours", "own", "text"),
    [
        (("Чернігів", 0.4), ("YephiriB", 0.9), "Чернігів"),
        (("Braila", 0.4), ("Brăila", 0.9), "Brăila"),
        (("Kyiv", 0.9), ("Kyjv", 0.4), "Kyiv"),
        (("A", 0.3), ("愚园路", 0.97), "愚园路"),
        (("РІККІЇ", 0.5), ("PIIKKIÖ", 0.9), "PIIKKIÖ"),
        (("РОСТОВ", 0.6), ("POCTOB", 0.9), "РОСТОВ"),
        (("КРАЇНА", 0.7), ("KPAIHA", 0.9), "КРАЇНА"),
        (("Кyзедeeвo", 0.2), ("Ky3egeeBo", 0.6), "Кyзедeeвo"),
        (("Opпykiвka", 0.2), ("OpaukiBka", 0.3), "Opпykiвka"),
        (("Weibensee", 0.2), ("Weißensee", 0.9), "Weißensee"),
    ],
)
def test_the_surer_of_two_heads_wins_unless_letters_are_cyrillic(
    ours: tuple[str, float], own: tuple[str, float], text: str
) -> None:
    assert choose(Spelling((ours,)), Spelling((own,))).text == text


@pytest.mark.parametrize(
    ("ours", "own", "text"),
    [
        # Lines in faces whose в is a β, and a П of two posts: what was read of rendered signs.
        ([("Рашівка", 0.021), ("Paшівка", 0.009)], ("Pawißka", 0.68), "Рашівка"),
        ([("Нестеліїbkа", 0.034), ("Нестеліївка", 0.002)], ("Hecmeniïßka", 0.24), "Нестеліїbkа"),
        ([("КРІКЕ", 0.49), ("КРІШКЕ", 0.065)], ("KPIIIKE", 0.92), "КРІКЕ"),
        # German, and a king's number: nothing Cyrillic about them.
        ([("Weibensee", 0.3), ("Weißensee", 0.1)], ("Weißensee", 0.9), "Weißensee"),
        ([("KARL XIII", 0.5)], ("KARL XIII", 0.9), "KARL XIII"),
        ([("Grobkirchen", 0.3), ("Grofkirchen", 0.1), ("Gгоbkirchen", 0.01)], ("Großkirchen", 0.9), "Großkirchen"),
    ],
)
def test_what_cyrillic_words_leave_behind_is_not_latin(ours: list[Text], own: Text, text: str) -> None:
    assert choose(Spelling(tuple(ours)), Spelling((own,))).text == text
