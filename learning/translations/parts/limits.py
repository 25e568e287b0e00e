"""Dutch for files that ask too much, documents that fail, and the proof of a domain."""

NL = {
    "Another file is being read just now. Nothing was changed. Try again in a minute.": "Het is even druk: er wordt net een ander bestand gelezen. Er is niets veranderd. Probeer het over een minuut nog eens.",
    "This picture asks too much to be read. Choose a smaller one, or save it anew as JPG.": "Deze foto is te zwaar om te lezen. Kies een kleinere, of bewaar de foto opnieuw als jpg.",
    "This spreadsheet asks too much to be read. Keep one table, or save it as CSV and try again.": "Deze spreadsheet is te zwaar om te lezen. Houd één tabel over, of bewaar het bestand als csv en probeer het nog eens.",
    "This spreadsheet is packed in a way that we do not trust. Save it as CSV and try again.": "Deze spreadsheet is ingepakt op een manier die we niet vertrouwen. Bewaar het bestand als csv en probeer het nog eens.",
    "This table has more than %(most)d columns. Keep those that are needed.": "Deze tabel heeft meer dan %(most)d kolommen. Houd alleen over wat nodig is.",
}
