"""From two brand colours to a complete, contrast-safe theme.

>>> print(theme_css("#123f8f", "#b8431c"))   # -> the body of theme.css

The organiser types two colours. The fill colour stays as typed when white or ink reaches 4.5:1
on it, and is otherwise darkened step by step in OKLCH (hue and chroma kept). Text variants are moved in
lightness until they reach 4.5:1 on the lightest and on the darkest surface of each mode. The
organiser sees the result next to what was typed, with the ratio, before it is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from coloraide import Color

SURF = {"light": ("#ffffff", "#f3f4f1"), "dark": ("#171d25", "#0f141a", "#1c232d")}
INK, WHITE = "#151b23", "#ffffff"


@lru_cache(maxsize=256)
def _colour(h: str) -> Color:
    return Color(h)


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, 1.4.3)."""
    return float(_colour(a).contrast(_colour(b), method="wcag21"))


def to_lch(h: str) -> tuple[float, float, float]:
    """The colour in OKLCH: lightness, chroma, hue in degrees."""
    lightness, chroma, hue = _colour(h).convert("oklch").coords(nans=False)
    return lightness, chroma, hue


def from_lch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour that sRGB has: as light and of this hue, with as much chroma as there is."""
    colour = Color("oklch", (lightness, chroma, hue))
    for _ in range(40):
        if colour.in_gamut("srgb-linear", tolerance=0.001):
            break
        chroma *= 0.95
        colour = Color("oklch", (lightness, chroma, hue))
    return colour.convert("srgb").clip().to_string(hex=True)


@lru_cache(maxsize=1024)
def ink_on(fill: str) -> str:
    """White or ink, whichever is read on the fill."""
    return WHITE if contrast(fill, WHITE) >= 4.5 else INK


@lru_cache(maxsize=1024)
def fill_of(h: str) -> str:
    """The colour as typed when text fits on it, else the nearest darker one on which white does."""
    L, C, H = to_lch(h)
    while max(contrast(h, WHITE), contrast(h, INK)) < 4.5:
        L -= 0.01
        h = from_lch(L, C, H)
    return h


@lru_cache(maxsize=1024)
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


@lru_cache(maxsize=1024)
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
