from __future__ import annotations

import numpy as np
import pytest

from geoinfer.belief import Belief, infer_belief
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import build_clues
from geoinfer.hypothesis import Hypothesis
from geoinfer.parameters import number
from geoinfer.photo_terms import Photo, log_of_product, product_of_photos
from geoinfer.world import World


def believe(world: World, *rows: ClueRow) -> Belief:
    belief = infer_belief(build_clues(rows, world.gazetteer), Hypothesis(near=()), world.borders, world)
    assert belief is not None
    return belief


def row(photo: str, sign: str, name: str, km: float | None = None) -> ClueRow:
    return ClueRow(sign, "direction" if km is None else "distance", name, km=km, photo=photo)


def test_names_that_agree_make_a_photo_no_more_credible_than_one_name(world: World) -> None:
    """One photo of three names that fit together at Sumy, one of a single name at Smolensk: either may mislead."""
    sumy = row("a", "s1", "Суми", 8), row("a", "s1", "Охтирка", 82), row("a", "s1", "Харків", 179)
    belief = believe(world, *sumy, row("b", "s2", "Смоленск", 105))
    assert 0.2 < belief.explained("clue-1") < 0.8
    assert 0.2 < belief.explained("clue-2") < 0.8


def test_plates_of_one_photo_mislead_together(world: World) -> None:
    """Two plates of a photo are as much in doubt against another photo as they are together."""
    two = row("a", "s1", "Чернігів", 39), row("a", "s2", "Ріпки"), row("b", "s3", "Львів", 60)
    belief = believe(world, *two)
    assert len(belief.photos) == 2
    assert belief.explained("clue-1") == pytest.approx(belief.explained("clue-2"), abs=0.1)
    apart = believe(world, *(row(r.sign_id, r.sign_id, r.name, r.km) for r in two))
    assert apart.explained("clue-1") > belief.explained("clue-1") + 0.2


def test_what_a_photo_says_is_one_on_average_and_bounded_below(world: World) -> None:
    one = row("a", "s1", "Чернігів", 39), row("a", "s1", "Київ", 179)
    belief = believe(world, *one, row("b", "s2", "Ріпки"))
    said = belief.contribution("clue-1")
    assert np.exp(said.min()) == pytest.approx(number("photo_error", "share"), abs=0.01)
    # A photo that is alone has no other place to be away from.
    assert np.exp(believe(world, *one).contribution("clue-1").min()) < 0.01
    assert belief.without("clue-2").explained("clue-1") == pytest.approx(
        believe(world, *one).explained("clue-1"), abs=0.01
    )


def test_a_plate_less_is_what_it_contributed_less(world: World) -> None:
    belief = believe(world, row("a", "s1", "Чернігів", 39), row("a", "s2", "Ріпки"), row("b", "s3", "Гомель"))
    left = belief.without("clue-2")
    assert [photo.plates for photo in left.photos] == [("clue-1",), ("clue-3",)]
    assert left.posterior.sum() == pytest.approx(1.0)
    of_clues = belief.log_total - belief.taken_back - belief.contribution("clue-2")
    assert left.log_total - left.taken_back == pytest.approx(of_clues, abs=1e-5)
    photos = sum(belief.contribution(key) for key in ("clue-3",))
    assert left.contribution("clue-1") + photos == pytest.approx(of_clues, abs=1e-5)


def test_what_single_precision_cannot_hold_is_multiplied_in_double() -> None:
    photo = Photo(("clue-1",), mean=1.0, misleading=1e-6)
    huge, tiny = np.full(3, 1e20, dtype=np.float32), np.zeros(3, dtype=np.float32)
    assert product_of_photos([photo] * 4, [huge] * 4) == pytest.approx(1e80, rel=1e-4)
    assert product_of_photos([photo] * 8, [tiny] * 8) == pytest.approx(1e-48, rel=1e-4)
    assert product_of_photos([photo], [huge]).dtype == np.float32


def test_logarithms_of_many_photos_are_those_of_each() -> None:
    rng = np.random.default_rng(0)
    factors = [10 ** rng.uniform(-90, 90, 50) for _ in range(9)]
    assert log_of_product(factors, 50) == pytest.approx(sum(np.log(factor) for factor in factors))
    assert log_of_product([], 2).tolist() == [0.0, 0.0]
