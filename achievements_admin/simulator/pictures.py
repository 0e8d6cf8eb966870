"""Pictures by their bytes: what format, how large, see-through or not. No pixel is ever decoded."""

import struct
import zlib
from dataclasses import dataclass

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


class BadPicture(Exception):
    """Not a picture, or a broken one. `code` is what the asset's delivery state will say [M]."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture."""

    format: str
    width: int
    height: int
    has_alpha: bool


def inspect(content: bytes) -> Picture:
    """Read a PNG's or JPEG's structure; raises BadPicture."""
    if content.startswith(PNG_SIGNATURE):
        return _png(content)
    if content.startswith(b"\xff\xd8"):
        return _jpeg(content)
    raise BadPicture("IMAGE_BAD_FORMAT", "The image is neither PNG nor JPEG.")


def _png(content: bytes) -> Picture:
    width = height = colour = 0
    has_transparency = has_end = False
    position = len(PNG_SIGNATURE)
    while position + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        body = content[position + 8 : position + 8 + length]
        check = content[position + 8 + length : position + 12 + length]
        if len(body) != length or check != struct.pack(">I", zlib.crc32(kind + body)):
            break
        if kind == b"IHDR" and length == 13:
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
        has_transparency = has_transparency or kind == b"tRNS"
        if kind == b"IEND":
            has_end = True
            break
        position += 12 + length
    if not has_end or not width:
        raise BadPicture("IMAGE_TOOL_FAILURE", "The image could not be processed.")
    return Picture("png", width, height, colour in {4, 6} or has_transparency)


def _jpeg(content: bytes) -> Picture:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return Picture("jpeg", width, height, has_alpha=False)
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    raise BadPicture("IMAGE_TOOL_FAILURE", "The image could not be processed.")


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, rows: bytes, *, has_alpha: bool = False, level: int = 6) -> bytes:
    """A PNG of 8-bit RGB (or RGBA) rows, each with its filter byte in front."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if has_alpha else 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, level)), chunk(b"IEND", b""))
    return PNG_SIGNATURE + b"".join(parts)


def plain_png(
    size: int = 512, *, colour: tuple[int, int, int] = (70, 110, 180), height: int = 0, has_alpha: bool = False
) -> bytes:
    """A PNG of one colour, for tests and seeds."""
    pixel = bytes((*colour, 255)) if has_alpha else bytes(colour)
    return png(size, height or size, (b"\0" + pixel * size) * (height or size), has_alpha=has_alpha)
