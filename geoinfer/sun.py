"""The sun: a date, a time and a shadow say on which stretch of the globe a photograph can have been taken.

The height of an object divided by the length of its shadow on level ground is the tangent of the sun's elevation; the
shadow points away from the sun. The time of a photograph is seldom known to the minute, and a camera's clock may be
set wrong, so the likelihood is averaged over the time's own error. Sun positions are those of NREL's solar position
algorithm as `pvlib.spa` computes it (Reda and Andreas, 2004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from geoinfer.errors import ClueError
from geoinfer.geodesy import Floats
from geoinfer.observations import content_key
from geoinfer.positions import Disc, Positions

OUTLIER = 0.05
"""Probability that the shadow misleads: sloping ground, a leaning object, a wrong date. A judgement."""
MOST_MINUTES = 720.0
NODES = 15
TURN = 360.0
KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Sun:
    """What a shadow says.

    Attributes
    ----------
    id
        Name for people.
    time
        When the photo was taken, with its offset from UTC.
    minutes
        Standard error of that time in minutes.
    ratio, ratio_error
        Height of an object divided by the length of its shadow, and the relative standard error of that.
    azimuth, azimuth_error
        Direction in which the shadow falls, degrees clockwise from true north, and its standard error.
    note, photo
        As for `geoinfer.observations.Area`.

    Raises
    ------
    ClueError
        If there is neither ratio nor azimuth, the time has no offset, or a number is out of bounds.

    Examples
    --------
    >>> noon = datetime(2026, 1, 29, 12, 0, tzinfo=UTC)
    >>> Sun("sun-1", noon, ratio=0.29).says(31.3, 51.5)
    'the sun would stand 16.4° high, a shadow fall to 28°; the photo shows 16.2° high'
    """

    id: str
    time: datetime
    minutes: float = 10.0
    ratio: float | None = None
    ratio_error: float = 0.1
    azimuth: float | None = None
    azimuth_error: float = 10.0
    note: str = ""
    photo: str = ""

    def __post_init__(self) -> None:
        faults = []
        if self.time.tzinfo is None:
            faults.append("the time needs its offset from UTC, such as 2026-01-29T11:20:00+02:00")
        elif not 1900 <= self.time.year <= 2100:
            faults.append(f"the year must lie between 1900 and 2100, not {self.time.year}")
        if self.ratio is None and self.azimuth is None:
            faults.append("give ratio (height of an object : length of its shadow), azimuth (of the shadow), or both")
        if self.ratio is not None and not 0.01 <= self.ratio <= 50:
            faults.append(f"ratio must lie between 0.01 and 50, not {self.ratio:g}")
        if self.azimuth is not None and not 0 <= self.azimuth <= TURN:
            faults.append(f"azimuth must lie between 0 and 360 degrees, not {self.azimuth:g}")
        if not 0.1 <= self.minutes <= MOST_MINUTES:
            faults.append(f"minutes must lie between 0.1 and {MOST_MINUTES:g}, not {self.minutes:g}")
        if not 0.01 <= self.ratio_error <= 1:
            faults.append(f"ratio_error must lie between 0.01 and 1, not {self.ratio_error:g}")
        if not 0.5 <= self.azimuth_error <= 90:
            faults.append(f"azimuth_error must lie between 0.5 and 90 degrees, not {self.azimuth_error:g}")
        if faults:
            raise ClueError(f"{self.id}: " + "; ".join(faults))
        _algorithm()  # better now than in the middle of an inference

    @cached_property
    def key(self) -> str:
        """What stands for its content."""
        return content_key(self.facts())

    def extent(self) -> list[Disc] | None:
        """Add nothing: the sun shines on half of the globe."""
        return None

    def log_likelihood(self, positions: Positions) -> Floats:
        """Logarithm of the probability of such a shadow, averaged over the error of the time."""
        total = np.zeros(len(positions))
        # What a position stands for is as wide as the sun's angles change across it.
        blur = positions.extent_km / 2 / KM_PER_DEGREE
        for offset, weight in _normal_nodes(self.minutes):
            elevation, azimuth = sun_position(self.time + timedelta(minutes=offset), positions.lon, positions.lat)
            fit = np.ones(len(positions))
            if self.ratio is not None:
                seen = math.degrees(math.atan(self.ratio))
                # d(atan r) = r / (1 + r^2) * (dr / r)
                error = math.degrees(self.ratio * self.ratio_error / (1 + self.ratio**2))
                fit = fit * _normal(elevation - seen, np.hypot(error, blur))
            if self.azimuth is not None:
                turned = (azimuth + TURN / 2 - self.azimuth + TURN / 2) % TURN - TURN / 2
                fit = fit * _normal(turned, np.hypot(self.azimuth_error, blur))
            total += weight * np.where(elevation > 0, fit, 0.0)
        return np.asarray(np.log((1 - OUTLIER) * total + OUTLIER * self._anywhere()))

    def _anywhere(self) -> float:
        """Density of a shadow that says nothing: any elevation up to a right angle, any direction."""
        return (1 / 90 if self.ratio is not None else 1.0) * (1 / TURN if self.azimuth is not None else 1.0)

    def says(self, lon: float, lat: float) -> str:
        """Compare the sun at a point with the shadow."""
        elevation, azimuth = (float(value[0]) for value in sun_position(self.time, np.array([lon]), np.array([lat])))
        seen = []
        if self.ratio is not None:
            seen.append(f"{math.degrees(math.atan(self.ratio)):.1f}° high")
        if self.azimuth is not None:
            seen.append(f"a shadow to {self.azimuth:.0f}°")
        there = (
            f"the sun would stand {elevation:.1f}° high, a shadow fall to {(azimuth + 180) % TURN:.0f}°"
            if elevation > 0
            else "the sun would be below the horizon"
        )
        return f"{there}; the photo shows {' and '.join(seen)}"

    def facts(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "what": "sun",
            "id": self.id,
            "time": self.time.isoformat(),
            "minutes": self.minutes,
            "ratio": self.ratio,
            "ratio_error": self.ratio_error,
            "azimuth": self.azimuth,
            "azimuth_error": self.azimuth_error,
            "note": self.note,
            "photo": self.photo,
        }


def sun_position(time: datetime, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Find the sun over many points at one moment.

    Parameters
    ----------
    time
        With an offset from UTC.
    lon, lat
        Degrees, EPSG:4326.

    Returns
    -------
    Elevation above the horizon, without refraction, and azimuth clockwise from north, in degrees. Within 0.01 degrees
    of the full algorithm, which adds parallax.

    Raises
    ------
    ClueError
        If pvlib is not installed.
    """
    spa = _algorithm()
    stamp = np.array([time.astimezone(UTC).timestamp()])
    delta_t = spa.calculate_deltat(time.year, time.month)
    sidereal, right_ascension, declination = (
        float(value[0])
        for value in spa.solar_position_numpy(stamp, 0.0, 0.0, 0.0, 1013.25, 12.0, delta_t, 0.5667, 1, sst=True)
    )
    hour, tilt, phi = np.radians(sidereal + lon - right_ascension), math.radians(declination), np.radians(lat)
    up = np.sin(phi) * math.sin(tilt) + np.cos(phi) * math.cos(tilt) * np.cos(hour)
    east = -math.cos(tilt) * np.sin(hour)
    north = np.cos(phi) * math.sin(tilt) - np.sin(phi) * math.cos(tilt) * np.cos(hour)
    return np.degrees(np.arcsin(np.clip(up, -1, 1))), np.degrees(np.arctan2(east, north)) % TURN


def _algorithm() -> Any:
    try:
        from pvlib import spa
    except ImportError as error:
        raise ClueError("the sun needs the package pvlib: pip install 'geoinfer[sun]'") from error
    return spa


def _normal(off: Floats, error: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * (off / error) ** 2) / (error * math.sqrt(2 * math.pi)))


def _normal_nodes(spread: float) -> list[tuple[float, float]]:
    """Points and weights that stand for a normal distribution out to three standard errors."""
    at = np.linspace(-3, 3, NODES)
    weight = np.exp(-0.5 * at**2)
    return [(float(x * spread), float(w)) for x, w in zip(at, weight / weight.sum(), strict=True)]
