from __future__ import annotations

import os
import time
from concurrent.futures import Future
from pathlib import Path

import pytest
from PIL import Image

from geoinfer import workers
from geoinfer.errors import EngineError
from geoinfer.inputs import Source
from geoinfer.looks import Look
from geoinfer.tasks import Answer, Task, keep_asking, perform
from geoinfer.workers import Processes


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    made = []
    for number in range(6):
        file = tmp_path / f"{number}.png"
        Image.effect_noise((60, 40), 30 + number).save(file)
        made.append(Task("look", Source(file.name, str(file))))
    return made


def test_a_missing_file_is_an_answer_and_a_missing_engine_an_error(tmp_path: Path, tasks: list[Task]) -> None:
    gone = Source("gone.jpg", str(tmp_path / "gone.jpg"))
    assert "cannot be read" in str(perform(Task("look", gone), "signs"))
    with pytest.raises(EngineError, match="valid are"):
        perform(Task("read", tasks[0].source), "oracle")


def test_processes_answer_every_task(tasks: list[Task]) -> None:
    crew = Processes("signs", 2)
    try:
        answers = dict(crew.answers(tasks))
    finally:
        crew.close()
    assert sorted(answers) == list(range(6))
    assert all(isinstance(answer, Look) for answer in answers.values())


def _crash_on_three(task: Task, engine: str) -> Answer:
    if task.source.name == "3.png":
        os.abort()
    return perform(task, engine)


def _hang_on_two(task: Task, engine: str) -> Answer:
    if task.source.name == "2.png":
        time.sleep(60)
    return perform(task, engine)


@pytest.mark.parametrize(
    ("act", "guilty", "told"), [(_crash_on_three, 3, "made the reader crash"), (_hang_on_two, 2, "took too long")]
)
def test_a_photo_that_crashes_or_hangs_costs_itself_alone(
    tasks: list[Task], monkeypatch: pytest.MonkeyPatch, act: object, guilty: int, told: str
) -> None:
    monkeypatch.setattr(workers, "perform", act)
    monkeypatch.setattr(workers, "PHOTO_SECONDS", 3)
    crew = Processes("signs", 2)
    try:
        answers = dict(crew.answers(tasks))
    finally:
        crew.close()
    assert {index for index, answer in answers.items() if isinstance(answer, str)} == {guilty}
    assert told in str(answers[guilty])


def test_no_more_tasks_are_in_flight_than_allowed() -> None:
    flying: list[int] = []

    def ask(index: int) -> Future[str]:
        flying.append(index)
        assert len(flying) <= 3
        future: Future[str] = Future()
        future.set_result(str(index))
        return future

    def answer(future: Future[str], again: bool) -> str:
        flying.remove(int(future.result()))
        return future.result()

    assert sorted(keep_asking(50, 3, ask, answer)) == [(i, str(i)) for i in range(50)]
