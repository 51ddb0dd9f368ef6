/* What the answer rests on: where each sign's kilometres lead, the roads that it numbers, the borders of the hypothesis. */
(function (gi) {
  var BLUE = "#1c5aa6";

  function shape(geometry, pane, style) {
    return L.geoJSON(geometry, { pane: pane, interactive: false, style: style });
  }

  function bandNames(found) {
    var all = found.bands.map(function (band) { return band.km; }).sort(function (a, b) { return a - b; });
    return all.filter(function (km, index) { return km !== all[index - 1]; }).join(", ");
  }
  function reachLayer(clue, data) {
    var group = L.layerGroup();
    clue.rings.forEach(function (ring) {
      shape(ring.band, "gi-reach", { stroke: false, fillColor: BLUE, fillOpacity: 0.045 }).addTo(group);
      shape(ring.edge, "gi-reach", { color: BLUE, weight: 1.3, opacity: 0.75, fill: false }).addTo(group);
    });
    clue.spots.forEach(function (spot) {
      L.circleMarker(spot, { pane: "gi-reach", interactive: false, radius: 3.5, color: "#fff", weight: 1,
        fillColor: BLUE, fillOpacity: 1 }).addTo(group);
    });
    if (clue.routes.length && data.base.roads) {
      L.geoJSON(data.base.roads, {
        pane: "gi-reach", interactive: false, style: { color: BLUE, weight: 5, opacity: 0.3 },
        filter: function (feature) {
          var numbers = (feature.properties.ref + ";" + feature.properties.e_ref).split(";");
          return clue.routes.some(function (route) { return numbers.indexOf(route) >= 0; });
        }
      }).addTo(group);
    }
    return group;
  }
  /* One switch for each clue that leads somewhere. */
  function reachLayers(map, data) {
    gi.pane(map, "gi-reach", 430, true);
    return data.reach.map(function (clue) { return { title: clue.title, layer: reachLayer(clue, data), rings: clue.rings }; });
  }

  /* Below the answer, for it is an assumption: the colours of the answer stay on top. */
  function hypothesisLayers(map, data) {
    gi.pane(map, "gi-hypothesis", 340, true);
    gi.pane(map, "gi-bands", 339, true);
    var found = data.hypothesis, out = [];
    if (found.geometry) {
      out.push(["Borders of the hypothesis", shape(found.geometry, "gi-hypothesis",
        { color: "#6d7fa3", weight: 9, opacity: 0.38, fill: false })]);
    }
    if (found.bands.length) {
      var bands = L.layerGroup();
      found.bands.forEach(function (band) {
        shape(band.geometry, "gi-bands", { color: "#56658a", weight: 1.1, opacity: 0.75, dashArray: "1 5", fill: false })
          .addTo(bands);
      });
      out.push([gi.bandNames(found) + " km from them", bands]);
    }
    return out;
  }
  gi.bandNames = bandNames;
  gi.reachLayers = reachLayers;
  gi.hypothesisLayers = hypothesisLayers;
})(geoinfer);
