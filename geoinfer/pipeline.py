"""Photos in, signs out: looks at all that a user names, reads every picture once, and lets no file stop the rest.

First every file is hashed; bytes that were read before come from the cache. Then unknown photos are looked at, small,
and near-duplicates are put aside. What remains is read. Results do not depend on the number of workers, nor on whether
a run was interrupted on the way.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from geoinfer.errors import PhotoError
from geoinfer.inputs import Inputs, Source, find_inputs
from geoinfer.looks import Look, near_duplicates
from geoinfer.occupy import occupy
from geoinfer.photos import PhotoRecord, file_sha256, printable
from geoinfer.readings_cache import FILE_NAME, MEMORY, PhotoSigns, ReadingsCache
from geoinfer.tasks import Answer, Task
from geoinfer.videos import MOST_SECONDS, time_name
from geoinfer.workers import Workers, open_workers

UNPACKED = ".unpacked-"
HASHERS, BATCH = 4, 64
"""Threads that hash files, and how many files one of them takes at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far reading is.

    Attributes
    ----------
    stage
        ``unpacking``, ``looking`` or ``reading``.
    done, total
        Files of this stage.
    file
        The last one. Untrusted text.
    signs, problems
        Found so far, in all stages.
    """

    stage: str
    done: int
    total: int
    file: str
    signs: int
    problems: int


Progress = Callable[[Step], None]


@dataclass
class Harvest:
    """What many photos gave.

    Attributes
    ----------
    photos
        In the order of the files.
    crops
        Reading id to the PNG bytes of its crop.
    problems
        ``{"file": ..., "error": ...}`` for every file that could not be used.
    interrupted
        True if reading was stopped before the last photo.
    engine
        Version of the engine that read, with its models.
    origins
        Where each photo was read, by its name in the report; only files that are still there after the run.
    """

    photos: list[PhotoRecord] = field(default_factory=list)
    crops: Mapping[str, bytes] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    interrupted: bool = False
    engine: str = ""
    origins: dict[str, Path] = field(default_factory=dict)


def read_photos(
    paths: Sequence[str | Path],
    engine: str = "signs",
    *,
    jobs: int = 0,
    cache: Path | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
) -> Harvest:
    """Read all photos that files, folders, globs, archives, videos and URLs stand for.

    Parameters
    ----------
    paths
        What to read, see `geoinfer.inputs.find_inputs`.
    engine
        Name of a reading engine, see `geoinfer.engines.open_engine`.
    jobs
        Processes that read at the same time, each with one thread; a photo that crashes one of them or takes longer
        than a minute is given up. 0 reads in this process.
    cache
        Folder to keep readings in, or None.
    dask
        Address of a Dask scheduler whose workers read.
    progress
        Called after every file.

    Returns
    -------
    What was read. Ctrl-C ends the reading, not the harvest: `Harvest.interrupted` is then true.

    Raises
    ------
    EngineError
        If the engine cannot be opened.
    OccupiedError
        If another run uses the cache folder.
    """
    from geoinfer.engines import engine_version

    version = engine_version(engine)
    with ExitStack() as stack:
        if cache is not None:
            cache.mkdir(parents=True, exist_ok=True)
            stack.enter_context(occupy(cache))
            if (cache / FILE_NAME).is_symlink():
                raise FileExistsError(f"{cache / FILE_NAME} is a link: nothing is written through it")
            for left in cache.glob(f"{UNPACKED}*"):  # of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
        kept = ReadingsCache(cache / FILE_NAME if cache else MEMORY, f"{engine} {version}")
        stack.callback(kept.close)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix=UNPACKED, dir=cache)))
        run = _Run(kept, folder, lambda: open_workers(engine, jobs, dask), progress or (lambda step: None))
        stack.callback(run.close)
        harvest = Harvest(engine=version)
        if kept.put_aside:
            told = "was damaged and put aside; all photos are read anew"
            harvest.problems.append({"file": kept.put_aside.with_suffix(".sqlite").name, "error": told})
        try:
            run.take(find_inputs(paths, folder))
            run.read()
        except KeyboardInterrupt:
            harvest.interrupted = True
        run.fill(harvest)
        return harvest


class _Run:
    """One pass over all files: what is known of each, by its place in the list of sources."""

    def __init__(self, cache: ReadingsCache, folder: Path, hire: Callable[[], Workers], progress: Progress) -> None:
        self._cache, self._folder, self._hire, self._tell = cache, folder, hire, progress
        self._workers: Workers | None = None
        self._sources: list[Source] = []
        self._refused: list[dict[str, str]] = []
        self._hashes: dict[int, str] = {}
        self._records: dict[int, PhotoRecord] = {}
        self._problems: dict[int, str] = {}
        self._signs = 0

    def close(self) -> None:
        if self._workers is not None:
            self._workers.close()

    def take(self, inputs: Inputs) -> None:
        """Take the sources, with frames in the place of videos."""
        self._refused += inputs.problems
        self._sources = list(inputs.sources)
        videos = [source for source in inputs.sources if source.is_video]
        if not videos:
            return
        frames: dict[str, list[Source]] = {}
        tasks = [Task("frames", source, self._folder / f"video-{number:04d}") for number, source in enumerate(videos)]
        for done, (index, answer) in enumerate(self._answers(tasks), start=1):
            frames[videos[index].place] = self._frames(videos[index], answer)
            self._say("unpacking", done, len(tasks), videos[index].name)
        self._sources = [one for source in inputs.sources for one in frames.get(source.place, [source])]

    def _frames(self, video: Source, answer: Answer) -> list[Source]:
        if not isinstance(answer, tuple):
            self._refused.append({"file": printable(video.name, 200), "error": str(answer)})
            return []
        found, more = answer
        if more:
            why = f"longer than {MOST_SECONDS // 60} minutes: the rest was not looked at"
            self._refused.append({"file": printable(video.name, 200), "error": why})
        return [
            replace(
                video,
                name=time_name(video.name, second),
                place=str(file),
                origin={**video.origin, "video": video.name, "second": second},
                kept=False,
            )
            for second, file in found
        ]

    def read(self) -> None:
        """Read every picture once."""
        looks = self._look(self._unique(self._hash()))
        order = sorted(looks)
        for index, first in near_duplicates([looks[i] for i in order]).items():
            name = self._sources[order[first]].name
            self._problems[order[index]] = f"shows what {printable(name, 200)} shows: read once"
        wanted = [i for i in order if i not in self._problems]
        missing = []
        for i in wanted:
            record = self._cache.record(looks[i].sha256, self._shown(i), self._sources[i].origin)
            if record is None:
                missing.append(i)
            else:
                self._has(i, record)
        done = len(wanted) - len(missing)
        if done:
            self._say("reading", done, len(wanted), self._sources[wanted[-1]].name)
        tasks = [Task("read", self._sources[i]) for i in missing]
        for number, answer in self._answers(tasks):
            i = missing[number]
            if isinstance(answer, PhotoSigns):
                self._cache.keep(looks[i].sha256, answer)
                self._has(i, answer.record)
            else:
                self._problems[i] = str(answer)
            done += 1
            self._say("reading", done, len(wanted), self._sources[i].name)

    def fill(self, harvest: Harvest) -> None:
        """Give what is known, in the order of the sources."""
        harvest.problems += self._refused
        for i, source in enumerate(self._sources):
            if i in self._records:
                harvest.photos.append(self._records[i])
                if unread := self._records[i].unread:
                    told = f"very much text: the {unread} least clear of its lines were not read"
                    harvest.problems.append({"file": self._shown(i), "error": told})
                if source.kept and not source.is_remote:
                    harvest.origins[self._records[i].file] = Path(source.place)
            else:
                why = self._problems.get(i, "not read: the run was interrupted")
                harvest.problems.append({"file": self._shown(i), "error": why})
        harvest.crops = self._cache.crops(harvest.photos)

    def _hash(self) -> list[int]:
        """Hash the files of this machine; what is far away is hashed by the worker that fetches it."""
        here = [i for i, source in enumerate(self._sources) if not source.is_remote]

        def hashed(some: Sequence[int]) -> list[str | PhotoError]:
            return [self._hash_of(i) for i in some]

        batches = [here[start : start + BATCH] for start in range(0, len(here), BATCH)]
        with ThreadPoolExecutor(HASHERS) as pool:
            for i, found in zip(here, chain.from_iterable(pool.map(hashed, batches)), strict=True):
                if isinstance(found, str):
                    self._hashes[i] = found
                else:
                    self._problems[i] = str(found)
        return [i for i in range(len(self._sources)) if i not in self._problems]

    def _hash_of(self, i: int) -> str | PhotoError:
        try:
            return file_sha256(Path(self._sources[i].place), self._shown(i))
        except PhotoError as error:
            return error

    def _unique(self, indexes: Sequence[int]) -> list[int]:
        """Leave out files whose bytes came before."""
        first: dict[str, int] = {}
        for i in indexes:
            digest = self._hashes.get(i)
            if digest is not None and first.setdefault(digest, i) != i:
                self._problems[i] = f"same bytes as {self._shown(first[digest])}: counted once"
        return [i for i in indexes if i not in self._problems]

    def _look(self, indexes: Sequence[int]) -> dict[int, Look]:
        """Look at the photos that were never looked at."""
        looks = {i: look for i in indexes if (look := self._cache.look(self._hashes.get(i, ""))) is not None}
        missing = [i for i in indexes if i not in looks]
        for done, (number, answer) in enumerate(
            self._answers([Task("look", self._sources[i]) for i in missing]), start=1
        ):
            i = missing[number]
            if isinstance(answer, Look):
                looks[i] = answer
                self._hashes[i] = answer.sha256
                self._cache.keep_look(answer)
            else:
                self._problems[i] = str(answer)
            self._say("looking", done, len(missing), self._sources[i].name)
        unique = self._unique(sorted(looks))
        return {i: looks[i] for i in unique}

    def _answers(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        if tasks:
            self._workers = self._workers or self._hire()
            yield from self._workers.answers(tasks)

    def _has(self, i: int, record: PhotoRecord) -> None:
        self._records[i] = record
        self._signs += len(record.signs)

    def _shown(self, i: int) -> str:
        return printable(self._sources[i].name, 200)

    def _say(self, stage: str, done: int, total: int, name: str) -> None:
        problems = len(self._refused) + len(self._problems)
        self._tell(Step(stage, done, total, name, self._signs, problems))
