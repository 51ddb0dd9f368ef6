"""Fetching GeoNames files: ``gazetteer build --download UA BY RU``.

Nothing is fetched unless the user asks: a request tells a stranger which countries somebody looks at. Needs the package
`pooch` (extra ``download``), which keeps what it fetched in the user's cache folder.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gazetteer.errors import GazetteerError

SERVER = "https://download.geonames.org/export/dump/"
TIMEOUT_S = 30


def urls(countries: Sequence[str], server: str = "") -> dict[str, str]:
    """Give the address of the dump of each country.

    Raises
    ------
    GazetteerError
        A code is no ISO 3166-1 alpha-2 code.

    Examples
    --------
    >>> urls(["ua"])
    {'UA': 'https://download.geonames.org/export/dump/UA.zip'}
    """
    wrong = [code for code in countries if not (len(code) == 2 and code.isascii() and code.isalpha())]
    if wrong:
        raise GazetteerError(
            f"no country code: {', '.join(wrong)}; valid are ISO 3166-1 alpha-2 codes such as UA BY RU"
        )
    return {code.upper(): f"{server or SERVER}{code.upper()}.zip" for code in dict.fromkeys(countries)}


def fetch(
    countries: Sequence[str], *, server: str = "", folder: Path | None = None, progress: bool = False
) -> list[Path]:
    """Fetch the GeoNames dumps of countries, or take them from the cache where they were fetched today.

    Parameters
    ----------
    countries
        ISO 3166-1 alpha-2 codes.
    server
        Address of the folder with the dumps; GeoNames' own where it is empty.
    folder
        Where to keep them; None for ``gazetteer`` in the user's cache folder.
    progress
        Whether to show a bar on standard error.

    Raises
    ------
    GazetteerError
        The package `pooch` is missing or a file cannot be fetched: the message says what to do by hand.
    """
    wanted = urls(countries, server)
    try:
        version("pooch")
    except PackageNotFoundError as error:
        raise GazetteerError(
            f"to download install the extra: pip install 'geoinfer[download]'; {by_hand(wanted)}"
        ) from error
    import pooch

    # GeoNames has no checksums and makes new dumps every night: a file of today is kept, older ones are fetched anew.
    today = datetime.now(UTC).date().isoformat()
    kept = (folder or Path(pooch.os_cache("gazetteer"))) / today
    found = []
    pooch.get_logger().setLevel("WARNING")
    for code, url in wanted.items():
        downloader = pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT_S)
        try:
            path = Path(pooch.retrieve(url, None, f"{code}.zip", kept, downloader=downloader))
        except (OSError, ValueError) as error:
            raise GazetteerError(f"{url} cannot be fetched ({_reason(error)}); {by_hand(wanted)}") from error
        if not zipfile.is_zipfile(path):
            path.unlink()
            raise GazetteerError(f"{url} is no zip file: something stands between you and GeoNames; {by_hand(wanted)}")
        found.append(path)
    return found


def by_hand(wanted: dict[str, str]) -> str:
    """Say what to do without this machine's network."""
    files = " ".join(f"{code}.zip" for code in wanted)
    return (
        f"without a network, fetch {' '.join(wanted.values())} on another machine, bring the files here and run: "
        f"gazetteer build {files} -o FILE"
    )


def _reason(error: Exception) -> str:
    told = " ".join(str(error).split())
    return told if 0 < len(told) <= 160 else type(error).__name__
