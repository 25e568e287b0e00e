"""Dutch for the frame of all pages, forms and error pages."""

NL = {
    "Remove the invisible characters from this field.": "Haal de onzichtbare tekens uit dit veld.",
    "Fill in this field.": "Vul dit veld in.",
    "Use at most %(max)d characters.": "Gebruik hoogstens %(max)d tekens.",
    "Enter an e-mail address like name@example.org.": "Vul een e-mailadres in zoals naam@example.org.",
    "Error:": "Fout:",
    "optional": "niet verplicht",
    "This is not right yet": "Er klopt nog iets niet",
    "Search programmes": "Zoek programma’s",
    "Nobody lives at this address": "Op dit adres woont niemand",
    "That is not possible now": "Dat kan nu niet",
    "That is too large": "Dat is te groot",
    "This address works otherwise": "Dit adres werkt anders",
    "This is not for you": "Dit is niet voor jou",
    "This page was open too long": "Deze pagina stond te lang open",
    "Too many tries": "Te vaak geprobeerd",
    "Very busy at the moment": "Het is nu erg druk",
    "Something went wrong": "Er ging iets mis",
    "Reference: %(reference)s": "Kenmerk: %(reference)s",
    "%(num)s sessions": "%(num)s sessies",
    "1 session": "1 sessie",
    "Copied": "Gekopieerd",
    "To the content": "Naar de inhoud",
    "Light or dark": "Licht of donker",
    "Main menu": "Hoofdmenu",
    "Main menu, folded": "Hoofdmenu, ingeklapt",
    "Menu": "Menu",
    "All times are Dutch time (Europe/Amsterdam).": "Alle tijden zijn Nederlandse tijd (Europe/Amsterdam).",
    "Desk": "Beheer",
    "You get this message because your address was used in Leerkring.": (
        "Je krijgt dit bericht omdat je adres in Leerkring is gebruikt."
    ),
    "The page has moved or never existed. Check the address, or search from here.": (
        "De pagina is verhuisd of heeft nooit bestaan. Controleer het adres, of zoek vanaf hier verder."
    ),
    "Your account may not see this page. Ask the organiser when you think it should.": (
        "Met jouw account kun je deze pagina niet zien. Vraag het de organisatie als dat volgens jou wel moet kunnen."
    ),
    "Go back, reload the page and send it once more.": "Ga terug, laad de pagina opnieuw en verstuur het nog een keer.",
    "Wait an hour and try again.": "Wacht een uur en probeer het dan opnieuw.",
    "Nothing was changed. Try again in a moment.": "Er is niets veranderd. Probeer het zo nog eens.",
    "It is our fault and we have noted it. What you sent may not be saved: look before you send it again.": (
        "Het ligt aan ons en we hebben het genoteerd. Misschien is niet bewaard wat je stuurde: kijk voor je het opnieuw stuurt."
    ),
    "Send something smaller.": "Stuur iets kleiners.",
    "Go to a page and use its buttons.": "Ga naar een pagina en gebruik de knoppen daar.",
    "Everything that this demo mailed. Nothing leaves this machine.": "Alles wat deze demo mailde. Niets verlaat deze machine.",
    "Subject": "Onderwerp",
    "sent": "verstuurd",
    "failed": "mislukt",
    "waits": "wacht",
    "No mail yet": "Nog geen post",
    "As soon as something is mailed, it stands here.": "Zodra er iets gemaild is, staat het hier.",
}
