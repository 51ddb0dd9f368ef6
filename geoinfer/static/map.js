/* Draws a case: the map's layers, its legend, and their switches. */
(function (gi) {
  var percent = gi.percent, area = gi.area, make = gi.make, name = gi.name, others = gi.others, joined = gi.joined;
  var quiet = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function pane(map, id, order, clickThrough) {
    var node = map.createPane(id);
    node.style.zIndex = order;
    if (clickThrough) { node.style.pointerEvents = "none"; }
    return id;
  }
  gi.pane = pane;

  var LINES = {
    frontiers: { color: "#5d4f66", weight: 1.6, opacity: 0.85, fill: false },
    admin1: { color: "#8d8496", weight: 0.8, opacity: 0.8, dashArray: "3 4", fill: false },
    roads: { color: "#b98f4e", weight: 1.4, opacity: 0.75, fill: false }
  };
  /* Far out, thin lines: a net of roads or a ragged region would cover the answer. */
  function thinned(zoom) { return zoom >= 9 ? 1 : zoom >= 7.5 ? 0.7 : 0.45; }
  var LAND = { stroke: false, fillColor: "#f6f3ec", fillOpacity: 1 };
  function baseLayers(map, data) {
    var land = L.svg({ pane: pane(map, "gi-land", 210, true), padding: 0.4 });
    var lines = L.svg({ pane: pane(map, "gi-lines", 400, true), padding: 0.4 });
    var draw = function (layer, renderer, style) {
      return L.geoJSON(data.base[layer], { renderer: renderer, interactive: false, style: style });
    };
    if (data.base.countries) { draw("countries", land, LAND).addTo(map); }
    var out = {};
    ["roads", "admin1", "frontiers"].forEach(function (layer) {
      if (!data.base[layer]) { return; }
      out[layer] = draw(layer, lines, LINES[layer]);
    });
    map.on("zoomend", function () {
      if (!out.roads) { return; }
      out.roads.setStyle(function (feature) {
        var factor = thinned(map.getZoom()) * (feature.properties.ref ? 1 : 0.7);
        return { weight: LINES.roads.weight * factor, opacity: LINES.roads.opacity * Math.sqrt(factor) };
      });
    });
    return out;
  }

  function cellLayer(map, data) {
    var renderer = L.svg({ pane: pane(map, "gi-cells", 350), padding: 0.3 });
    var layer = L.featureGroup();
    data.cells.items.forEach(function (cell) {
      var polygon = L.polygon(cell[0], {
        renderer: renderer, pane: "gi-cells", stroke: false, fillColor: data.cells.colours[cell[1]],
        fillOpacity: [0.62, 0.58, 0.54, 0.46, 0.32, 0.18][cell[1]]
      }).addTo(layer);
      polygon.share = cell[2];
      if (data.public) {
        L.tooltip({ permanent: true, direction: "center", className: "gi-share-label" })
          .setLatLng(polygon.getBounds().getCenter()).setContent(make("span", "", percent(cell[2]))).addTo(layer);
      }
    });
    if (data.public) { return layer; }
    // One tooltip for all cells: Leaflet's own would make every cell a stop for the Tab key.
    var tip = L.tooltip({ direction: "right", offset: [10, 0] });
    layer.on("mouseover mousemove", function (event) {
      tip.setContent(make("span", "", gi.share(event.propagatedFrom.share) + " in this cell")).setLatLng(event.latlng);
      map.openTooltip(tip);
    }).on("mouseout remove", function () { map.closeTooltip(tip); });
    return layer;
  }

  function regionLayers(map, data) {
    pane(map, "gi-regions", 420, true);
    return data.regions.map(function (region, index) {
      var inner = index === 0 && data.regions.length > 1;
      var group = L.layerGroup();
      var draw = function (style) {
        var line = L.geoJSON(region.geometry, { pane: "gi-regions", interactive: false, style: style }).addTo(group);
        map.on("zoomend", function () { line.setStyle({ weight: style.weight * thinned(map.getZoom()) }); });
      };
      if (!region.geometry) { return null; }
      draw({ color: "#fff", weight: inner ? 4.5 : 3, opacity: 0.7, fill: false });
      draw({ color: "#1d2433", weight: inner ? 2.4 : 1.3, opacity: inner ? 1 : 0.8, fill: false });
      return group;
    });
  }

  function siteLayer(map, data, choose) {
    pane(map, "gi-sites", 620);
    var layer = L.layerGroup();
    var markers = data.sites.map(function (site) {
      var badge = make("span", "gi-badge" + (site.rank > 5 ? " gi-minor" : ""), site.rank);
      var size = site.rank > 5 ? 20 : 26;
      var marker = L.marker([site.lat, site.lon], {
        pane: "gi-sites", keyboard: true, riseOnHover: true, zIndexOffset: 10000 * (data.sites.length - site.rank),
        alt: "Place " + site.rank + ", " + site.name + ", " + percent(site.probability),
        icon: L.divIcon({ className: "gi-site", html: badge, iconSize: [size, size] })
      });
      marker.bindPopup(function () { return sitePopup(site); }, { maxWidth: 320, autoPanPadding: [30, 30] });
      marker.on("popupopen", function () { choose(site.rank, true); });
      return marker.addTo(layer);
    });
    return { layer: layer, markers: markers };
  }
  function sitePopup(site) {
    return make("div", "gi-popup", [
      make("strong", "", name(site.name, "", site.lang)),
      make("div", "gi-other", joined(others(site.others), " · ")),
      make("div", "", percent(site.probability) + " within " + site.radius_km + " km"),
      make("div", "gi-small", "Its coordinates, " + gi.uncertainty(site.uncertainty_m) + ":"),
      gi.spot(site.lat, site.lon)
    ]);
  }

  function crossingLayer(map, data) {
    pane(map, "gi-crossings", 560);
    var layer = L.layerGroup();
    data.crossings.forEach(function (one) {
      L.marker([one.lat, one.lon], {
        pane: "gi-crossings", keyboard: false, alt: one.name,
        icon: L.divIcon({ className: "gi-crossing", html: make("span"), iconSize: [11, 11] })
      }).bindTooltip(make("div", "gi-popup", [
        make("strong", "", name(one.name)), make("div", "gi-other", joined(others(one.others), " · ")),
        make("div", "gi-small", one.note)
      ])).addTo(layer);
    });
    return layer;
  }

  function legend(map, data) {
    var rows = [];
    var scale = data.cells.scale;
    if (data.cells.items.length) {
      var swatches = make("div", "gi-ramp", data.cells.colours.map(function (colour) {
        var box = make("i"); box.style.background = colour; return box;
      }));
      rows.push(make("div", "gi-legend-title", "Probability per " + (data.cells.unit_km2 > 1 ? area(data.cells.unit_km2) : "km²")),
        swatches, make("div", "gi-ramp-text", [scale[0], scale[2], scale[4]].map(function (value) {
          return make("span", "", value >= 0.995 ? percent(value) : Number((100 * value).toPrecision(1 + (value >= 0.01))) + "\u00a0%");
        })));
    }
    data.regions.forEach(function (region, index) {
      if (!region.geometry) { return; }
      var inner = index === 0 && data.regions.length > 1;
      rows.push(make("div", "gi-key", [make("i", inner ? "gi-line" : "gi-line gi-thin"),
        percent(region.level) + " region, " + area(region.area_km2)]));
    });
    if (data.sites.length) { rows.push(make("div", "gi-key", [make("i", "gi-dot"), "Candidate place, by rank"])); }
    if (data.named.length) { rows.push(make("div", "gi-key", [make("i", "gi-ring"), "Place named on a sign"])); }
    if (data.reach.some(function (clue) { return clue.rings.length; })) {
      rows.push(make("div", "gi-key", [make("i", "gi-reach-ring"), "Where a sign’s distance can be, straight"]));
    }
    if (data.reach.some(function (clue) { return clue.spots.length; })) {
      rows.push(make("div", "gi-key", [make("i", "gi-reach-dot"), "… and along known roads"]));
    }
    if (data.crossings.length) { rows.push(make("div", "gi-key", [make("i", "gi-diamond"), "Border crossing"])); }
    if (data.hypothesis && data.hypothesis.names.length + data.hypothesis.undrawn.length) {
      var own = data.hypothesis.undrawn, names = data.hypothesis.names;
      rows.push(make("div", "gi-key", [make("i", "gi-band"), make("span", "", [
        names.length ? "Borders of " : null].concat(joined(names.map(function (one) { return name(one); }), ", "),
        names.length && own.length ? " and " : null, own.length ? "(not drawn) " : null,
        joined(own.map(function (one) { return name(one); }), ", "), make("b", "", "hypothesis, not evidence")))]));
      if (data.hypothesis.bands.length) {
        rows.push(make("div", "gi-key", [make("i", "gi-dotted"), gi.bandNames(data.hypothesis) + " km from them"]));
      }
    }
    var box = make("details", "gi-legend leaflet-control", [make("summary", "", "Legend")].concat(rows));
    box.open = map.getSize().x > 560;
    L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
    var control = L.control({ position: "bottomleft" });
    control.onAdd = function () { return box; };
    return control;
  }

  function show(id, data) {
    var map = L.map(id, { zoomControl: false, zoomSnap: 0.5, minZoom: 2, maxZoom: data.public ? 10 : 18, worldCopyJump: true,
      fadeAnimation: !quiet, zoomAnimation: !quiet, markerZoomAnimation: !quiet });
    map.attributionControl.setPrefix("Leaflet");
    var credit = function (text) { map.attributionControl.addAttribution(text.replace(/[&<>"]/g, function (c) { return "&#" + c.charCodeAt(0) + ";"; })); };
    if (data.attribution) { credit(data.attribution); }
    map.fitBounds(data.view, { padding: [14, 14] });
    var sites = null;
    var choose = function (rank, scroll) {
      document.querySelectorAll(".gi-sites li").forEach(function (item) {
        var mine = item.id === "gi-site-" + rank;
        item.classList.toggle("gi-chosen", mine);
        var button = item.querySelector("button");
        if (button) { button.setAttribute("aria-expanded", String(mine)); }
        if (mine && scroll) { item.scrollIntoView({ block: "nearest" }); }
      });
    };
    var go = function (rank) {
      var index = data.sites.findIndex(function (site) { return site.rank === rank; });
      var site = data.sites[index];
      choose(rank, false);
      var zoom = Math.max(map.getZoom(), 11);
      if (quiet) { map.setView([site.lat, site.lon], zoom); } else { map.flyTo([site.lat, site.lon], zoom, { duration: 0.8 }); }
      sites.markers[index].openPopup();
    };
    var sift = function () {
      if (!sites) { return; }
      data.sites.forEach(function (site, index) {
        var marker = sites.markers[index];
        if (site.hidden) { sites.layer.removeLayer(marker); } else { sites.layer.addLayer(marker); }
      });
      map.fire("overlayadd");  // labels keep clear of what is shown
    };
    gi.fillPanel(data, go, sift);
    var base = baseLayers(map, data);
    if (data.tiles) {
      base = {};
      L.tileLayer(data.tiles.url, { maxZoom: 19, className: "gi-tiles" }).addTo(map);
      credit(data.tiles.attribution);
    }
    sites = siteLayer(map, data, choose);
    var named = { layer: L.layerGroup() }, crossings = crossingLayer(map, data), labels = {};
    var groups = [["What was found", []], ["What it rests on", []], ["Background", []]];
    var add = function (group, title, layer, on) { groups[group][1].push([title, layer, on]); };
    add(0, "Probability by cell", cellLayer(map, data));
    regionLayers(map, data).forEach(function (layer, index) {
      if (layer) { add(0, percent(data.regions[index].level) + " region", layer); }
    });
    if (data.sites.length) { add(0, "Ranked places", sites.layer); }
    if (data.named.length) { add(1, "Places named on signs", named.layer); }
    var reach = gi.reachLayers(map, data);
    reach.forEach(function (one) { add(1, one.title, one.layer, reach.length <= 4); });
    if (data.hypothesis) { gi.hypothesisLayers(map, data).forEach(function (one) { add(1, one[0], one[1]); }); }
    if (data.crossings.length) { add(1, "Border crossings", crossings); }
    if (base.frontiers) { add(2, "Country borders", base.frontiers); }
    if (base.admin1) { add(2, "Oblasts", base.admin1); }
    if (base.roads) { add(2, "Main roads", base.roads); }
    L.control.zoom({ position: "topright" }).addTo(map);
    L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(map);
    if (!data.public) { gi.readout(map).addTo(map); }
    legend(map, data).addTo(map);
    labels = gi.labelLayer(map, data, {
      sites: sites, named: named, crossings: { layer: crossings }, reach: reach, roads: base.roads && { layer: base.roads }
    });
    add(2, "Names", labels);
    gi.switches(map, groups).addTo(map);
    if (data.sites.length) { choose(data.sites[0].rank, false); }
    if (gi.applyFilter) { gi.applyFilter(); }
    map.fire("zoomend");  // the first view's widths and labels
    window.addEventListener("beforeprint", function () {
      document.querySelectorAll("details").forEach(function (one) { one.open = true; });
      document.body.classList.add("gi-printing");
      map.invalidateSize({ animate: false }).fitBounds(data.view, { animate: false });
    });
    window.addEventListener("afterprint", function () {
      document.body.classList.remove("gi-printing");
      map.invalidateSize({ animate: false });
    });
    // On a phone a popup takes the whole map: the controls above it step back until it is closed.
    map.on("popupopen popupclose", function (event) {
      map.getContainer().classList.toggle("gi-popped", event.type === "popupopen");
    });
    gi.map = map;
    document.documentElement.setAttribute("data-geoinfer", "shown");
    return map;
  }
  gi.show = show;
})(geoinfer);
