"""Files of the sandbox: what bots upload, by file id and path. Nothing is ever fetched from the network."""

from __future__ import annotations

import mimetypes
import struct

from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.parameters import Parameters, Upload
from sandbox.telegram.store import Json, Store

_PHOTO_LIMIT = 10 * 1024 * 1024
_DOCUMENT_LIMIT = 50 * 1024 * 1024


def image_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of a PNG or JPEG, None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    if data[:2] != b"\xff\xd8":
        return None
    position = 2
    while position + 9 < len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], struct.unpack(">H", data[position + 2 : position + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None


def photo(store: Store, bot_id: int, parameters: Parameters, name: str) -> list[Json]:
    """The `photo` of a message: one size, the original's."""
    upload = parameters.upload(name)
    if upload is None:
        row = _known(store, bot_id, parameters.text(name))
        if row["width"] is None:
            raise bad_request("can't use file of type Document as Photo")
        return [_sized(row)]
    if not upload.data:
        raise bad_request("file must be non-empty")
    size = image_size(upload.data)
    if size is None or len(upload.data) > _PHOTO_LIMIT:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return [_sized(_add(store, bot_id, upload, "photos", size))]


def document(store: Store, bot_id: int, parameters: Parameters, name: str) -> Json:
    """The `document` of a message."""
    upload = parameters.upload(name)
    if upload is None:
        row = _known(store, bot_id, parameters.text(name))
    elif not upload.data or len(upload.data) > _DOCUMENT_LIMIT:
        raise bad_request("file must be non-empty" if not upload.data else "Request Entity Too Large")
    else:
        row = _add(store, bot_id, upload, "documents", None)
    return {key: row[key] for key in ("file_id", "file_unique_id", "file_size", "file_name", "mime_type")}


def _sized(row: Json) -> Json:
    return {key: row[key] for key in ("file_id", "file_unique_id", "file_size", "width", "height")}


def _add(store: Store, bot_id: int, upload: Upload, folder: str, size: tuple[int, int] | None) -> Json:
    number = store.next_value(f"file:{bot_id}", 0)
    guessed = mimetypes.guess_type(upload.filename)[0]
    mime = upload.content_type or guessed or "application/octet-stream"
    suffix = mimetypes.guess_extension(mime) or ".bin"
    file_id = f"sandbox-{bot_id}-{number}"
    width, height = size or (None, None)
    store.run(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        file_id, bot_id, f"{folder}/file_{number}{suffix}", upload.filename or "file", mime, width, height, upload.data,
    )  # fmt: skip
    return _known(store, bot_id, file_id)


def _known(store: Store, bot_id: int, file_id: str) -> Json:
    row = store.one("SELECT *, length(content) AS size FROM files WHERE id = ? AND bot_id = ?", file_id, bot_id)
    if row is None:
        if file_id.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        raise bad_request("wrong file identifier/HTTP URL specified")
    unique = f"unique-{file_id.removeprefix('sandbox-')}"
    known = {"file_id": file_id, "file_unique_id": unique, "file_size": row["size"], "file_name": row["name"], "mime_type": row["mime"]}
    return known | {"width": row["width"], "height": row["height"], "file_path": row["path"]}


def describe(store: Store, bot_id: int, file_id: str) -> Json:
    """getFile."""
    try:
        row = _known(store, bot_id, file_id)
    except ApiError:
        raise bad_request("invalid file_id") from None
    return {key: row[key] for key in ("file_id", "file_unique_id", "file_size", "file_path")}


def content(store: Store, bot_id: int, *, path: str = "", file_id: str = "") -> tuple[bytes, str, str] | None:
    """(bytes, MIME type, name) of a file by path or id, or None."""
    row = store.one("SELECT * FROM files WHERE bot_id = ? AND (path = ? OR id = ?)", bot_id, path, file_id)
    return (bytes(row["content"]), str(row["mime"]), str(row["name"])) if row else None
