/* Draws a case: the map's layers, its legend, and the panel with the findings.
 *
 * All text in `data` comes from strangers' photographs. It is put into the page with textContent only; nothing here
 * may set innerHTML from it, and a test reads this file for that.
 */
"use strict";
var geoinfer = (function () {
  var percent = function (p) {
    if (p === null || p === undefined) { return ""; }
    var value = 100 * p;
    var whole = value >= 0.5 && Math.abs(value - Math.round(value)) < 1e-9;
    return (value >= 9.95 || whole ? value.toFixed(0) : value >= 0.095 ? value.toFixed(1) : value > 0 ? "< 0.1" : "0") + " %";
  };
  var area = function (km2) {
    var digits = km2 >= 100 ? Math.pow(10, Math.floor(Math.log10(km2)) - 2) : 1;
    var value = km2 >= 10 ? Math.round(km2 / digits) * digits : Number(km2.toPrecision(2));
    return value.toLocaleString("en-GB") + " km²";
  };
  var quiet = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* One element: tag, class, text or children. */
  function make(tag, cls, content) {
    var node = document.createElement(tag);
    if (cls) { node.className = cls; }
    (Array.isArray(content) ? content : [content]).forEach(function (part) {
      if (part === undefined || part === null || part === "") { return; }
      node.appendChild(part.nodeType ? part : document.createTextNode(String(part)));
    });
    return node;
  }
  function name(text, cls) { return make("bdi", cls, text); }
  function others(list) {
    return (list || []).map(function (pair) {
      var node = name(pair[1]);
      if (/^[a-z]{2,3}$/.test(pair[0])) { node.lang = pair[0]; }
      return node;
    });
  }
  function joined(nodes, mark) {
    return nodes.reduce(function (out, node) { return out.concat(out.length ? [mark, node] : [node]); }, []);
  }
  function section(title, children, open) {
    if (!children.length) { return null; }
    if (open === undefined) { return make("section", "gi-section", [make("h2", "", title)].concat(children)); }
    var details = make("details", "gi-section", [make("summary", "", make("h2", "", title))].concat(children));
    details.open = open;
    return details;
  }
  function more(count, what) {
    return count ? make("p", "gi-small", count + " more " + what + " in report.json.") : null;
  }

  /* ---------------------------------------------------------------- layers */
  function pane(map, id, order, clickThrough) {
    var node = map.createPane(id);
    node.style.zIndex = order;
    if (clickThrough) { node.style.pointerEvents = "none"; }
    return id;
  }

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
      tip.setContent(make("span", "", percent(event.propagatedFrom.share) + " in this cell")).setLatLng(event.latlng);
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
      draw({ color: "#fff", weight: inner ? 4.5 : 4, opacity: 0.75, fill: false });
      draw({ color: "#1d2433", weight: inner ? 2.2 : 1.6, opacity: 1, fill: false, dashArray: inner ? null : "6 4" });
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
        pane: "gi-sites", keyboard: true, riseOnHover: true, zIndexOffset: 1000 - site.rank,
        alt: "Place " + site.rank + ", " + site.name + ", " + percent(site.probability),
        icon: L.divIcon({ className: "gi-site", html: badge, iconSize: [size, size] })
      });
      marker.bindPopup(function () { return sitePopup(site); }, { maxWidth: 300, autoPanPadding: [30, 30] });
      marker.on("popupopen", function () { choose(site.rank, true); });
      return marker.addTo(layer);
    });
    return { layer: layer, markers: markers };
  }
  function sitePopup(site) {
    return make("div", "gi-popup", [
      make("strong", "", name(site.name)),
      make("div", "gi-other", joined(others(site.others), " · ")),
      make("div", "", percent(site.probability) + " within " + site.radius_km + " km"),
      make("div", "gi-small", Math.abs(site.lat).toFixed(4) + (site.lat < 0 ? " S, " : " N, ")
        + Math.abs(site.lon).toFixed(4) + (site.lon < 0 ? " W" : " E") + " (± " + site.uncertainty_km + " km)")
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

  /* Labels are laid out anew after each move: sites first, then towns from the largest, none over another. */
  function labelLayer(map, data) {
    pane(map, "gi-labels", 540, true);
    var layer = L.layerGroup();
    var ruler = document.createElement("canvas").getContext("2d");
    var wanted = data.sites.map(function (site) {
      var latin = site.others.filter(function (pair) { return pair[0] === "en"; })[0];
      return { lat: site.lat, lon: site.lon, name: site.name, latin: latin ? latin[1] : "", font: "600 12px sans-serif",
        cls: "gi-label gi-label-site", gap: site.rank > 5 ? 13 : 16, zoom: site.rank > 5 ? 10 : 0 };
    }).concat(data.towns.map(function (town) {
      return { lat: town.lat, lon: town.lon, name: town.name, latin: town.latin, dot: true, gap: 6,
        font: (town.size > 1 ? "600 12.5px" : "11px") + " sans-serif", cls: "gi-label gi-label-" + town.size,
        zoom: [10, 8, 6.5, 4][town.size] };
    }));
    wanted = wanted.concat(data.labels.map(function (one) {
      return { lat: one.lat, lon: one.lon, name: one.name, latin: "", gap: 0, font: "13px sans-serif", wide: 1.35,
        cls: "gi-label gi-label-area", zoom: 5.5 };
    }));
    wanted = wanted.concat(data.shields.map(function (one) {
      return { lat: one.lat, lon: one.lon, name: one.name, latin: "", gap: 0, font: "600 11px sans-serif", wide: 1.3,
        cls: "gi-label gi-label-road", zoom: 6.5 };
    }));
    var sameSpot = function (a, b) { return Math.abs(a.lat - b.lat) < 0.004 && Math.abs(a.lon - b.lon) < 0.006; };
    wanted = wanted.filter(function (one, index) {
      return !one.dot || !wanted.slice(0, data.sites.length).some(function (site) { return sameSpot(one, site); });
    });
    var short = function (text) { return text.length > 34 ? text.slice(0, 33) + "…" : text; };
    wanted.forEach(function (one) { one.name = short(one.name); one.latin = short(one.latin); });
    function layOut() {
      layer.clearLayers();
      var size = map.getSize(), zoom = map.getZoom(), taken = [];
      var free = function (box) {
        return taken.every(function (b) { return box[2] < b[0] || box[0] > b[2] || box[3] < b[1] || box[1] > b[3]; });
      };
      var frame = map.getContainer().getBoundingClientRect();
      map.getContainer().querySelectorAll(".leaflet-control").forEach(function (control) {
        var box = control.getBoundingClientRect();
        taken.push([box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top]);
      });
      data.sites.forEach(function (site) {
        var p = map.latLngToContainerPoint([site.lat, site.lon]);
        taken.push([p.x - 12, p.y - 12, p.x + 12, p.y + 12]);
      });
      wanted.forEach(function (one) {
        var p = map.latLngToContainerPoint([one.lat, one.lon]);
        if (zoom < one.zoom || p.x < 0 || p.y < 0 || p.x > size.x || p.y > size.y) { return; }
        ruler.font = one.font;
        var width = Math.max(ruler.measureText(one.name).width, 0.9 * ruler.measureText(one.latin).width) * (one.wide || 1.06) + 4;
        var high = one.latin ? 14 : 8;
        var right = [p.x + one.gap - 2, p.y - high, p.x + one.gap + width, p.y + high];
        var left = [p.x - one.gap - width, p.y - high, p.x - one.gap + 2, p.y + high];
        var side = free(right) ? "right" : free(left) ? "left" : "";
        if (!side) { return; }
        taken.push(side === "right" ? right : left);
        if (one.dot) { taken.push([p.x - 4, p.y - 4, p.x + 4, p.y + 4]); }
        var text = make("span", "gi-label-text gi-" + side, [name(one.name), one.latin ? name(one.latin, "gi-latin") : null]);
        text.style[side === "right" ? "left" : "right"] = one.gap + "px";
        L.marker([one.lat, one.lon], {
          pane: "gi-labels", interactive: false, keyboard: false, alt: "",
          icon: L.divIcon({ className: one.cls, iconSize: [0, 0], html: make("span", "", [one.dot ? make("i") : null, text]) })
        }).addTo(layer);
      });
    }
    map.on("moveend zoomend resize", layOut);
    layer.on("add", layOut);
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
          return make("span", "", Number((100 * value).toPrecision(1 + (value >= 0.01))) + " %");
        })));
    }
    data.regions.forEach(function (region, index) {
      if (!region.geometry) { return; }
      var inner = index === 0 && data.regions.length > 1;
      rows.push(make("div", "gi-key", [make("i", inner ? "gi-line" : "gi-line gi-dashed"),
        percent(region.level) + " region, " + area(region.area_km2)]));
    });
    if (data.sites.length) { rows.push(make("div", "gi-key", [make("i", "gi-dot"), "Candidate place, by rank"])); }
    if (data.crossings.length) { rows.push(make("div", "gi-key", [make("i", "gi-diamond"), "Border crossing"])); }
    var box = make("details", "gi-legend leaflet-control", [make("summary", "", "Legend")].concat(rows));
    box.open = map.getSize().x > 560;
    L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
    var control = L.control({ position: "bottomleft" });
    control.onAdd = function () { return box; };
    return control;
  }

  /* ---------------------------------------------------------------- panel */
  function panelHead(data) {
    var kinds = { site: "A place", region: "A region, not a single place", none: "No answer" };
    var areas = data.regions.map(function (region) {
      return make("div", "gi-figure", [make("b", "", area(region.area_km2)),
        make("span", "", "holds " + percent(region.level) + " of the probability")]);
    });
    return make("header", "gi-head", [
      make("p", "gi-kind", kinds[data.verdict.kind] || ""),
      make("h1", "", name(data.verdict.text)),
      areas.length ? make("div", "gi-figures", areas) : null,
      make("p", "gi-status", data.public ? "Public version: coarse cells, no evidence, no exact places."
        : "Working file: exact and private. Use geoinfer publish for a version that can be shared.")
    ]);
  }

  function siteList(data, go) {
    var top = data.sites.length ? data.sites[0].probability : 1;
    var list = make("ol", "gi-sites", data.sites.map(function (site) {
      var bar = make("i", "gi-bar");
      bar.style.width = Math.max(1, 100 * site.probability / top) + "%";
      var facts = [site.kind, site.where].filter(Boolean);
      site.km_to.forEach(function (pair) { facts.push(pair[1].toFixed(0) + " km to " + pair[0]); });
      var button = make("button", "gi-pick", [
        make("span", "gi-rank" + (site.rank > 5 ? " gi-minor" : ""), site.rank),
        make("span", "gi-names", [name(site.name, "gi-name"), make("span", "gi-other", joined(others(site.others), " · ")),
          make("span", "gi-small", joined(facts.map(function (fact) { return make("span", "gi-whole", fact); }), " · "))]),
        make("span", "gi-share", percent(site.probability)), bar
      ]);
      button.type = "button";
      button.setAttribute("aria-expanded", "false");
      var why = make("ul", "gi-why", site.reasons.map(function (reason) { return make("li", "", name(reason)); }));
      var item = make("li", "", [button, why]);
      item.id = "gi-site-" + site.rank;
      button.addEventListener("click", function () { go(site.rank); });
      return item;
    }));
    if (data.elsewhere !== null && data.sites.length) {
      list.appendChild(make("li", "gi-elsewhere", [make("span", "", "Elsewhere, near none of these places"),
        make("span", "gi-share", percent(data.elsewhere))]));
    }
    return list;
  }

  function areaList(data) {
    return make("ul", "gi-areas", data.areas.map(function (one) {
      var bar = make("i", "gi-bar");
      bar.style.width = Math.max(1, 100 * one.probability / data.areas[0].probability) + "%";
      return make("li", "", [name(one.name, "gi-name"), make("span", "gi-share", percent(one.probability)), bar]);
    }));
  }

  function entryNode(entry) {
    var said = make("div", "gi-said", [name(entry.name, "gi-name"), entry.other ? " / " : null,
      entry.other ? name(entry.other) : null, entry.km !== null ? make("span", "gi-km", entry.km + " km") : null]);
    var rows = entry.matches.map(function (match) {
      return make("li", "", [make("span", "", [name(match.name), " ", make("span", "gi-other",
        joined(others(match.others).concat(match.where ? [name(match.where)] : []), " · "))]),
        make("span", "gi-share", percent(match.probability))]);
    });
    if (entry.none !== null) {
      rows.push(make("li", "gi-none", [make("span", "", "none of these"), make("span", "gi-share", percent(entry.none))]));
    }
    return make("div", "gi-entry", [said, make("ul", "gi-matches", rows)]);
  }

  function signNode(sign) {
    var title = [sign.colour !== "unknown" ? sign.colour : "", sign.kind !== "unknown" ? sign.kind : "", "sign"].filter(Boolean);
    var head = make("p", "gi-sign", [title.join(" "), sign.routes.length ? ", road " + sign.routes.join(", ") : null]);
    var lines = sign.lines.map(function (line) {
      var image = null;
      if (/^data:image\/png;base64,[A-Za-z0-9+\/=]+$/.test(line.crop)) {
        image = make("img");
        image.src = line.crop;
        image.alt = "Crop of the photo that reads " + line.text;
      }
      return make("li", "", [image, make("span", "gi-read", [name(line.text), " ",
        make("span", "gi-small", line.script + ", " + percent(line.confidence))])]);
    });
    return make("div", "gi-sign-box", [head, make("ul", "gi-lines", lines)].concat(sign.entries.map(entryNode)));
  }

  function photoNode(photo, index) {
    var facts = photo.exif.map(function (pair) { return make("li", "", [name(pair[0]), ": ", name(pair[1])]); });
    var details = make("details", "gi-photo", [
      make("summary", "", [name(photo.file), make("span", "gi-small", photo.signs.length ? "" : " no sign found")])
    ].concat(photo.signs.map(signNode), [
      facts.length ? make("p", "gi-small", "The file claims (never used without saying so):") : null,
      facts.length ? make("ul", "gi-small gi-exif", facts) : null,
      make("p", "gi-small gi-hash", "SHA-256 " + photo.sha256)
    ]));
    details.open = index < 3 && photo.signs.length > 0;
    return details;
  }

  function sourceNode(source) {
    var title = name(source.name);
    if (/^https?:\/\/[^\s]+$/.test(source.url)) {
      title = make("a", "", title);
      title.href = source.url;
      title.rel = "noopener noreferrer";
      title.target = "_blank";
    }
    var facts = [source.version, source.licence, source.attribution].filter(Boolean).map(function (t) { return name(t); });
    return make("li", "", [title].concat(facts.length ? [": "] : [], joined(facts, ", ")));
  }

  function network(data) {
    return data.tiles ? "The background tiles come from " + data.tiles.host + ": that server learns where this map is looked at."
      : "This map makes no network request; everything it shows is in this file.";
  }

  function fillPanel(data, go) {
    var panel = document.getElementById("gi-panel");
    var texts = function (list) { return list.map(function (text) { return make("li", "", name(text)); }); };
    var toggle = make("button", "gi-toggle", make("span", "", "Findings"));
    toggle.type = "button";
    toggle.setAttribute("aria-expanded", "true");
    toggle.setAttribute("aria-controls", "gi-panel-body");
    var evidence = data.photos.map(photoNode);
    var typed = data.clues.map(function (clue) {
      return make("div", "gi-sign-box", [make("p", "gi-sign", ["Typed in: ", name(clue.kind),
        clue.routes.length ? ", road " + clue.routes.join(", ") : null])]
        .concat(clue.entries.map(entryNode), [clue.note ? make("p", "gi-small", name(clue.note)) : null]));
    });
    var body = make("div", "gi-body", [
      panelHead(data),
      section(data.public ? "Probability by area" : "Places, by probability",
        data.sites.length ? [siteList(data, go), more(data.more_sites, "places")]
          : data.areas.length ? [areaList(data)] : []),
      section("What qualifies this answer", data.notes.length ? [make("ul", "gi-list", texts(data.notes))] : []),
      section("Evidence", typed.concat(evidence, [more(data.more_photos, "photos")]).filter(Boolean), true),
      section("Could not be used", data.problems.length ? [make("ul", "gi-list", data.problems.map(function (one) {
        return make("li", "", [name(one.file || "", "gi-name"), ": ", name(one.error || "")]);
      })), more(data.more_problems, "files")].filter(Boolean) : [], false),
      section("Settings", data.settings.length ? [make("dl", "gi-settings", data.settings.reduce(function (out, pair) {
        return out.concat([make("dt", "", name(pair[0])), make("dd", "", name(pair[1]))]);
      }, []))] : [], false),
      section("Sources", [data.sources.length ? make("ul", "gi-list", data.sources.map(sourceNode)) : null,
        data.attribution ? make("p", "gi-small", data.attribution) : null,
        make("p", "gi-small", "Drawn with Leaflet 1.9.4 (BSD) and Folium (MIT). " + network(data))])
    ]);
    body.id = "gi-panel-body";
    panel.appendChild(toggle);
    panel.appendChild(body);
    toggle.addEventListener("click", function () {
      var shut = document.body.classList.toggle("gi-shut");
      toggle.setAttribute("aria-expanded", String(!shut));
      if (geoinfer.map) { geoinfer.map.invalidateSize(); }
    });
  }

  /* ---------------------------------------------------------------- all of it */
  function show(id, data) {
    var map = L.map(id, { zoomControl: false, zoomSnap: 0.5, minZoom: 2, maxZoom: data.public ? 10 : 18, worldCopyJump: true,
      fadeAnimation: !quiet, zoomAnimation: !quiet, markerZoomAnimation: !quiet });
    map.attributionControl.setPrefix("Leaflet");
    var credit = function (text) { map.attributionControl.addAttribution(text.replace(/[&<>"]/g, function (c) { return "&#" + c.charCodeAt(0) + ";"; })); };
    if (data.attribution) { credit(data.attribution); }
    map.fitBounds(data.view);
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
    fillPanel(data, go);
    var base = baseLayers(map, data);
    if (data.tiles) {
      base = {};
      L.tileLayer(data.tiles.url, { maxZoom: 19, className: "gi-tiles" }).addTo(map);
      credit(data.tiles.attribution);
    }
    Object.keys(base).forEach(function (layer) { base[layer].addTo(map); });
    sites = siteLayer(map, data, choose);
    var overlays = {};
    var add = function (title, layer) { overlays[title] = layer.addTo(map); };
    add("Probability by cell", cellLayer(map, data));
    regionLayers(map, data).forEach(function (layer, index) {
      if (layer) { add(percent(data.regions[index].level) + " region", layer); }
    });
    if (data.sites.length) { add("Ranked places", sites.layer); }
    if (data.crossings.length) { add("Border crossings", crossingLayer(map, data)); }
    if (base.frontiers) { overlays["Country borders"] = base.frontiers; }
    if (base.admin1) { overlays["Oblasts"] = base.admin1; }
    if (base.roads) { overlays["Main roads"] = base.roads; }
    L.control.zoom({ position: "topright" }).addTo(map);
    var switches = L.control.layers(null, overlays, { position: "topright", collapsed: true }).addTo(map);
    L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(map);
    legend(map, data).addTo(map);
    if (data.sites.length || data.towns.length || data.labels.length) {
      var labels = labelLayer(map, data);  // last, because labels keep clear of what is on the map already
      switches.addOverlay(labels, "Names");
      labels.addTo(map);
    }
    if (data.sites.length) { choose(data.sites[0].rank, false); }
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
    geoinfer.map = map;
    document.documentElement.setAttribute("data-geoinfer", "shown");
    return map;
  }
  return { show: show };
})();
