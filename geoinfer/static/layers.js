/* The switches of the map's layers, in groups: what was found, what it rests on, and the background. */
(function (gi) {
  var make = gi.make;

  /* groups: [title, [[name, layer, shown at first], ...]] */
  function switches(map, groups) {
    var sets = groups.filter(function (group) { return group[1].length; }).map(function (group) {
      var rows = group[1].map(function (row) {
        var box = make("input"), layer = row[1];
        box.type = "checkbox";
        box.checked = row[2] !== false;
        if (box.checked) { layer.addTo(map); }
        box.addEventListener("change", function () {
          if (box.checked) { layer.addTo(map); } else { layer.remove(); }
          map.fire(box.checked ? "overlayadd" : "overlayremove", { layer: layer, name: row[0] });
        });
        return make("label", "", [box, gi.name(row[0])]);
      });
      return make("fieldset", "", [make("legend", "", group[0])].concat(rows));
    });
    var node = make("details", "gi-layers leaflet-control", [make("summary", "", "Layers")].concat(sets));
    node.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { node.open = false; node.firstChild.focus(); }
    });
    L.DomEvent.disableClickPropagation(node).disableScrollPropagation(node);
    var control = L.control({ position: "topright" });
    control.onAdd = function () { return node; };
    return control;
  }
  gi.switches = switches;
})(geoinfer);
