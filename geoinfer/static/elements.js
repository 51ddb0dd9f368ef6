/* Numbers, texts and elements that the map and its panel are made of.
 *
 * All text in a page's data comes from strangers' photographs. It is put into the page with textContent only; nothing
 * in these scripts may set innerHTML from it, and a test reads the files for that.
 */
"use strict";
var geoinfer = {};
(function (gi) {
  /* Nothing that a camera's position rests on is certain, or impossible. */
  function percent(p) {
    if (p === null || p === undefined) { return ""; }
    var value = 100 * p;
    if (value < 0.5) { return "< 0.5\u00a0%"; }
    if (value >= 99.5) { return "> 99\u00a0%"; }
    var whole = Math.abs(value - Math.round(value)) < 1e-9;
    return value.toFixed(value >= 9.95 || whole ? 0 : 1) + "\u00a0%";
  }
  /* A cell holds little: its share has two digits, however small. */
  function share(p) {
    return p >= 0.005 ? percent(p) : Number((100 * p).toPrecision(2)) + "\u00a0%";
  }
  function area(km2) {
    var digits = km2 >= 100 ? Math.pow(10, Math.floor(Math.log10(km2)) - 2) : 1;
    var value = km2 >= 10 ? Math.round(km2 / digits) * digits : Number(km2.toPrecision(2));
    return value.toLocaleString("en-GB") + " km²";
  }
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
  /* A name, whose direction and language are its own; `lang` is left out where it is not known. */
  function name(text, cls, lang) {
    var node = make("bdi", cls, text);
    if (/^[a-z]{2,3}$/.test(lang || "")) { node.lang = lang; }
    return node;
  }
  /* A number and its unit stay on one line. */
  function sentence(text) { return name(text.replace(/(\d) (%|km)/g, "$1\u00a0$2")); }
  function others(list) {
    return (list || []).map(function (pair) { return name(pair[1], "", pair[0]); });
  }
  function joined(nodes, mark) {
    return nodes.reduce(function (out, node) { return out.concat(out.length ? [mark, node] : [node]); }, []);
  }
  /* How far off a coordinate may be: metres, or kilometres from ten on. */
  function uncertainty(m) { return "± " + (m < 10000 ? m + "\u00a0m" : Math.round(m / 1000) + "\u00a0km"); }
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
  gi.percent = percent;
  gi.share = share;
  gi.area = area;
  gi.uncertainty = uncertainty;
  gi.make = make;
  gi.name = name;
  gi.sentence = sentence;
  gi.others = others;
  gi.joined = joined;
  gi.section = section;
  gi.more = more;
})(geoinfer);
