"""From two brand colours to a complete, contrast-safe theme.

>>> print(theme_css("#123f8f", "#b8431c"))   # -> the body of theme.css

The organiser types two colours. The fill colour stays as typed when white or ink reaches 4.5:1
on it, and is otherwise darkened step by step in OKLCH (hue and chroma kept). Text variants are moved in
lightness until they reach 4.5:1 on the lightest and on the darkest surface of each mode. The
organiser sees the result next to what was typed, with the ratio, before it is saved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SURF = {"light": ("#ffffff", "#f3f4f1"), "dark": ("#171d25", "#0f141a", "#1c232d")}
INK, WHITE = "#151b23", "#ffffff"


def _rgb(h: str) -> list[float]:
    h = h.lstrip("#")
    return [int(h[i : i + 2], 16) / 255 for i in (0, 2, 4)]


def _hex(c: list[float]) -> str:
    return "#" + "".join(f"{round(max(0, min(1, v)) * 255):02x}" for v in c)


def _lin(v: float) -> float:
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def _gam(v: float) -> float:
    return 12.92 * v if v <= 0.0031308 else 1.055 * max(v, 0) ** (1 / 2.4) - 0.055


def luminance(h: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    r, g, b = map(_lin, _rgb(h))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, 1.4.3)."""
    x, y = sorted((luminance(a), luminance(b)), reverse=True)
    return (x + 0.05) / (y + 0.05)


def to_lch(h: str) -> tuple[float, float, float]:
    """The colour in OKLCH: lightness, chroma, hue in radians."""
    r, g, b = map(_lin, _rgb(h))
    l, m, s = (
        (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3),
        (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3),
        (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3),
    )
    L, A, B = (
        0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    )
    return L, math.hypot(A, B), math.atan2(B, A)


def from_lch(L: float, C: float, H: float) -> str:
    """The nearest colour that sRGB has."""
    for _ in range(40):  # reduce chroma until the colour exists in sRGB
        A, B = C * math.cos(H), C * math.sin(H)
        l, m, s = (
            (L + 0.3963377774 * A + 0.2158037573 * B) ** 3,
            (L - 0.1055613458 * A - 0.0638541728 * B) ** 3,
            (L - 0.0894841775 * A - 1.291485548 * B) ** 3,
        )
        rgb = [
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
        ]
        if all(-0.001 <= v <= 1.001 for v in rgb):
            break
        C *= 0.95
    return _hex([_gam(v) for v in rgb])


def ink_on(fill: str) -> str:
    """White or ink, whichever is read on the fill."""
    return WHITE if contrast(fill, WHITE) >= 4.5 else INK


def fill_of(h: str) -> str:
    """The colour as typed when text fits on it, else the nearest darker one on which white does."""
    L, C, H = to_lch(h)
    while max(contrast(h, WHITE), contrast(h, INK)) < 4.5:
        L -= 0.01
        h = from_lch(L, C, H)
    return h


def text_of(h: str, mode: str) -> str:
    """The colour as text in this mode, readable on every surface."""
    L, C, H = to_lch(h)
    step = -0.01 if mode == "light" else 0.01
    if mode == "dark":
        L = max(L, 0.78)
    out = from_lch(L, C, H)
    while min(contrast(out, s) for s in (*SURF[mode], soft_of(h, mode))) < 4.6:
        L += step
        out = from_lch(L, C, H)
    return out


def soft_of(h: str, mode: str) -> str:
    """A soft background in the same hue."""
    _, C, H = to_lch(h)
    return from_lch(0.955 if mode == "light" else 0.27, min(C, 0.02 if mode == "light" else 0.045), H)


def hover_of(fill: str) -> str:
    """Away from the text on it, so hovering never costs contrast."""
    L, C, H = to_lch(fill)
    return from_lch(L - 0.07 if ink_on(fill) == WHITE else min(1, L + 0.06), C, H)


@dataclass(frozen=True)
class Shade:
    """What becomes of a colour, with contrast ratios: as a fill
    with text on it, and as text in light and in dark mode.
    """

    typed: str
    fill: str
    on: str
    on_ratio: float
    light: str
    light_ratio: float
    dark: str
    dark_ratio: float


def shade_of(typed: str) -> Shade:
    """How a typed colour (#rrggbb) is used; each ratio is
    the lowest over the surfaces on which it is read.
    """
    fill = fill_of(typed)
    light, dark = text_of(typed, "light"), text_of(typed, "dark")
    ratios = [
        min(contrast(text, surface) for surface in (*SURF[mode], soft_of(typed, mode)))
        for mode, text in (("light", light), ("dark", dark))
    ]
    on = ink_on(fill)
    return Shade(typed, fill, on, contrast(fill, on), light, ratios[0], dark, ratios[1])


def theme_css(brand: str, accent: str, scope: str = ":root") -> str:
    """The stylesheet that gives pages an organiser's colours; `scope` is where they hold."""
    out = []
    for name, c in (("brand", brand), ("accent", accent)):
        f = fill_of(c)
        L, C, H = to_lch(f)
        dark_fill = f if contrast(f, SURF["dark"][0]) >= 1.9 else from_lch(L + 0.1, C, H)
        if contrast(dark_fill, ink_on(f)) < 4.5:
            dark_fill = f
        out += [
            f"--{name}-fill: light-dark({f}, {dark_fill});",
            f"--{name}-on: {ink_on(f)};",
            f"--{name}-ink: light-dark({text_of(c, 'light')}, {text_of(c, 'dark')});",
            f"--{name}-soft: light-dark({soft_of(c, 'light')}, {soft_of(c, 'dark')});",
        ]
        if name == "brand":
            out += [f"--brand: {f};", f"--brand-hover: light-dark({hover_of(f)}, {hover_of(dark_fill)});"]
    return scope + " {\n  " + "\n  ".join(out) + "\n}\n"


def check(brand: str, accent: str) -> list[str]:
    """Every promise of the theme, as a list of broken ones (empty is good). Used by the tests."""
    bad = []
    for c in (brand, accent):
        f = fill_of(c)
        if contrast(f, ink_on(f)) < 4.5:
            bad.append(f"text on {f}")
        if contrast(hover_of(f), ink_on(f)) < 4.5:
            bad.append(f"text on hover of {f}")
        for mode in SURF:
            for s in (*SURF[mode], soft_of(c, mode)):
                if contrast(text_of(c, mode), s) < 4.5:
                    bad.append(f"{mode}: {text_of(c, mode)} on {s}")
    return bad
