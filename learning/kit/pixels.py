"""Images read with care, cut, and written in our own sizes.

Runs in a process with limits (`kit/limited.py`), nowhere else.
"""

import io
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from learning.kit.errors import Refusal
from learning.kit.wording import N_

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
SQUARE = {"s": 96, "m": 240, "l": 640}
# which part stays of a picture that is no square
KEEP = {
    "middle": (0.5, 0.35),
    "start": (0.0, 0.0),
    "end": (1.0, 1.0),
}
LOGO = (480, 160)
TURNED = 0x0112  # the tag in which a camera says how it was held
UNREADABLE = N_("We cannot read this picture. Choose a photo as JPG, PNG or WebP.")


def portraits(content: bytes, keep: str) -> tuple[Any, list[bytes]]:
    """A photo as squares, each a JPEG: the names of the sizes, and their bytes."""
    image = _opened(content, "RGB", SQUARE["l"])
    squares = [
        _jpeg(ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS, centering=KEEP[keep]))
        for side in SQUARE.values()
    ]
    return list(SQUARE), squares


def logo(content: bytes) -> tuple[Any, list[bytes]]:
    """A logo as PNG of at most 480 × 160 pixels; what was transparent stays so."""
    image = _opened(content, "RGBA", min(LOGO))
    image.thumbnail(LOGO, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return None, [out.getvalue()]


def _opened(content: bytes, mode: str, side: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Pillow finds suspicious we refuse
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            if mode == "RGB":
                if min(image.size) < SQUARE["m"]:
                    words = N_("This picture is too small: it needs at least %(least)d pixels on each side.")
                    raise Refusal("picture_small", words, least=SQUARE["m"])
                image.draft("RGB", (side * 2, side * 2))
            return _upright(image, mode, side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        words = N_("This picture has too many pixels: more than %(most)d million. Choose a smaller one.")
        raise Refusal("picture_pixels", words, most=MOST_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning):
        raise Refusal("picture_unreadable", UNREADABLE) from None


def _upright(image: Image.Image, mode: str, side: int) -> Image.Image:
    """The image as a camera held it, in this mode, on white
    where it has no transparency; large ones are halved first.
    """
    turned = image.getexif().get(TURNED, 1)
    if image.mode in ("1", "P"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    times = min(image.size) // (side * 3)
    if times > 1 and image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = image.reduce(times)
    if turned != 1:
        image.getexif()[TURNED] = turned
        image = ImageOps.exif_transpose(image)
    if mode == "RGB" and image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert(mode)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()
