"""Dutch for the sentences of releases."""

NL = {
    "Session %(session)s has %(taken)d people placed: its capacity cannot be %(capacity)d.": "In sessie %(session)s zijn %(taken)d mensen geplaatst: er kunnen niet %(capacity)d plekken zijn.",
    "Round %(number)s has no place in the agenda.": "Ronde %(number)s staat niet op de agenda.",
    "Somebody changed this while you were busy. Look at what it changes now, and release again.": "Iemand wijzigde dit terwijl je bezig was. Bekijk wat er nu verandert, en publiceer opnieuw.",
    "Serious:": "Ernstig:",
    "Warning:": "Let op:",
    "Note:": "Ter info:",
    "There is no such release.": "Deze publicatie is er niet.",
    "new": "nieuw",
    "no longer in the programme": "niet meer in het programma",
    "goes on after all": "gaat toch door",
    "moved from %(was)s to %(now)s": "verplaatst van %(was)s naar %(now)s",
    "from room %(was)s to %(now)s": "van zaal %(was)s naar %(now)s",
    "from %(was)s to %(now)s": "van %(was)s naar %(now)s",
    "who leads it: %(now)s (was %(was)s)": "begeleiding: %(now)s (was %(was)s)",
    "places: %(now)s (was %(was)s)": "plekken: %(now)s (was %(was)s)",
    "new title: %(now)s (was %(was)s)": "nieuwe titel: %(now)s (was %(was)s)",
    "new text": "nieuwe tekst",
    "not known": "niet bekend",
    "other prices": "andere prijzen",
    "other settings": "andere instellingen",
}
