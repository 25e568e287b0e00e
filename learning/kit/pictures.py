"""Drawings as inline SVG: icons, glyphs of themes, the street, QR codes."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import segno
from markupsafe import Markup, escape

from learning.kit.theme import fill_of, soft_of

ICONS: dict[str, str] = json.loads((Path(__file__).parent / "icons.json").read_text("utf8"))
GLYPHS = {  # one geometric mark per theme, so that colour never carries the meaning alone
    "zeg": '<circle cx="6" cy="6" r="5.4"/>',
    "soc": '<path d="M6 .4a5.6 5.6 0 1 0 0 11.2A5.6 5.6 0 0 0 6 .4z'
    'm0 3.3a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6z"/>',
    "vei": '<path d="M6 .4 11.8 11H.2z"/>',
    "won": '<path d="M6 .3 11.4 5v6.6H.6V5z"/>',
    "eco": '<path d="M6 0l6 6-6 6-6-6z"/>',
    "ler": '<path d="M.6.9h4.7v10.2H.6zM6.7.9h4.7v10.2H6.7z"/>',
    "ene": '<path d="M7.2.2 1.6 7h3.6L4.4 11.8 10.4 5H6.6z"/>',
    "org": '<path d="M4 .6h4v3.6H4zM.4 7.4h4v4h-4zM7.6 7.4h4v4h-4z'
    'M5.5 4.2h1v2h3.6v1.2h-1V7H2.9v.4h-1V6.2h3.6z"/>',
}
KINDS = (
    "step",
    "point",
    "flat",
    "bell",
    "flat",
    "point",
    "shed",
    "flat",
    "step",
    "point",
    "bell",
    "flat",
    "point",
)
HEIGHTS = (118, 98, 86, 124, 104, 92, 78, 112, 122, 96, 116, 88, 102)
WIDTHS = (58, 52, 74, 56, 66, 54, 60, 80, 56, 52, 58, 70, 54)
FILLS = (1, 3, 2, 3, 1, 2, 3, 2, 3, 1, 2, 3, 1)
LOW = (38, 34, 28, 40, 32, 36, 26, 34, 38, 32, 36, 28, 34)


@cache
def icon(name: str, label: str = "") -> Markup:
    """An outline icon; with a label it speaks, without one it decorates."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        f'stroke-linejoin="round" {said}>{ICONS[name]}</svg>'
    )


@cache
def glyph(theme: str) -> Markup:
    """The mark of a theme."""
    return Markup(f'<svg viewBox="0 0 12 12" aria-hidden="true">{GLYPHS.get(theme, GLYPHS["zeg"])}</svg>')


def qr(data: str, label: str = "QR") -> Markup:
    """A QR code, black on white."""
    code = segno.make(data, error="m", micro=False)
    svg = code.svg_inline(border=1, svgclass=None, lineclass=None, omitsize=True)
    said = f'<svg class="qr" role="img" aria-label="{escape(label)}" shape-rendering="crispEdges" '
    return Markup(svg.replace("<svg ", said, 1))


