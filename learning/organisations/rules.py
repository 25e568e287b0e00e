"""Under which key an organisation is found, however its name is typed."""

import re
import unicodedata


def search_key(name: str) -> str:
    """The name without case, accents, punctuation and words such as "gemeente": "Gemeente 's-Hertogenbosch" and
    "s Hertogenbosch" are one."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    words = re.sub(r"[^a-z0-9]+", " ", bare).split()
    kept = [word for word in words if word not in ("gemeente", "municipality", "of", "stad", "city")]
    return " ".join(kept or words)
