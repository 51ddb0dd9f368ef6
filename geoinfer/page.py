"""The page around a map: one HTML file that carries all it needs and may ask for nothing else.

Stock Folium pages fetch their scripts and styles from ten places on the network and die without them. This page
inlines Leaflet, and a Content-Security-Policy allows only the scripts whose hashes it lists, images from the file
itself, and, where tiles were asked for, images from that one host. All text reaches the page as JSON and is put into
it by ``static/map.js`` as text, never as HTML.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import folium
from branca.element import Figure
from jinja2 import Template

from geoinfer.escape import json_in_html, visible

_STATIC = files("geoinfer") / "static"
_SCRIPTS = ("elements.js", "panel.js", "labels.js", "map.js")
"""Each takes what those before it have put into ``geoinfer``; map.js makes the pane that labels.js asks for later."""
_ICONS = ("layers", "layers-2x", "marker-icon", "marker-icon-2x", "marker-shadow")


class CasePage(Figure):
    """The HTML document that holds a map, its panel and its data.

    Parameters
    ----------
    data
        What ``static/map.js`` shows; see `geoinfer.map_data`.
    image_source
        Origin that images may come from besides the file itself, or an empty string.
    """

    _template = Template(
        """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ csp }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>{{ css }}</style>
{% for script in libraries %}<script>{{ script }}</script>
{% endfor %}{{ this.header.render(**kwargs) }}
</head>
<body>
<a class="gi-skip" href="#gi-panel">Skip the map, go to the findings</a>
<div class="gi-layout">
<main class="gi-map">{{ this.html.render(**kwargs) }}</main>
<aside class="gi-panel" id="gi-panel" aria-label="Findings" tabindex="-1">
<noscript><p>{{ noscript }}</p><p>This page needs scripts for its map; they are all inside this file.</p></noscript>
</aside>
</div>
<script type="application/json" id="gi-data">{{ data }}</script>
<script>{{ script }}</script>
</body>
</html>
"""
    )

    def __init__(self, data: Mapping[str, Any], image_source: str) -> None:
        super().__init__(title=data["title"])
        self.header._children.clear()  # the template has its own meta elements
        self._data = data
        self._image_source = image_source

    def render(self, **kwargs: Any) -> str:
        """Render the whole document, with the hashes of exactly the scripts that belong to it."""
        for child in self._children.values():
            child.render(**kwargs)
        script = "\n" + self.script.render(**kwargs) + "\n"
        libraries = (_leaflet_script(), _text("vendor/jquery/jquery.min.js"), _own_script())
        return str(
            self._template.render(
                this=self,
                kwargs=kwargs,
                title=html.escape(visible(str(self.title))),
                noscript=html.escape(visible(self._data["verdict"]["text"], 2000)),
                csp=_policy((*libraries, script), self._image_source),
                css=_styles(),
                libraries=libraries,
                data=json_in_html(self._data),
                script=script,
            )
        )


class CaseMap(folium.Map):
    """A Folium map of a case, in a `CasePage`.

    It shows itself in a notebook, and takes further Folium layers. What Folium plugins load from the network stays out.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  Folium reads these class attributes
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }} role="region" aria-label="Map"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = geoinfer.show(
                {{ this.get_name()|tojson }}, JSON.parse(document.getElementById("gi-data").textContent));
        {% endmacro %}
        """
    )

    def __init__(self, data: Mapping[str, Any], image_source: str = "") -> None:
        (south, west), (north, east) = data["view"]
        super().__init__(location=[(south + north) / 2, (west + east) / 2], tiles=None)
        self._id = "case"  # Folium's own ids are random; the same case must give the same bytes
        CasePage(data, image_source).add_child(self)


def _policy(scripts: tuple[str, ...], image_source: str) -> str:
    hashes = (base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    images = html.escape(f"data: {image_source}".strip())
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src {images}; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _text(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


@cache
def _icon(name: str) -> str:
    content = (_STATIC / "vendor/leaflet/images" / f"{name}.png").read_bytes()
    return "data:image/png;base64," + base64.b64encode(content).decode()


@cache
def _own_script() -> str:
    return "".join(_text(name) for name in _SCRIPTS)


@cache
def _leaflet_script() -> str:
    """Leaflet, with its default marker's images inside: it would look for them beside its style sheet."""
    # The source map is a file that is not there; a browser's developer tools would ask for it.
    script = _text("vendor/leaflet/leaflet.js").replace("//# sourceMappingURL=leaflet.js.map", "")
    return script + (
        "\ndelete L.Icon.Default.prototype._getIconUrl;"
        f"L.Icon.Default.mergeOptions({{iconUrl:'{_icon('marker-icon')}',"
        f"iconRetinaUrl:'{_icon('marker-icon-2x')}',shadowUrl:'{_icon('marker-shadow')}'}});\n"
    )


@cache
def _styles() -> str:
    def inlined(found: re.Match[str]) -> str:
        return f"url({_icon(found[1])})"

    leaflet = re.sub(rf"url\(images/({'|'.join(_ICONS)})\.png\)", inlined, _text("vendor/leaflet/leaflet.css"))
    return leaflet + _text("map.css")
