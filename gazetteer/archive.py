"""Zip archives of columns: packed small for the repository, or laid out so that they are mapped into memory.

A packed archive is deflated. A mapped one stores its members as they are, each beginning at a multiple of 64 bytes, so
that a column is a view of the file: opening it reads nothing, and pages that no search touches stay on disk. Both are
zip files that any zip tool can check. Arrays are in numpy's format, without pickles.
"""

from __future__ import annotations

import io
import mmap
import os
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

MAX_BYTES = 1 << 30
"""Largest size of a member that is read: far above any real one, far below a zip bomb."""

ALIGNMENT = 64
_LOCAL_HEADER = struct.Struct("<26xHH")
_PADDING_ID = 0x5A47
"""Id of the zip extra field that fills up to the next multiple of `ALIGNMENT`."""


def write_archive(path: Path, members: Mapping[str, bytes | Array], *, mapped: bool = False) -> None:
    """Write an archive whole or not at all: into a neighbour first, which is then renamed.

    Parameters
    ----------
    members
        Name to content; arrays get the ending ``.npy``.
    mapped
        Whether to lay the archive out for mapping instead of packing it.

    Raises
    ------
    OSError
        The folder cannot be written to.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    packing = zipfile.ZIP_STORED if mapped else zipfile.ZIP_DEFLATED
    try:
        with temporary.open("wb") as file, zipfile.ZipFile(file, "w", packing, compresslevel=9) as archive:
            for name, content in members.items():
                # A fixed date: the same content makes the same file.
                about = zipfile.ZipInfo(name if isinstance(content, bytes) else f"{name}.npy", (2000, 1, 1, 0, 0, 0))
                about.compress_type = packing
                if mapped:
                    about.extra = _padding(file.tell() + 30 + len(about.filename.encode()))
                archive.writestr(about, content if isinstance(content, bytes) else _as_npy(content), packing, 9)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _as_npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _padding(position: int) -> bytes:
    """Give an extra field that brings a member's data from a position to the next multiple of `ALIGNMENT`."""
    size = -(position + 4) % ALIGNMENT
    return struct.pack("<HH", _PADDING_ID, size) + bytes(size)


class Archive:
    """An archive that is open for reading; views of a mapped one stay good after it is closed.

    Raises
    ------
    OSError, zipfile.BadZipFile
        The file is absent or no zip archive.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
        except BaseException:
            self._file.close()
            raise
        self._map: mmap.mmap | None = None

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def names(self) -> list[str]:
        """Give the names of the members."""
        return self._zip.namelist()

    def contents(self) -> list[tuple[str, int, int]]:
        """Give name, size and CRC-32 of every member, which tell one archive's content from another's."""
        return [(member.filename, member.file_size, member.CRC) for member in self._zip.infolist()]

    def bytes(self, name: str) -> bytes:
        """Read a member.

        Raises
        ------
        KeyError
            There is no such member.
        ValueError
            It is too large.
        """
        if self._zip.getinfo(name).file_size > MAX_BYTES:
            raise ValueError(f"{name} is larger than {MAX_BYTES} bytes")
        return self._zip.read(name)

    def array(self, name: str, dtype: str) -> Array:
        """Give a column, as a view of the file where it is stored as it is.

        Raises
        ------
        KeyError
            There is no such column.
        ValueError
            It is of another type, has more than one dimension, or is too large.
        """
        member = self._zip.getinfo(f"{name}.npy")
        if member.compress_type == zipfile.ZIP_STORED:
            array = self._view(member)
        else:
            array = np.load(io.BytesIO(self.bytes(f"{name}.npy")), allow_pickle=False)
        if array.dtype != np.dtype(dtype) or array.ndim != 1:
            raise ValueError(f"{name} is of another type")
        return array

    def _view(self, member: zipfile.ZipInfo) -> Array:
        if self._map is None:
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        name_size, extra_size = _LOCAL_HEADER.unpack_from(self._map, member.header_offset)
        start = member.header_offset + 30 + name_size + extra_size
        head = io.BytesIO(self._map[start : min(start + 4096, start + member.file_size)])
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        version = np.lib.format.read_magic(head)
        if version not in read:
            raise ValueError(f"{member.filename} is of an unknown version")
        shape, _, dtype = read[version](head)
        count = int(np.prod(shape))
        if dtype.hasobject or head.tell() + count * dtype.itemsize > member.file_size:
            raise ValueError(f"{member.filename} does not fit its size")
        return np.frombuffer(self._map, dtype=dtype, count=count, offset=start + head.tell()).reshape(shape)
