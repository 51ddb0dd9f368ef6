/* Which of the ranked places are shown: those above a probability whose name holds what was typed. */
(function (gi) {
  var make = gi.make, percent = gi.percent;
  var FEW = 30;

  function holds(site, text) {
    return [site.name].concat(site.others.map(function (pair) { return pair[1]; })).some(function (one) {
      return one.toLocaleLowerCase().indexOf(text) >= 0;
    });
  }
  /* tell: called after each change, when every site's `hidden` is set. */
  function siteFilter(data, tell, go) {
    var shares = data.sites.map(function (site) { return Math.max(site.probability, 1e-6); });
    var low = Math.log(Math.min.apply(null, shares)), high = Math.log(Math.max.apply(null, shares));
    var slider = make("input"), search = make("input"), said = make("output", "gi-small");
    slider.type = "range";
    slider.min = 0;
    slider.max = 100;
    slider.step = 1;
    search.type = "search";
    search.placeholder = "Find a place";
    search.setAttribute("aria-label", "Find a place by any of its names; Enter goes to the first");
    /* The places that are only just above the lowest step are all of them. */
    function least() { return Number(slider.value) === 0 ? 0 : Math.exp(low + (high - low) * slider.value / 100) * 0.9999; }
    slider.value = shares.length > FEW && high > low
      ? Math.ceil(100 * (Math.log(shares[FEW - 1]) - low) / (high - low)) : 0;
    function apply() {
      var text = search.value.trim().toLocaleLowerCase(), bound = text ? 0 : least(), shown = 0;
      data.sites.forEach(function (site, index) {
        site.hidden = !(shares[index] >= bound && (!text || holds(site, text)));
        shown += site.hidden ? 0 : 1;
      });
      var words = shown + " of " + data.sites.length + " places";
      said.textContent = text ? words : (bound ? "at least " + percent(bound) + ": " : "any: ") + words;
      slider.setAttribute("aria-valuetext", said.textContent);
      slider.disabled = Boolean(text);
      tell();
    }
    slider.addEventListener("input", apply);
    search.addEventListener("input", apply);
    search.addEventListener("keydown", function (event) {
      var first = data.sites.filter(function (site) { return !site.hidden; })[0];
      if (event.key === "Enter" && first) { go(first.rank); }
    });
    var label = make("label", "gi-least", ["Probability ", said, slider]);
    return { node: make("div", "gi-filter", [search, label]), apply: apply };
  }
  gi.siteFilter = siteFilter;
})(geoinfer);
