"""Uploaded images, made anew: read with care, cut, and written in our own sizes without anything else that was in the file."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from learning.kit.errors import Refusal
from learning.kit.wording import N_

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 12_000_000
MOST_PIXELS = 40_000_000
SQUARE = {"s": 96, "m": 240, "l": 640}
KEEP = {"middle": (0.5, 0.35), "start": (0.0, 0.0), "end": (1.0, 1.0)}  # which part stays of a picture that is no square
LOGO = (480, 160)


def portraits(content: bytes, keep: str = "middle", *, field: str = "photo") -> dict[str, bytes]:
    """A photo as squares of 96, 240 and 640 pixels, each a JPEG. Refuses what is no photo, too large or too small."""
    image = _opened(content, field)
    if min(image.size) < SQUARE["m"]:
        words = N_("This picture is too small: it needs at least %(least)d pixels on each side.")
        raise Refusal("picture_small", words, field, least=SQUARE["m"])
    return {
        name: _jpeg(ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS, centering=KEEP[keep]))
        for name, side in SQUARE.items()
    }


def logo(content: bytes, *, field: str = "logo") -> bytes:
    """A logo as PNG of at most 480 × 160 pixels; what was transparent stays so."""
    image = _opened(content, field, mode="RGBA")
    image.thumbnail(LOGO, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _opened(content: bytes, field: str, mode: str = "RGB") -> Image.Image:
    if len(content) > MOST_BYTES:
        words = N_("This picture is larger than %(most)d MB. Choose a smaller one.")
        raise Refusal("picture_large", words, field, most=MOST_BYTES // 1_000_000)
    try:
        with warnings.catch_warnings(), _whole():
            warnings.simplefilter("error")  # what Pillow finds suspicious we refuse
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            if mode == "RGB":
                image.draft("RGB", (SQUARE["l"] * 2, SQUARE["l"] * 2))
            upright = ImageOps.exif_transpose(image)
            if mode == "RGB" and upright.has_transparency_data:
                white = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(white, upright.convert("RGBA"))
            return upright.convert(mode)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        words = N_("This picture has too many pixels: more than %(most)d million. Choose a smaller one.")
        raise Refusal("picture_pixels", words, field, most=MOST_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, MemoryError):
        words = N_("We cannot read this picture. Choose a photo as JPG, PNG or WebP.")
        raise Refusal("picture_unreadable", words, field) from None


@contextmanager
def _whole() -> Iterator[None]:
    """Half a picture is no picture: WeasyPrint tells Pillow, for the whole process, to take those too."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()