def initials(name: str) -> str:
    """Two letters for an avatar."""
    words = [w for w in name.replace("-", " ").split() if w[0].isupper()] or [name or "?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def _front(x: float, width: float, height: float, kind: str, base: float) -> str:
    top = base - height
    if kind == "step":
        s = width / 6
        steps = f"v-7h{s:.1f}v-7h{s * 2:.1f}v7h{s:.1f}v7h{s:.1f}"
        return f"M{x} {base}V{top + 16}h{s:.1f}{steps}V{base}z"
    if kind == "point":
        return f"M{x} {base}V{top + 17}L{x + width / 2} {top - 3}L{x + width} {top + 17}V{base}z"
    if kind == "bell":
        a, b, c = width * 0.2, width * 0.26, width * 0.48
        return (
            f"M{x} {base}V{top + 16}c6 0 {a:.1f} -4 {b:.1f} "
            f"-16h{c:.1f}c{width * 0.06:.1f} 12 {a:.1f} 16 {b:.1f} 16V{base}z"
        )
    if kind == "shed":
        return f"M{x} {base}V{top + 12}L{x + width} {top}V{base}z"
    return f"M{x} {base}V{top}H{x + width}V{base}z"


FRONTS = ("point", "shed", "flat", "step", "bell", "point", "step", "flat")
FRONT_HEIGHTS = (40, 34, 46, 52, 44, 50, 38, 48)


@cache
def front(n: int, state: str) -> Markup:
    """The n-th front of a street that is being built:
    "done", "now" with its lights on, or "todo" as a plot.
    """
    kind, height, base = FRONTS[n % 8], FRONT_HEIGHTS[n % 8], 60
    shape = _front(3, 46, height, kind, base)
    if state == "todo":
        body = f'<path class="todo-o" d="{shape}"/>'
    else:
        done = state == "done"
        pane, y = "glass" if done else "lit", base - height + (14 if kind == "flat" else 21)
        body = (
            f'<path class="{"b2" if done else "b1"}" d="{shape}"/><path class="o" d="{shape}"/>'
            f'<rect class="{pane}" x="11" y="{y}" width="8" height="9" rx="1"/>'
            f'<rect class="{pane}" x="33" y="{y}" width="8" height="9" rx="1"/>'
            f'<rect class="{"door2" if done else "door"}" x="21.5" y="{base - 15}" width="9" '
            'height="15" rx="1"/>'
        )
    return Markup(
        f'<svg class="street front" viewBox="0 0 52 61" aria-hidden="true" focusable="false">{body}</svg>'
    )


@cache
def street_hero() -> Markup:
    """The street of thirteen fronts that opens a programme's page."""
    x, base, out, trees = 20.0, 176, [], []
    for i, kind in enumerate(KINDS):
        w, h = WIDTHS[i], HEIGHTS[i]
        shape = _front(x, w, h, kind, base)
        out.append(f'<path class="b{FILLS[i]}" d="{shape}"/><path class="o" d="{shape}"/>')
        columns = 3 if w > 64 else 2
        gap = w / (columns + 0.35)
        top = base - h + (26 if kind != "flat" else 14)
        for r in range(max(1, (h - 46) // 26)):
            for c in range(columns):
                wx, wy = x + gap * 0.42 + c * gap, top + r * 25
                if wy + 16 <= base - 30:
                    lit = "lit" if (i * 7 + r * 3 + c * 5) % 6 == 0 else "glass"
                    out.append(
                        f'<rect class="{lit}" x="{wx:.1f}" y="{wy:.1f}" width="{gap * 0.52:.1f}" '
                        'height="15" rx="1"/>'
                    )
        dx, gx = x + (w * 0.16 if i % 2 else w * 0.6), x + (w * 0.5 if i % 2 else w * 0.14)
        door = "door" if i % 3 else "door2"
        out.append(f'<rect class="{door}" x="{dx:.1f}" y="{base - 24}" width="12" height="24" rx="1"/>')
        out.append(
            f'<rect class="glass" x="{gx:.1f}" y="{base - 22}" width="{w * 0.34:.1f}" height="13" rx="1"/>'
        )
        x += w
        if i in (3, 7, 10):
            x += 14
            tree = x - 7
            trees.append(
                f'<path class="trunk" d="M{tree} {base}v-34"/>'
                f'<circle class="tree" cx="{tree}" cy="{base - 46}" r="15"/>'
            )
    width = x + 20
    inside = "".join(out + trees) + f'<path class="ground" d="M0 {base}H{width}"/>'
    return Markup(
        f'<svg class="street" viewBox="0 28 {width} 149" aria-hidden="true" focusable="false" '
        f'preserveAspectRatio="xMidYMax slice">{inside}</svg>'
    )


@cache
def street_paper(brand: str, accent: str) -> Markup:
    """The same street in an organiser's colours (#rrggbb)
    for documents, where stylesheets do not reach a drawing.
    """
    ink = "#3a4450"
    fills = {
        "b1": soft_of(accent, "light"),
        "b2": soft_of(brand, "light"),
        "b3": "#ffffff",
        "glass": fill_of(brand),
    }
    fills |= {"lit": "#f4c64a", "door": fill_of(accent), "door2": fill_of(brand), "tree": "#7fa58a"}
    said = {name: f'fill="{colour}"' for name, colour in fills.items()}
    said |= {
        "o": f'fill="none" stroke="{ink}" stroke-width="1.3"',
        "trunk": f'stroke="{ink}" stroke-width="2"',
    }
    said["ground"] = f'stroke="{ink}" stroke-width="1.6"'
    return Markup(re.sub(r'class="(\w+)"', lambda found: said.get(found[1], ""), str(street_hero())))


def street_mini(shares: Sequence[float], name: str = "h") -> Markup:
    """How full each session is, as a row of houses filled from the pavement up; shares from 0 to 1."""
    out, w, base = [], 20, 46
    for i, share in enumerate(shares):
        x, h = 2 + i * (w + 3), LOW[i % 13]
        p, d = min(1.0, max(0.0, share)), _front(x, w, h, KINDS[i % 13], base)
        out.append(
            f'<clipPath id="{escape(name)}-{i}"><path d="{d}"/></clipPath><path class="wall" d="{d}"/>'
            f'<rect class="in" clip-path="url(#{escape(name)}-{i})" x="{x}" '
            f'y="{base - h * p:.1f}" width="{w}" '
            f'height="{h * p:.1f}"/><path class="o" d="{d}"/>'
        )
    width = 2 + len(shares) * (w + 3)
    return Markup(
        f'<svg class="street" viewBox="0 0 {width} 48" aria-hidden="true" focusable="false">{"".join(out)}'
        f'<path class="ground" d="M0 {base}H{width}"/></svg>'
    )


@cache
def house(kind: str = "step") -> Markup:
    """One house, for empty states."""
    d = _front(10, 70, 88, kind, 100)
    return Markup(
        f'<svg class="street house" viewBox="0 0 90 104" aria-hidden="true"><path class="b2" d="{d}"/>'
        f'<path class="o" d="{d}"/>'
        '<rect class="glass" x="22" y="44" width="18" height="18" rx="1"/>'
        '<rect class="glass" x="50" y="44" width="18" height="18" rx="1"/>'
        '<rect class="door" x="38" y="72" width="15" height="28" rx="1"/>'
        '<path class="ground" d="M0 100H90"/></svg>'
    )
