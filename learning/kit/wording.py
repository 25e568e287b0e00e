"""Text in two languages, and the mark for sentences that are translated later."""

from dataclasses import dataclass

LANGUAGES = ("nl", "en")


def N_(sentence: str) -> str:
    """Mark a sentence for translation; the door that shows it translates it."""
    return sentence


@dataclass(frozen=True)
class Wording:
    """What an organiser wrote in Dutch, in English, or in both."""

    nl: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.nl or self.en)

    def pick(self, lang: str) -> str:
        """The text in `lang`, or in the other language when that one is empty."""
        return (self.en or self.nl) if lang == "en" else (self.nl or self.en)

    def lang(self, lang: str) -> str:
        """The language of what `pick` gives."""
        if lang == "en":
            return "en" if self.en or not self.nl else "nl"
        return "nl" if self.nl or not self.en else "en"
