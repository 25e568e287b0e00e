"""Dutch for the sentences of demo."""

NL = {
    "as it went out": "zoals verstuurd",
    "as it would read in the other language": "zoals in de andere taal",
    "As HTML": "Als HTML",
    "As text": "Als tekst",
    "Everything that this demo mailed. Nothing leaves this machine.": "Alles wat deze demo mailde. Niets verlaat deze machine.",
    "sent": "verstuurd",
    "waits": "wacht",
    "No mail yet": "Nog geen post",
    "As soon as something is mailed, it stands here.": "Zodra er iets gemaild is, staat het hier.",
    "There are organisers in this database already. The demo needs an empty one.": "Er zijn al organisatoren in deze database. De demo heeft een lege nodig.",
    "Made": "Gemaakt",
}
