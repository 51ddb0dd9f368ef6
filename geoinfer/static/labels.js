/* Names on the map, laid out anew after each move: none over another, a badge or a control.
 *
 * First come the places that signs name, which are always labelled; then sites, towns from the largest, divisions, and
 * last the numbers of roads, each seldom enough that it does not cover the answer.
 */
(function (gi) {
  var make = gi.make, name = gi.name;

  var ALL_SIDES = ["right", "left", "below", "above"];

  function short(text) { return text.length > 34 ? text.slice(0, 33) + "…" : text; }
  function sameSpot(a, b) { return Math.abs(a.lat - b.lat) < 0.004 && Math.abs(a.lon - b.lon) < 0.006; }
  function label(spot, text, latin, style) {
    return Object.assign({ lat: spot.lat, lon: spot.lon, name: short(text), latin: short(latin), wide: 1.06, zoom: 0,
      sides: ["right", "left"] }, style);
  }
  function seen(site) { return !site.hidden; }
  function english(site) {
    var pair = site.others.filter(function (one) { return one[0] === "en"; })[0];
    return pair ? pair[1] : "";
  }

  /* The candidates for labels, the weightiest first. */
  function candidates(data) {
    var onSite = function (spot) { return data.sites.find(function (site) { return sameSpot(spot, site); }); };
    var onNamed = function (spot) { return data.named.some(function (one) { return sameSpot(spot, one); }); };
    var named = data.named.map(function (one) {
      return label(one, one.name, one.latin, { font: "700 13px sans-serif", named: one, cls: "gi-label gi-label-named", sides: ALL_SIDES });
    });
    var sites = data.sites.map(function (site) {
      return label(site, site.name, english(site), { gap: site.rank > 5 ? 14 : 18, font: "600 12.5px sans-serif",
        cls: "gi-label gi-label-site", zoom: site.rank > 5 ? 10 : 0,
        sides: site.rank > 5 ? ["right", "left"] : ALL_SIDES, twin: onNamed(site), site: site, lang: site.lang });
    });
    var towns = data.towns.map(function (town) {
      return label(town, town.name, town.latin, { dot: true, gap: 6, cls: "gi-label gi-label-" + town.size,
        font: (town.size > 1 ? "600 12.5px" : "11px") + " sans-serif", zoom: [10, 8, 6.5, 4][town.size], twin: onNamed(town), under: onSite(town), lang: town.lang });
    });
    var areas = data.labels.map(function (one) {
      return label(one, one.name, "", { gap: 0, font: "12.5px sans-serif", wide: 1.35, cls: "gi-label gi-label-area",
        zoom: 5.5, sides: ["centre"] });
    });
    return { named: named, rest: sites.concat(towns, areas) };
  }

  /* left, top, right, bottom in pixels of a label on one side of its point */
  function boxOn(side, p, gap, width, high) {
    return {
      right: [p.x + gap - 2, p.y - high, p.x + gap + width, p.y + high],
      left: [p.x - gap - width, p.y - high, p.x - gap + 2, p.y + high],
      below: [p.x - width / 2, p.y + gap - 2, p.x + width / 2, p.y + gap + 2 * high],
      above: [p.x - width / 2, p.y - gap - 2 * high, p.x + width / 2, p.y - gap + 2],
      centre: [p.x - width / 2, p.y - high, p.x + width / 2, p.y + high]
    }[side];
  }
  /* Half the width of a site's badge, with its white edge. */
  function half(site) { return site.rank > 5 ? 11 : 15; }
  function around(p, reach) { return [p.x - reach, p.y - reach, p.x + reach, p.y + reach]; }
  function apart(a, b) { return a[2] < b[0] || a[0] > b[2] || a[3] < b[1] || a[1] > b[3]; }

  function drawn(one, side, gap, pane) {
    var text = make("span", "gi-label-text gi-" + side, [name(one.name, "", one.lang), one.latin ? name(one.latin, "gi-latin", "en") : null]);
    text.style[{ right: "left", left: "right", below: "top", above: "bottom", centre: "left" }[side]] = gap + "px";
    return L.marker([one.lat, one.lon], {
      pane: pane, interactive: false, keyboard: false, alt: "",
      icon: L.divIcon({ className: one.cls, iconSize: [0, 0], html: make("span", "", [one.dot ? make("i") : null, text]) })
    });
  }

  /* A hollow ring, with what the signs say. */
  function ring(one, size) {
    var said = one.said.map(function (pair) {
      return make("div", "", ["On a sign: “", name(pair[0]), "”", pair[1] !== null ? ", " + pair[1] + "\u00a0km" : null]);
    });
    return L.marker([one.lat, one.lon], {
      pane: "gi-named", keyboard: false, alt: one.name,
      icon: L.divIcon({ className: "gi-named", html: make("span"), iconSize: [size, size] })
    }).bindTooltip(make("div", "gi-popup", [make("strong", "", name(one.name)),
      one.latin ? make("div", "gi-other", name(one.latin)) : null].concat(said,
      make("div", "gi-small", "The name means this place with " + gi.percent(one.probability) + " probability"))));
  }

  /* Labels of everything but the named places; those go into `layers.named`, with their rings. */
  function labelLayer(map, data, layers) {
    gi.pane(map, "gi-labels", 540, true);
    gi.pane(map, "gi-named", 615);
    gi.pane(map, "gi-named-labels", 640, true);
    var layer = L.layerGroup(), wanted = candidates(data);
    var ruler = document.createElement("canvas").getContext("2d");
    var taken, size;
    var at = function (one) { return map.latLngToContainerPoint([one.lat, one.lon]); };
    var shown = function (which) { return layers[which] && map.hasLayer(layers[which].layer); };
    var free = function (box) {
      return box[0] >= 0 && box[1] >= 0 && box[2] <= size.x && box[3] <= size.y && taken.every(function (other) { return apart(box, other); });
    };
    function keepClear() {
      var frame = map.getContainer().getBoundingClientRect();
      taken = [];
      map.getContainer().querySelectorAll(".leaflet-control").forEach(function (control) {
        var box = control.getBoundingClientRect();
        taken.push([box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top]);
      });
      if (shown("sites")) { data.sites.filter(seen).forEach(function (site) { taken.push(around(at(site), half(site))); }); }
      if (shown("named")) { data.named.forEach(function (one) { taken.push(around(at(one), 7)); }); }
      if (shown("crossings")) { data.crossings.forEach(function (one) { taken.push(around(at(one), 5)); }); }
    }
    /* Pixels across a ring: where a badge would hide it, it goes around the badge. */
    function ringSize(one) {
      return !shown("sites") ? 15 : data.sites.filter(seen).reduce(function (size, site) {
        var off = at(site).distanceTo(at(one));
        return off > 12 ? size : Math.max(size, 2 * Math.ceil(off + half(site) + 3));
      }, 15);
    }
    function placeNamed(one) {
      var size = ringSize(one.named);
      one.gap = size / 2 + 3;
      taken.push(around(at(one), size / 2));
      ring(one.named, size).addTo(layers.named.layer);
      place(one, "gi-named-labels", layers.named.layer);
    }
    function place(one, pane, group) {
      var p = at(one);
      if (p.x < 0 || p.y < 0 || p.x > size.x || p.y > size.y) { return; }
      ruler.font = one.font;
      var width = Math.max(ruler.measureText(one.name).width, 0.9 * ruler.measureText(one.latin).width) * one.wide + 4;
      var tries = [];
      (one.sides === ALL_SIDES ? [0, 10, 20] : [0]).forEach(function (off) {
        one.sides.forEach(function (side) {
          tries.push({ side: side, gap: one.gap + off, box: boxOn(side, p, one.gap + off, width, one.latin ? 14 : 8) });
        });
      });
      var best = tries.find(function (one) { return free(one.box); }) || (one.named ? tries[0] : null);
      if (!best) { return; }
      taken.push(best.box);
      if (one.dot) { taken.push(around(p, 4)); }
      drawn(one, best.side, best.gap, pane).addTo(group);
    }
    /* One number stands at most once in so many pixels, and far out only the main roads have theirs. */
    function placeShields(zoom) {
      var least = zoom >= 9 ? 200 : zoom >= 7.5 ? 260 : 360, between = zoom >= 8 ? 34 : 60, all = [];
      data.shields.forEach(function (road) {
        if (zoom < [6.5, 7.5, 8.5][road.weight]) { return; }
        var own = [];
        ruler.font = "600 10.5px sans-serif";
        var width = ruler.measureText(road.name).width * 1.06 + 8;
        road.spots.forEach(function (spot) {
          var p = map.latLngToContainerPoint(spot), box = boxOn("centre", p, 0, width, 8);
          if (box[0] < 4 || box[1] < 4 || box[2] > size.x - 4 || box[3] > size.y - 4) { return; }
          var near = own.some(function (q) { return q.distanceTo(p) < least; });
          var wide = [box[0] - between, box[1] - between, box[2] + between, box[3] + between];
          if (near || !free(box) || !all.every(function (other) { return apart(wide, other); })) { return; }
          own.push(p);
          all.push(box);
          drawn({ lat: spot[0], lon: spot[1], name: road.name, latin: "", cls: "gi-label gi-label-road" }, "centre", 0,
            "gi-labels").addTo(layer);
        });
      });
    }
    /* Along its edge there is mostly one place that is free. */
    function placeRing(ring) {
      ruler.font = "11px sans-serif";
      var width = ruler.measureText(ring.text).width * 1.06 + 4, edge = ring.edge.coordinates;
      for (var step = 0; step < edge.length; step += 3) {
        var spot = [edge[step][1], edge[step][0]], box = boxOn("centre", map.latLngToContainerPoint(spot), 0, width, 8);
        if (free(box)) {
          taken.push(box);
          drawn({ lat: spot[0], lon: spot[1], name: ring.text, latin: "", cls: "gi-label gi-label-ring" }, "centre", 0,
            "gi-labels").addTo(layer);
          return;
        }
      }
    }
    function layOut() {
      var zoom = map.getZoom();
      size = map.getSize();
      layer.clearLayers();
      layers.named.layer.clearLayers();
      keepClear();
      if (shown("named")) {
        wanted.named.forEach(placeNamed);
      }
      wanted.rest.forEach(function (one) {
        var covered = (one.twin && shown("named")) || (one.site && one.site.hidden) || (one.under && !one.under.hidden);
        if (zoom >= one.zoom && !covered) { place(one, "gi-labels", layer); }
      });
      layers.reach.forEach(function (one) {
        if (map.hasLayer(one.layer)) { one.rings.forEach(placeRing); }
      });
      if (shown("roads")) { placeShields(zoom); }
    }
    map.on("moveend zoomend resize overlayadd overlayremove", layOut);
    return layer;
  }
  gi.labelLayer = labelLayer;
})(geoinfer);
