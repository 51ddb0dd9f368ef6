/* The panel beside the map: the answer, the ranked places, the evidence and where it is from. */
(function (gi) {
  var percent = gi.percent, area = gi.area, make = gi.make, name = gi.name, others = gi.others, joined = gi.joined;
  var section = gi.section, more = gi.more, sentence = gi.sentence;

  function panelHead(data) {
    var kinds = { site: "A place", region: "A region, not a single place", none: "No answer" };
    var areas = data.regions.map(function (region) {
      return make("div", "gi-figure", [make("b", "", area(region.area_km2)),
        make("span", "", "holds " + percent(region.level) + " of the probability")]);
    });
    return make("header", "gi-head", [
      make("p", "gi-kind", kinds[data.verdict.kind] || ""),
      make("h1", "", sentence(data.verdict.text)),
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
        make("span", "gi-names", [name(site.name, "gi-name", site.lang), make("span", "gi-other", joined(others(site.others), " · ")),
          make("span", "gi-small", joined(facts.map(function (fact) { return make("span", "gi-whole", fact); }), " · "))]),
        make("span", "gi-share", percent(site.probability)), bar
      ]);
      button.type = "button";
      button.setAttribute("aria-expanded", "false");
      var why = make("ul", "gi-why", site.reasons.map(function (reason) { return make("li", "", sentence(reason)); }));
      var item = make("li", "", [button, why]);
      item.id = "gi-site-" + site.rank;
      button.addEventListener("click", function () { go(site.rank); });
      item.site = site;
      return item;
    }));
    if (data.elsewhere !== null && data.sites.length) {
      list.appendChild(make("li", "gi-elsewhere", [make("span", "", "Elsewhere, near none of these places"),
        make("span", "gi-share", percent(data.elsewhere))]));
    }
    return list;
  }
  /* The ranked places with what chooses among them; `onFilter` hears when the choice has changed. */
  function ranking(data, go, onFilter) {
    var list = siteList(data, go);
    var filter = gi.siteFilter(data, function () {
      Array.from(list.children).forEach(function (item) { if (item.site) { item.hidden = item.site.hidden; } });
      onFilter();
    }, go);
    gi.applyFilter = filter.apply;
    return [data.sites.length > 1 ? filter.node : null, list, more(data.more_sites, "places")];
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
      var rivals = gi.joined(line.alternatives.map(function (pair) {
        return make("span", "", [name(pair[0]), " " + percent(pair[1])]);
      }), ", ");
      return make("li", "", [image, make("span", "gi-read", [name(line.text), " ",
        make("span", "gi-small", line.script + ", " + percent(line.confidence)),
        rivals.length ? make("span", "gi-small gi-rivals", ["or "].concat(rivals)) : null])]);
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

  function clusterNode(cluster) {
    return make("div", "gi-sign-box", [
      make("p", "gi-cluster", [make("b", "", cluster.number + ". "), sentence(cluster.text)]),
      make("ul", "gi-matches", cluster.sites.map(function (site) {
        return make("li", "", [name(site[0]), make("span", "gi-share", percent(site[1]))]);
      })),
      make("p", "gi-small", ["From: "].concat(joined(cluster.members.map(function (one) { return name(one); }), ", ")))
    ]);
  }

  function network(data) {
    return data.tiles ? "The background tiles come from " + data.tiles.host + ": that server learns where this map is looked at."
      : "This map makes no network request; everything it shows is in this file.";
  }

  function fillPanel(data, go, onFilter) {
    var panel = document.getElementById("gi-panel");
    var texts = function (list) { return list.map(function (text) { return make("li", "", sentence(text)); }); };
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
        data.sites.length ? ranking(data, go, onFilter)
          : data.areas.length ? [areaList(data)] : []),
      section("Photos of several places", data.clusters.map(clusterNode)),
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
      if (gi.map) { gi.map.invalidateSize(); }
    });
  }
  gi.fillPanel = fillPanel;
})(geoinfer);
