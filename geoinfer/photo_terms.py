"""What the plates of one photo tell together: a photo that misleads, misleads with all of them.

L(photo | x) = (1 - m) * P(x) / Z + m,    P(x) = product over its plates of L(plate | x)

Z is the mean of P over the reference area. A photo from somewhere else shows real signs, whose names agree with each
other as well as those of a photo from here do: that they agree must not make it the more credible. Divided by Z, a
photo of three names that fit together is as likely to mislead as one of a single name. A typed clue is its own photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.spread import reference_km2

MOST_LOG = 600.0


@dataclass(frozen=True)
class Photo:
    """The plates of one photo.

    Attributes
    ----------
    plates
        Ids of the clues.
    log_mean
        Natural logarithm of Z.
    misleading
        Probability that the photo misleads.

    Examples
    --------
    >>> photo = Photo(("clue-1", "clue-2"), log_mean=np.log(40.0), misleading=0.05)
    >>> np.exp(photo.log_told(np.log([40.0, 400.0, 0.0025]))).round(2).tolist()
    [1.0, 9.55, 0.05]
    """

    plates: tuple[str, ...]
    log_mean: float
    misleading: float

    def log_told(self, log_plates: Floats | float) -> Floats:
        """Give the natural logarithm of L(photo | x) from that of P(x)."""
        return np.asarray(np.logaddexp(self._log_true(log_plates), np.log(self.misleading)))

    def true_share(self, log_plates: Floats) -> Floats:
        """Give the share of L(photo | x) in which the photo does not mislead, from the logarithm of P(x)."""
        return np.asarray(np.exp(self._log_true(log_plates) - self.log_told(log_plates)))

    def _log_true(self, log_plates: Floats | float) -> Floats:
        return np.asarray(log_plates + np.log1p(-self.misleading) - self.log_mean)


def log_mean(log_said: Floats, log_beyond: float, area_km2: Floats) -> float:
    """Give the natural logarithm of the mean, over the reference area, of what clues say together.

    What is likelier somewhere than beyond counts there; a sign that is wrong counts once, however wide the search.

    Parameters
    ----------
    log_said
        Natural logarithm of what they say at every position.
    log_beyond
        The same everywhere beyond what they speak of.
    area_km2
        Base measure of the positions.

    Examples
    --------
    >>> halved = np.array([reference_km2() / 2])
    >>> round(float(np.exp(log_mean(np.log([3.0]), np.log(1.0), halved))), 6)
    2.0
    """
    more = np.maximum(np.expm1(np.minimum(log_said - log_beyond, MOST_LOG)), 0.0)
    return log_beyond + float(np.log1p(area_km2 @ more / reference_km2()))
