/* Coordinates under the mouse in three notations, copied on click, and links to imagery of a spot.
 *
 * Nothing is asked of any service before a link is followed; following one tells that service where the reader looks,
 * and the page says so beside the links.
 */
(function (gi) {
  var make = gi.make;

  function sexagesimal(value, marks) {
    var tenths = Math.round(Math.abs(value) * 36000), two = function (n) { return (n < 10 ? "0" : "") + n; };
    return Math.floor(tenths / 36000) + "°" + two(Math.floor(tenths / 600) % 60) + "′"
      + two(Math.floor(tenths / 10) % 60) + "." + tenths % 10 + "″" + marks[value < 0 ? 1 : 0];
  }
  /* Latitude first, as maps and search fields take it. */
  var NOTATIONS = [
    { id: "DD", title: "Decimal degrees", write: function (lat, lon) { return lat.toFixed(5) + ", " + lon.toFixed(5); } },
    { id: "DMS", title: "Degrees, minutes, seconds",
      write: function (lat, lon) { return sexagesimal(lat, "NS") + " " + sexagesimal(lon, "EW"); } },
    { id: "MGRS", title: "Military Grid Reference System",
      write: function (lat, lon) {
        if (lat < -80 || lat > 84) { return "not defined here"; }
        return mgrs.forward([lon, lat], 5).replace(/^(\d+[A-Z])([A-Z]{2})(\d{5})(\d{5})$/, "$1 $2 $3 $4");
      } }
  ];
  var chosen = 0;

  var SERVICES = [
    ["Satellite", [
      ["Google", "https://www.google.com/maps/@?api=1&map_action=map&center={lat},{lon}&zoom=16&basemap=satellite"],
      ["Bing", "https://www.bing.com/maps?cp={lat}~{lon}&lvl=16&style=a"],
      ["Copernicus", "https://browser.dataspace.copernicus.eu/?zoom=14&lat={lat}&lng={lon}"]]],
    ["Street level", [
      ["Google", "https://www.google.com/maps/@?api=1&map_action=pano&viewpoint={lat},{lon}"],
      ["Mapillary", "https://www.mapillary.com/app/?lat={lat}&lng={lon}&z=16"],
      ["KartaView", "https://kartaview.org/map/@{lat},{lon},16z"]]],
    ["Map", [["OpenStreetMap", "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=15/{lat}/{lon}"]]]
  ];

  function copy(text) {
    var byHand = function () {
      var field = make("textarea", "gi-off");
      field.value = text;
      document.body.appendChild(field);
      field.select();
      var done = document.execCommand("copy");
      field.remove();
      return done ? Promise.resolve() : Promise.reject(new Error("copying was refused"));
    };
    return navigator.clipboard && window.isSecureContext ? navigator.clipboard.writeText(text).catch(byHand) : byHand();
  }
  function copyAndTell(text, status) {
    copy(text).then(function () { status.textContent = "Copied: " + text; },
      function () { status.textContent = "The browser refused to copy"; });
  }

  function link(title, template, lat, lon) {
    var node = make("a", "", title);
    node.href = template.replace(/\{lat\}/g, lat.toFixed(5)).replace(/\{lon\}/g, lon.toFixed(5));
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    node.referrerPolicy = "no-referrer";
    return node;
  }
  /* The three notations of a spot, each with its button, and where to look at it. */
  function spot(lat, lon) {
    var status = make("p", "gi-small gi-copied");
    status.setAttribute("role", "status");
    var rows = NOTATIONS.map(function (one) {
      var text = one.write(lat, lon), button = make("button", "gi-copy", "Copy");
      button.type = "button";
      button.setAttribute("aria-label", "Copy " + one.title.toLowerCase());
      button.addEventListener("click", function () { copyAndTell(text, status); });
      return make("div", "gi-notation", [make("abbr", "", one.id), make("span", "", text), button]);
    });
    rows.forEach(function (row, index) { row.firstChild.title = NOTATIONS[index].title; });
    var look = make("div", "gi-look", SERVICES.map(function (group) {
      return make("div", "", [make("span", "gi-small", group[0] + ": ")].concat(gi.joined(group[1].map(function (one) {
        return link(one[0], one[1], lat, lon);
      }), " · ")));
    }).concat(make("p", "gi-small", "A link tells its service where you look.")));
    var node = make("div", "gi-spot", rows.concat(status, look));
    node.status = status;
    return node;
  }

  function readout(map) {
    var buttons = NOTATIONS.map(function (one, index) {
      var button = make("button", "", [make("abbr", "", one.id), make("span", "")]);
      button.type = "button";
      button.title = one.title + ": click the map to copy in this notation";
      button.addEventListener("click", function () { chosen = index; press(); });
      return button;
    });
    var hint = make("p", "gi-small", "Click the map to copy");
    hint.setAttribute("role", "status");
    function press() {
      buttons.forEach(function (button, index) { button.setAttribute("aria-pressed", String(index === chosen)); });
    }
    function tell(at) {
      var here = at.wrap();
      buttons.forEach(function (button, index) { button.lastChild.textContent = NOTATIONS[index].write(here.lat, here.lng); });
    }
    function take(at) {
      var here = at.wrap(), node = spot(here.lat, here.lng);
      tell(at);
      L.popup({ maxWidth: 320, autoPanPadding: [30, 30] }).setLatLng(at).setContent(node).openOn(map);
      copyAndTell(NOTATIONS[chosen].write(here.lat, here.lng), node.status);
    }
    var box = make("div", "gi-readout leaflet-control", buttons.concat(hint));
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Coordinates under the mouse, or at the centre of the map");
    L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
    map.on("mousemove", function (event) { tell(event.latlng); });
    map.on("move", function () { tell(map.getCenter()); });
    map.on("click", function (event) { take(event.latlng); });
    // By keyboard: the arrows move the map under the cross, Enter takes what it stands on.
    map.getContainer().addEventListener("keydown", function (event) {
      if (event.key === "Enter" && event.target === map.getContainer()) { take(map.getCenter()); }
    });
    map.getContainer().appendChild(make("i", "gi-cross"));
    press();
    tell(map.getCenter());
    var control = L.control({ position: "bottomright" });
    control.onAdd = function () { return box; };
    return control;
  }
  gi.spot = spot;
  gi.readout = readout;
})(geoinfer);
