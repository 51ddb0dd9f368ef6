"""The page around a map: one HTML file that carries all it needs and may ask for nothing else.

Stock Folium pages fetch their scripts and styles from ten places on the network and die without them. This page
inlines Leaflet, which it takes from a package dependency. A Content-Security-Policy allows only the scripts and styles
whose hashes it lists, images from the file itself, and, where tiles were asked for, images from that one host. All text
reaches the page as JSON and is put into it by ``static/*.js`` as text, never as HTML.
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
SCRIPTS = (
    "elements.js", "filter.js", "panel.js", "labels.js", "readout.js", "layers.js", "grounds.js", "map.js",
)  # fmt: skip
"""Each takes what those before it have put into ``geoinfer``; map.js defines what the others call later."""
LEAFLET = ("js_lib_leaflet", "static/js_lib_leaflet")
JQUERY = ("xstatic.pkg.jquery", "data")
"""Packages that carry the makers' files, and the folder inside."""
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
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
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>{{ css }}</style>
{% for script in libraries %}<script>{{ script }}</script>
{% endfor %}{{ header }}
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
        header = self.header.render(**kwargs)
        libraries = (_leaflet_script(), asset(JQUERY, "jquery.min.js").decode(), _own_script())
        return str(
            self._template.render(
                this=self,
                kwargs=kwargs,
                title=html.escape(visible(str(self.title))),
                noscript=html.escape(visible(self._data["verdict"]["text"], 2000)),
                csp=_policy((*libraries, script), (_styles(), *_STYLE.findall(header)), self._image_source),
                css=_styles(),
                header=header,
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


def _policy(scripts: tuple[str, ...], styles: tuple[str, ...], image_source: str) -> str:
    images = html.escape(f"data: {image_source}".strip())
    return (
        f"default-src 'none'; script-src {content_hashes(scripts)}; style-src {content_hashes(styles)}; "
        f"img-src {images}; base-uri 'none'; form-action 'none'"
    )


def content_hashes(texts: tuple[str, ...]) -> str:
    """Name the contents of elements as a Content-Security-Policy does, to allow these and no others."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{one}'" for one in hashes)


@cache
def _text(name: str) -> str:
    # The source map is a file that is not there; a browser's developer tools would ask for it.
    return re.sub(r"//# sourceMappingURL=\S+", "", (_STATIC / name).read_text(encoding="utf-8"))


def asset(package: tuple[str, str], name: str) -> bytes:
    """Read a file of Leaflet or jQuery from the package that carries it."""
    module, folder = package
    return (files(module) / folder / name).read_bytes()


@cache
def _icon(name: str) -> str:
    content = asset(LEAFLET, f"images/{name}.png")
    return "data:image/png;base64," + base64.b64encode(content).decode()


@cache
def _own_script() -> str:
    return "".join(_text(name) for name in ("vendor/mgrs/mgrs.min.js", *SCRIPTS))


@cache
def _leaflet_script() -> str:
    """Leaflet, with its default marker's images inside: it would look for them beside its style sheet."""
    script = asset(LEAFLET, "leaflet.js").decode().replace("//# sourceMappingURL=leaflet.js.map", "")
    return script + (
        "\ndelete L.Icon.Default.prototype._getIconUrl;"
        f"L.Icon.Default.mergeOptions({{iconUrl:'{_icon('marker-icon')}',"
        f"iconRetinaUrl:'{_icon('marker-icon-2x')}',shadowUrl:'{_icon('marker-shadow')}'}});\n"
    )


@cache
def _styles() -> str:
    def inlined(found: re.Match[str]) -> str:
        return f"url({_icon(found[1])})"

    # An HTML parser reads line ends as \n; the hash in the policy must be that of what it reads.
    css = asset(LEAFLET, "leaflet.css").decode().replace("\r\n", "\n")
    leaflet = re.sub(rf"url\(images/({'|'.join(_ICONS)})\.png\)", inlined, css)
    return leaflet + _text("map.css")
