"""The one exception for a "no" that a person must read."""

from typing import Any


class Refusal(Exception):
    """A rule said no. `message` is an English sentence marked with N_, filled in with `values`.

    `field` names the input that must change, `code` is for programs.
    """

    def __init__(self, code: str, message: str, field: str | None = None, **values: Any) -> None:
        super().__init__(code, message)
        self.code, self.message, self.field, self.values = code, message, field, values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message
