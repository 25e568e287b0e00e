"""Dutch for the sentences of the demo."""

NL = {
    "There are organisers in this database already. The demo needs an empty one.": (
        "Er staan al organisatoren in deze database. De demo heeft een lege nodig."
    ),
}
