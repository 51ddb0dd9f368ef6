"""The ground that simulated cameras stand on: roads, places anchored to them, and kilometres along them.

Only public data of `gazetteer` is used: the junctions and kilometres of `gazetteer.roads.Roads`, places, borders,
crossings. Routing is done here, with its own sweep that also knows which way each road leads, since a sign speaks of
one direction.

The network is not the ground, and the simulator says so:

- Bends. A camera on an edge is moved sideways by a normal deviate with the `lateral_km` that the network states.
- Kilometres. Of routes whose published length is known the network gives 214 of 224, 242 of 255, 501 of 495, 198 of 204
  and 301 of 303 km (``gazetteer/data/geo/README.md``): the logarithms of the ratios have mean 0.025 and standard
  deviation 0.027, which is what signs differ from the network by.
- Coordinates. A place is moved by a two-dimensional normal deviate whose 68 % circle is its stated uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from scipy.spatial import KDTree

    from gazetteer.borders import Borders
    from gazetteer.places import Place
    from gazetteer.roads import RoadPoints, Roads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COUNTRIES = ("UA", "BY", "RU")
CENTRE = (31.0, 50.0, 1500.0)
"""Longitude, latitude and kilometres of a disc that holds the whole road network."""

FARTHEST_KM = 650.0
"""Signs name nothing farther away than this."""

PLACED_KM = 3.0
"""A place is anchored to the network once for all where its coordinate is at least this good; others are put down anew
in every case."""

JOINED_KM = 1.5
"""Least reach of a place to a road that leads through it; larger places reach as far as they are built."""

DETOUR = (1.05, 1.36)
"""Road kilometres per straight kilometre: the range of published distances in the area."""

MAP_MEAN, MAP_SD = 0.025, 0.027
"""Logarithm of kilometres on signs per kilometre of the network: see the head of this module."""

RAYLEIGH_68 = 1.5096
"""Radius that holds 68.27 % of a two-dimensional normal distribution, in standard deviations: sqrt(-2 ln 0.3173)."""


@dataclass(frozen=True)
class Anchors:
    """Places on the network, as parallel arrays.

    Attributes
    ----------
    place
        Index into `Ground.places`.
    edge, offset_km
        Where the road passes the place.
    gap_km
        Straight kilometres from the centre to there.
    """

    place: Ints
    edge: Ints
    offset_km: Floats
    gap_km: Floats


@dataclass(frozen=True)
class Sweep:
    """Kilometres from one spot to everywhere.

    Attributes
    ----------
    km
        Kilometres to every junction, infinite beyond `FARTHEST_KM`.
    way
        Which of the ways out of the spot each junction is reached by; -1 where it is not reached.
    edge, offset_km
        The spot.
    """

    km: Floats
    way: Ints
    edge: int
    offset_km: float


class Ground:
    """Roads, places and borders, with what the simulator has to know of them.

    Examples
    --------
    >>> len(Ground().points) > 100_000
    True
    """

    @cached_property
    def roads(self) -> Roads:
        """The main road network."""
        from gazetteer.roads import Roads

        return Roads.open()

    @cached_property
    def borders(self) -> Borders:
        """Countries and divisions."""
        from gazetteer.borders import Borders

        return Borders.open()

    @cached_property
    def points(self) -> RoadPoints:
        """A point for every kilometre of road."""
        return self.roads.points(1.0)

    @cached_property
    def places(self) -> list[Place]:
        """Cities, towns and villages of the three countries."""
        from gazetteer import Gazetteer

        lon, lat, km = CENTRE
        found = Gazetteer.open().places_within(lon, lat, km, kinds=("city", "town", "village"))
        return [place for place in found if place.country in COUNTRIES]

    @cached_property
    def population(self) -> Floats:
        """Inhabitants of every place, 0 where unknown."""
        return np.array([place.population for place in self.places], dtype=np.float64)

    @cached_property
    def lonlat(self) -> Floats:
        """Longitude and latitude of every place, shape (n, 2)."""
        return np.array([(place.lon, place.lat) for place in self.places])

    @cached_property
    def uncertainty_km(self) -> Floats:
        """Uncertainty of every place's coordinate."""
        return np.array([place.uncertainty_km for place in self.places])

    @cached_property
    def placed(self) -> Ints:
        """The places whose coordinate is known to `PLACED_KM`."""
        return np.flatnonzero(self.uncertainty_km <= PLACED_KM)

    @cached_property
    def anchors(self) -> Anchors:
        """The placed ones that a road leads through."""
        at = self.placed
        return self.anchor(at, self.lonlat[at])

    def anchor(self, place: Ints, lonlat: Floats) -> Anchors:
        """Join places to the nearest point of the network, if it comes near enough."""
        points, tree = self.fine
        away, nearest = tree.query(flat_km(lonlat[:, 0], lonlat[:, 1]))
        on = np.flatnonzero(away <= np.maximum(JOINED_KM, built_radius_km(self.population[place])))
        return Anchors(place[on], points.edge[nearest[on]], points.offset_km[nearest[on]], np.asarray(away[on]))

    @cached_property
    def weights(self) -> Floats:
        """Traffic at every road point: its kilometres, more on numbered routes, near towns and at crossings.

        The factors (2, 2 and 4) are judgements: photographs are taken where people pass and wait.
        """
        points = self.points
        xy = flat_km(points.lon, points.lat)
        towns = np.flatnonzero(self.population >= 10_000)
        weight = points.length_km * np.where((points.ref != "") | (points.e_ref != ""), 2.0, 1.0)
        weight *= np.where(_near(xy, self.lonlat[towns], 10.0), 2.0, 1.0)
        weight *= np.where(_near(xy, self.crossings, 5.0), 4.0, 1.0)
        return np.where(np.isin(self.country, COUNTRIES), weight, 0.0)

    @cached_property
    def crossings(self) -> Floats:
        """Longitude and latitude of the border crossings, shape (n, 2)."""
        from gazetteer.crossings import Crossings

        return np.array([(c.lon, c.lat) for c in Crossings.open().table()])

    @cached_property
    def country(self) -> NDArray[np.str_]:
        """Country of every road point."""
        return self.borders.country(self.points.lon, self.points.lat)

    @cached_property
    def admin1(self) -> NDArray[np.str_]:
        """First-level division of every road point."""
        return self.borders.admin1(self.points.lon, self.points.lat)

    def frontier_km(self, codes: tuple[str, ...]) -> Floats:
        """Kilometres from every road point to the nearest of some frontiers, to 0.5 km, infinite beyond 150."""
        import shapely
        from scipy.spatial import KDTree

        if codes not in self._frontiers:
            lines = [shapely.segmentize(self.borders.frontier(code), 0.007) for code in codes]
            xy = np.concatenate([shapely.get_coordinates(line) for line in lines])
            tree = KDTree(flat_km(xy[:, 0], xy[:, 1]))
            xyz = flat_km(self.points.lon, self.points.lat)
            self._frontiers[codes] = np.asarray(tree.query(xyz, distance_upper_bound=150.0)[0])
        return self._frontiers[codes]

    @cached_property
    def _frontiers(self) -> dict[tuple[str, ...], Floats]:
        return {}

    @cached_property
    def degree(self) -> Ints:
        """How many edges meet at each junction."""
        return np.bincount(np.r_[self.roads.a, self.roads.b], minlength=len(self.roads.lon))

    @cached_property
    def edges_at(self) -> list[list[int]]:
        """Edges that meet at each junction."""
        found: list[list[int]] = [[] for _ in self.roads.lon]
        for edge, (a, b) in enumerate(zip(self.roads.a.tolist(), self.roads.b.tolist(), strict=True)):
            found[a].append(edge)
            found[b].append(edge)
        return found

    def sweep(self, edge: int, offset_km: float) -> Sweep:
        """Route from a spot to every junction; way 0 leads to the edge's first junction, way 1 to its second."""
        from scipy.sparse.csgraph import dijkstra

        roads = self.roads
        a, b, length = int(roads.a[edge]), int(roads.b[edge]), float(roads.km[edge])
        both = dijkstra(self._graph, indices=[a, b], limit=FARTHEST_KM)
        ways = np.stack([both[0] + offset_km, both[1] + length - offset_km])
        # To go back over the spot is no way on: each junction belongs to the shorter of the two.
        way = np.where(np.isfinite(ways.min(axis=0)), ways.argmin(axis=0), -1)
        return Sweep(ways.min(axis=0), way, edge, offset_km)

    def ways_beyond(self, node: int, sweep: Sweep) -> Ints:
        """Tell which edge at a junction the shortest route to every other junction takes; -1 for the edge behind."""
        from scipy.sparse.csgraph import dijkstra

        km = np.full((len(self.edges_at[node]), len(self.roads.lon)), np.inf)
        for row, edge in enumerate(self.edges_at[node]):
            if edge != sweep.edge:
                other = int(self.roads.b[edge] if self.roads.a[edge] == node else self.roads.a[edge])
                km[row] = dijkstra(self._graph, indices=other, limit=FARTHEST_KM) + self.roads.km[edge]
        best = km.argmin(axis=0)
        return np.where(np.isfinite(km.min(axis=0)), np.array(self.edges_at[node])[best], -1)

    def anchored_km(self, sweep: Sweep, anchors: Anchors) -> tuple[Floats, Ints]:
        """Kilometres from a spot to places on the network, and the way that leads there."""
        roads = self.roads
        rest = roads.km[anchors.edge] - anchors.offset_km
        ends = np.stack([sweep.km[roads.a[anchors.edge]] + anchors.offset_km, sweep.km[roads.b[anchors.edge]] + rest])
        nearer = ends.argmin(axis=0)
        entry = np.where(nearer == 0, roads.a[anchors.edge], roads.b[anchors.edge])
        km, way = ends.min(axis=0), sweep.way[entry]
        same = np.flatnonzero(anchors.edge == sweep.edge)
        km[same] = np.abs(anchors.offset_km[same] - sweep.offset_km)
        way[same] = np.where(anchors.offset_km[same] < sweep.offset_km, 0, 1)
        return km + anchors.gap_km * 1.2, way

    @cached_property
    def _graph(self) -> csr_array:
        from scipy.sparse import csr_array

        roads, count = self.roads, len(self.roads.lon)
        ends = np.c_[np.minimum(roads.a, roads.b), np.maximum(roads.a, roads.b)]
        order = np.lexsort((roads.km, ends[:, 1], ends[:, 0]))
        ends, km = ends[order], roads.km[order]
        first = np.r_[True, (ends[1:] != ends[:-1]).any(axis=1)] & (ends[:, 0] != ends[:, 1])
        ends, km = ends[first], np.maximum(km[first], 1e-6)
        return csr_array(
            (np.r_[km, km], (np.r_[ends[:, 0], ends[:, 1]], np.r_[ends[:, 1], ends[:, 0]])), (count, count)
        )

    @cached_property
    def fine(self) -> tuple[RoadPoints, KDTree]:
        """Road points at most 0.3 km apart, and a tree of them in the coordinates of `flat_km`."""
        from scipy.spatial import KDTree

        points = self.roads.points(0.3)
        return points, KDTree(flat_km(points.lon, points.lat))


