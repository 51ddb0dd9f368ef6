"""Telegram exports: what ``result.json`` of a channel export says about its photos and videos."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from geoinfer.photos import printable

EXPORT = "result.json"
MOST_BYTES = 500_000_000


def posts(export: Path) -> dict[str, dict[str, str | float]]:
    """Read date and number of the message that each file of an export came with.

    Telegram Desktop writes one chat (``messages``) or an account (``chats.list[].messages``); the media of a message
    stand in ``photo`` or ``file`` as a path relative to the export.

    Parameters
    ----------
    export
        The ``result.json``.

    Returns
    -------
    Path inside the export to ``posted`` (ISO 8601 as the export has it) and ``message``; empty where the file is no
    export. All of it is what the export claims.
    """
    try:
        if export.stat().st_size > MOST_BYTES:
            return {}
        content = json.loads(export.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    found: dict[str, dict[str, str | float]] = {}
    for message in _messages(content):
        facts: dict[str, str | float] = {}
        if isinstance(date := message.get("date"), str):
            facts["posted"] = printable(date, 40)
        if isinstance(number := message.get("id"), int) and not isinstance(number, bool):
            facts["message"] = number
        for key in ("photo", "file"):
            name = message.get(key)
            if isinstance(name, str) and facts and _is_inside(name):
                found.setdefault(name, facts)
    return found


def _is_inside(name: str) -> bool:
    return not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts


def _messages(content: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(content, dict):
        return
    chats = content.get("chats")
    listed = chats.get("list") if isinstance(chats, dict) else None
    for chat in [content, *(listed if isinstance(listed, list) else [])]:
        messages = chat.get("messages") if isinstance(chat, dict) else None
        yield from (one for one in messages or [] if isinstance(one, dict)) if isinstance(messages, list) else ()
