from __future__ import annotations

import numpy as np
import pytest

from gazetteer.places import Place
from geoinfer.orthography import follows_resolution, romanised, spelling, telling

NAMES = {"uk": "Чернігів", "en": "Chernihiv"}
CHERNIHIV = Place("test:1", "Чернігів", NAMES, "city", 31.2849, 51.5055, 0.3, 285_000, "UA", "UA-74", "", "test")


@pytest.mark.parametrize(
    ("name", "country", "weight"),
    [
        ("Чернігів", "UA", 1.0),
        ("Чернігів", "RU", 0.05),
        ("Київ", "BY", 0.05),
        ("Барысаў", "BY", 1.0),
        ("Барысаў", "UA", 0.05),
        ("Рыльск", "UA", 0.15),
        ("Подъезд", "UA", 0.1),
        ("Гомель", "UA", 1.0),
        ("Гомель", "PL", 1.0),
        ("Рыльск", "PL", 0.3),
        ("Chernihiv", "RU", 1.0),
    ],
)
def test_letters_tell_the_country(name: str, country: str, weight: float) -> None:
    assert spelling(name, np.array([country])).tolist() == [weight]
    assert bool(telling(name)) == (name not in ("Гомель", "Chernihiv"))


def test_the_ukrainian_romanisation_speaks_for_ukraine() -> None:
    countries = np.array(["UA", "BY"])
    assert romanised("Chernihiv", CHERNIHIV, countries).tolist() == [1.0, 0.3]
    assert romanised("Chernigov", CHERNIHIV, countries).tolist() == [1.0, 1.0]
    assert not follows_resolution("Чернігів", CHERNIHIV)
