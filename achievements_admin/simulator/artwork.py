"""Pictures for the demo studio: a slanted gradient and an emblem, drawn from a name when they are first asked for."""

import colorsys
import functools
import hashlib
import math

from .pictures import chunk, png

SIZE = 512
# Every drawing is filled up to this, so that its size is known before it is drawn.
FILE_BYTES = 32_000
Colour = tuple[int, int, int]
Span = tuple[float, float]


@functools.lru_cache(maxsize=1024)
def draw(name: str) -> bytes:
    """The PNG of a name: the same in every run, 512 x 512, RGB, opaque, `FILE_BYTES` long."""
    seed = hashlib.sha256(name.encode()).digest()
    hue = seed[0] / 256
    start, end = _colour(hue, 0.62, 0.35), _colour(hue + 0.08 + seed[1] / 1600, 0.7, 0.85)
    line = _gradient(start, end, SIZE * 3 // 2)
    light = _colour(hue + 0.5, 0.16, 1.0)
    shapes = [(_EMBLEMS[seed[2] % len(_EMBLEMS)](seed[3]), light)]
    if seed[4] % 2:
        shapes.insert(0, (_ring(218, 204), _colour(hue + 0.02, 0.35, 0.97)))
    rows = b"".join(b"\0" + _row(line, y, shapes) for y in range(SIZE))
    return _filled_up(png(SIZE, SIZE, rows))


def _filled_up(content: bytes) -> bytes:
    """With a private chunk that makes it `FILE_BYTES` long."""
    missing = FILE_BYTES - len(content) - 12
    if missing < 0:
        return content
    end = chunk(b"IEND", b"")
    return content[: -len(end)] + chunk(b"fiLl", bytes(missing)) + end


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _gradient(start: Colour, end: Colour, length: int) -> bytes:
    steps = (n / (length - 1) for n in range(length))
    return b"".join(bytes(round(a + (b - a) * step) for a, b in zip(start, end, strict=True)) for step in steps)


def _row(line: bytes, y: int, shapes: list[tuple[list[list[Span]], Colour]]) -> bytes:
    offset = (y // 2) * 3
    row = bytearray(line[offset : offset + SIZE * 3])
    for spans, colour in shapes:
        for left, right in spans[y]:
            first, last = math.ceil(left), math.floor(right)
            if last <= first:
                continue
            row[first * 3 : last * 3] = bytes(colour) * (last - first)
            # The pixels at the ends are covered in part.
            _blend(row, first - 1, colour, first - left)
            _blend(row, last, colour, right - last)
    return bytes(row)


def _blend(row: bytearray, x: int, colour: Colour, share: float) -> None:
    if 0 <= x < SIZE:
        for n in range(3):
            row[x * 3 + n] = round(row[x * 3 + n] * (1 - share) + colour[n] * share)


_MIDDLE = SIZE / 2


def _disc(radius: float) -> list[list[Span]]:
    rows: list[list[Span]] = []
    for y in range(SIZE):
        height = radius**2 - (y + 0.5 - _MIDDLE) ** 2
        half = math.sqrt(height) if height > 0 else 0
        rows.append([(_MIDDLE - half, _MIDDLE + half)] if half else [])
    return rows


def _ring(outer: float, inner: float) -> list[list[Span]]:
    rows = []
    for out, hole in zip(_disc(outer), _disc(inner), strict=True):
        rows.append([(out[0][0], hole[0][0]), (hole[0][1], out[0][1])] if out and hole else out)
    return rows


def _polygon(points: list[tuple[float, float]]) -> list[list[Span]]:
    """Spans by the even-odd rule."""
    rows: list[list[Span]] = []
    edges = list(zip(points, points[1:] + points[:1], strict=True))
    for y in range(SIZE):
        middle, crossings = y + 0.5, []
        for (x1, y1), (x2, y2) in edges:
            if (y1 <= middle) != (y2 <= middle):
                crossings.append(x1 + (middle - y1) * (x2 - x1) / (y2 - y1))
        crossings.sort()
        rows.append(list(zip(crossings[::2], crossings[1::2], strict=False)))
    return rows


def _star(variety: int) -> list[list[Span]]:
    tips = 4 + variety % 5
    radii = (172.0, 172.0 * (0.38 + (variety % 7) / 40))
    turns = [(n * math.pi / tips - math.pi / 2, radii[n % 2]) for n in range(tips * 2)]
    return _polygon([(_MIDDLE + r * math.cos(a), _MIDDLE + r * math.sin(a)) for a, r in turns])


def _diamond(variety: int) -> list[list[Span]]:
    wide = 118 + variety % 50
    return _polygon([(_MIDDLE, 92), (_MIDDLE + wide, _MIDDLE), (_MIDDLE, SIZE - 92), (_MIDDLE - wide, _MIDDLE)])


def _rings(variety: int) -> list[list[Span]]:
    outer, inner = _ring(168, 132), _disc(70 + variety % 40)
    return [sorted(a + b) for a, b in zip(outer, inner, strict=True)]


def _moon(variety: int) -> list[list[Span]]:
    """A disc that another one covers from the right."""
    shift = 62.0 + variety % 30
    rows: list[list[Span]] = []
    for out, hole in zip(_disc(165), _disc(138), strict=True):
        spans = [(out[0][0], hole[0][0] + shift), (hole[0][1] + shift, out[0][1])] if out and hole else out
        rows.append([(left, right) for left, right in spans if right > left])
    return rows


def _shield(variety: int) -> list[list[Span]]:
    top, waist = 110, 250 + variety % 60
    return _polygon([(116, top), (_MIDDLE, top + 28), (396, top), (388, waist), (_MIDDLE, 424), (124, waist)])


def _hexagon(variety: int) -> list[list[Span]]:
    turns = [n * math.pi / 3 + (variety % 2) * math.pi / 6 for n in range(6)]
    return _polygon([(_MIDDLE + 160 * math.cos(a), _MIDDLE + 160 * math.sin(a)) for a in turns])


_EMBLEMS = (_star, _diamond, _rings, lambda variety: _disc(130 + variety % 30), _shield, _hexagon, _star, _moon)
