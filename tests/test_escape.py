"""Untrusted text, on its way out."""

import csv
import io
import json
import unicodedata
from pathlib import PurePosixPath
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinfer.escape import csv_cell, json_in_html, plain, safe_stem, visible, whole, xml_text

any_text = st.text(st.characters(codec=None), max_size=80)  # lone surrogates and control characters included


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Чернігів", "Чернігів"),
        ("Копʼєво", "Копʼєво"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("photo\u202egpj.exe", r"photo\u202egpj.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("not\udcffutf8", r"not\udcffutf8"),
        ("\U000e0041tag", r"\U000e0041tag"),
    ],
)
def test_what_is_invisible_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(any_text)
def test_visible_text_is_one_printable_line(text: str) -> None:
    shown = visible(text)
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in shown)
    shown.encode("utf-8")


def test_ten_thousand_characters_are_cut() -> None:
    assert visible("a" * 10_000, limit=300) == "a" * 300 + "…"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝"])
def test_no_cell_starts_a_formula(start: str) -> None:
    assert csv_cell(start + "HYPERLINK(1)").startswith("'")


@given(any_text)
def test_a_cell_survives_a_spreadsheet_file(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([csv_cell(text), "next"])
    rows = list(csv.reader(io.StringIO(out.getvalue())))
    assert rows == [[csv_cell(text), "next"]]
    assert not csv_cell(text).lstrip().startswith(("=", "+", "-", "@"))


@given(any_text)
def test_xml_is_always_well_formed(text: str) -> None:
    node = ElementTree.Element("name")
    node.text = xml_text(text)
    read = ElementTree.fromstring(ElementTree.tostring(node, encoding="utf-8"))
    assert (read.text or "").replace("\n", "") == xml_text(text).replace("\r", "").replace("\n", "")


@given(any_text)
def test_json_in_a_page_cannot_leave_its_script(text: str) -> None:
    written = json_in_html({text: [text]})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {whole(text): [whole(text)]}


def test_plain_takes_what_stages_hand_over() -> None:
    value = {
        "array": np.array([1.5, np.nan]), "count": np.int64(3), "flag": np.bool_(True), "codes": frozenset({"b", "a"}),
        "path": PurePosixPath("a/b"), "inf": float("-inf"), "object": complex(1, 2),
    }  # fmt: skip
    expected = {
        "array": [1.5, None], "count": 3, "flag": True, "codes": ["a", "b"], "path": "a/b", "inf": None,
        "object": "(1+2j)",
    }  # fmt: skip
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


@pytest.mark.parametrize(
    "hostile", ["../up", "/etc/passwd", "a/../b", "C:\\x", "a\x00b", "", ".", "..", "-rf", "x" * 300, "ж"]
)
def test_an_id_never_becomes_a_path(hostile: str) -> None:
    assert safe_stem(hostile).startswith("id-")


@given(any_text, any_text)
def test_stems_are_safe_and_distinct(one: str, other: str) -> None:
    stem = safe_stem(one)
    assert stem.isascii() and not set(stem) & set('/\\:*?"<>| \x00') and ".." not in stem and stem[0] not in ".-"
    assert one == other or stem != safe_stem(other)


def test_stems_do_not_fall_together() -> None:
    assert safe_stem("photo-1/r2") != safe_stem("photo-1_r2")
    assert safe_stem("Photo-1/r2").lower() != safe_stem("photo-1/r2").lower()
