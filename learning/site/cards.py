"""The picture that messengers and social media show of a
programme or session: 1200 × 630 pixels, drawn in its colours.
"""

import io
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from learning.kit.pictures import HEIGHTS, KINDS, WIDTHS
from learning.kit.theme import fill_of, from_lch, ink_on, to_lch

SIZE = (1200, 630)
EDGE = 72
GROUND = 590  # where the street stands
FONTS = Path(__file__).parents[2] / "static" / "fonts"
# what the Latin font has beside its first 256 letters
OTHERS = {
    0x131,
    0x152,
    0x153,
    0x2C6,
    0x2DA,
    0x2DC,
    0x20AC,
    0x2122,
}
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Card:
    """What stands on the picture.

    `sign` is in the enamel sign on top, `code` may be empty; colours are #rrggbb.
    """

    sign: str
    title: str
    lines: tuple[str, ...]
    brand: str
    accent: str
    code: str = ""


def draw_card(card: Card) -> bytes:
    """The picture as PNG."""
    fill = fill_of(card.brand)
    on, ground = _rgb(ink_on(fill)), _rgb(fill)
    image = Image.new("RGB", SIZE, ground)
    pen = ImageDraw.Draw(image)
    _street(pen, fill, card.accent, on)
    y = _sign(pen, EDGE, 56, card.code or card.sign, on, ground)
    if card.code:
        _write(pen, (EDGE + 40 + _width(card.code, 34, 700) + 20, 70), card.sign, 34, 600, on)
    size, title = _fitted(card.title)
    y += 34
    for words in title:
        _write(pen, (EDGE, y), words, size, 800, on)
        y += int(size * 1.16)
    y += 14
    for words in card.lines:
        _write(pen, (EDGE, y), _cut(words, 34, 500), 34, 500, on)
        y += 46
    out = io.BytesIO()
    image.quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@cache
def _font(size: int, weight: int, extended: bool) -> ImageFont.FreeTypeFont:
    name = f"atkinson-hyperlegible-next-latin-{'ext-' if extended else ''}wght-normal.woff2"
    font = ImageFont.truetype(str(FONTS / name), size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font


def _runs(text: str) -> list[tuple[bool, str]]:
    """The text cut where another font is needed; True for the extended one."""
    letters = groupby(text, lambda c: not (ord(c) < 0x100 or 0x2000 <= ord(c) <= 0x206F or ord(c) in OTHERS))
    return [(extended, "".join(part)) for extended, part in letters]


def _width(text: str, size: int, weight: int) -> int:
    return int(sum(_font(size, weight, extended).getlength(part) for extended, part in _runs(text)))


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, weight: int, colour: Colour
) -> None:
    x, y = at
    for extended, part in _runs(text):
        font = _font(size, weight, extended)
        pen.text((x, y), part, font=font, fill=colour)
        x += font.getlength(part)


def _fitted(title: str) -> tuple[int, list[str]]:
    """The largest size at which the title takes at most three lines; what is too long is cut."""
    for size in (84, 72, 62, 54):
        lines = _wrapped(title, size)
        if len(lines) <= (2 if size == 84 else 3) and all(
            _width(line, size, 800) <= SIZE[0] - 2 * EDGE for line in lines
        ):
            return size, lines
    lines = _wrapped(title, 54)[:3]
    lines[-1] = _cut(lines[-1] + " …", 54, 800)
    return 54, [_cut(line, 54, 800) for line in lines]


def _wrapped(text: str, size: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _width(f"{lines[-1]} {word}", size, 800) <= SIZE[0] - 2 * EDGE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _cut(text: str, size: int, weight: int) -> str:
    """The text as far as it fits on one line."""
    while len(text) > 1 and _width(text, size, weight) > SIZE[0] - 2 * EDGE:
        text = text[:-2].rstrip(" …") + "…"
    return text


def _sign(pen: ImageDraw.ImageDraw, x: int, y: int, text: str, on: Colour, ground: Colour) -> int:
    """An enamel sign with its inset line; gives where it ends below."""
    text = _cut(text, 34, 700)
    box = (x, y, x + _width(text, 34, 700) + 40, y + 62)
    pen.rounded_rectangle(box, 10, fill=ground, outline=on, width=3)
    pen.rounded_rectangle((box[0] + 6, box[1] + 6, box[2] - 6, box[3] - 6), 6, outline=on, width=2)
    _write(pen, (x + 20, y + 11), text, 34, 700, on)
    return box[3]


def _street(pen: ImageDraw.ImageDraw, fill: str, accent: str, on: Colour) -> None:
    """The thirteen fronts of the house style along the lower edge, in the brand's own tints."""
    light, chroma, hue = to_lch(fill)
    walls = [
        _rgb(from_lch(min(0.97, max(0.12, light + step)), chroma * 0.7, hue)) for step in (0.07, -0.06, 0.12)
    ]
    doors, x = _rgb(fill_of(accent)), 0.0
    scale = SIZE[0] / sum(WIDTHS)
    for i, kind in enumerate(KINDS):
        width, top = WIDTHS[i] * scale, GROUND - HEIGHTS[i] * 1.05
        pen.polygon(_front(x, width, top, kind), fill=walls[i % 3])
        pane = width * 0.22
        for row in range(2):
            for column in range(2):
                left, upper = x + width * (0.2 + 0.38 * column), top + 26 + 30 * row
                colour = on if (i + row + column) % 5 == 0 else walls[(i + 1) % 3]
                pen.rectangle((left, upper, left + pane, upper + 16), fill=colour)
        pen.rectangle((x + width * 0.42, GROUND - 28, x + width * 0.42 + 18, GROUND), fill=doors)
        x += width
    pen.rectangle((0, GROUND, *SIZE), fill=on)


def _front(x: float, width: float, top: float, kind: str) -> list[tuple[float, float]]:
    right, middle = x + width, x + width / 2
    roof = {
        "step": [
            (x, top + 16), (x + width / 6, top + 16), (x + width / 6, top + 8), (x + width / 3, top + 8),
            (x + width / 3, top),
            (right - width / 3, top), (right - width / 3, top + 8), (right - width / 6, top + 8),
            (right - width / 6, top + 16),
            (right, top + 16),
        ],
        "point": [(x, top + 18), (middle, top - 4), (right, top + 18)],
        "bell": [
            (x, top + 18), (x + width * 0.14, top + 14), (x + width * 0.26, top), (right - width * 0.26, top),
            (right - width * 0.14, top + 14), (right, top + 18),
        ],
        "shed": [(x, top + 14), (right, top)],
    }.get(kind, [(x, top), (right, top)])  # fmt: skip
    return [(x, GROUND), *roof, (right, GROUND)]
