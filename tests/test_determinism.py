"""The same input, settings and seed give the same report, byte for byte, in another process and at another time."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from geoinfer.ledger import file_hash

FILES = ("report.json", "report.html", "map.html", "sites.csv", "sites.geojson", "sites.kml", "case.gpkg")
RUN = (
    "import sys; from pathlib import Path; from geoinfer.case import Case;"
    "case = Case.from_photos(sys.argv[1]); case.add_clue('Чернігів', km=39); case.add_clue('Гомель', km=72);"
    "case.infer().save(Path(sys.argv[2]))"
)


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    image = Image.new("RGB", (320, 160), (24, 78, 150))
    ImageDraw.Draw(image).text((40, 50), "Ripky", fill="white", font_size=48)
    image.save(tmp_path / "photos/sign.png")
    (tmp_path / "photos/broken.jpg").write_bytes(b"no photo")
    for number, out in enumerate(("one", "two")):
        # Sets and dictionaries of texts must not decide anything: their order hangs on this.
        environment = {**os.environ, "PYTHONHASHSEED": str(number), "TZ": ("UTC", "Asia/Tokyo")[number]}
        command = [sys.executable, "-c", RUN, str(tmp_path / "photos"), str(tmp_path / out)]
        subprocess.run(command, check=True, env=environment)
    one, two = tmp_path / "one", tmp_path / "two"
    assert {name: file_hash(one / name) for name in FILES} == {name: file_hash(two / name) for name in FILES}
    assert (one / "ledger.jsonl").read_bytes() == (two / "ledger.jsonl").read_bytes()
    crops = sorted(path.name for path in (one / "crops").iterdir())
    assert crops == sorted(path.name for path in (two / "crops").iterdir())