def flat_km(lon: Floats, lat: Floats) -> Floats:
    """Earth-centred coordinates in kilometres, shape (n, 3): near points are as far apart as on the ground."""
    lam, phi = np.radians(lon), np.radians(lat)
    unit = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
    return np.asarray(6371.0 * unit)


def straight_km(lon: float, lat: float, lons: Floats, lats: Floats) -> Floats:
    """Great-circle kilometres from a point to many."""
    chord = np.linalg.norm(
        flat_km(np.asarray(lons), np.asarray(lats)) - flat_km(np.asarray(lon), np.asarray(lat)), axis=-1
    )
    return np.asarray(2 * 6371.0 * np.arcsin(np.minimum(chord / (2 * 6371.0), 1.0)))


def moved(lon: float, lat: float, east_km: float, north_km: float) -> tuple[float, float]:
    """Move a point; for tens of kilometres."""
    degree = 111.195
    return lon + east_km / (degree * float(np.cos(np.radians(lat)))), lat + north_km / degree


def built_radius_km(population: Floats | float) -> Floats:
    """Radius of the built-up disc: 2,000 people on a square kilometre, 0.5 km at least.

    Kyiv (2.9 million) comes out at 21 km, Chernihiv (285,000) at 6.7 km: about half the width of what is built there.
    """
    return np.asarray(np.maximum(0.5, np.sqrt(np.asarray(population) / (2000.0 * np.pi))))


def _near(xy: Floats, lonlat: Floats, km: float) -> NDArray[np.bool_]:
    from scipy.spatial import KDTree

    return np.asarray(KDTree(flat_km(lonlat[:, 0], lonlat[:, 1])).query(xy)[0] <= km)
