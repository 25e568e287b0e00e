"""Dutch for the sentences of the demo."""

NL = {
    "as it went out": "zoals verstuurd",
    "as it would read in the other language": "zoals in de andere taal",
    "As HTML": "Als HTML",
    "As text": "Als tekst",
}
