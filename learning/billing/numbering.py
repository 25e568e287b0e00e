"""The form of invoice numbers: `2026-00042`, the year and five digits."""

CODE = "F"  # the series of ordinary invoices


def format_number(year: int, sequence: int) -> str:
    """The number as it stands on the invoice."""
    return f"{year}-{sequence:05d}"
