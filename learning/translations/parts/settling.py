"""Dutch for the headings of a programme's settings, what staff said no to, and a seat that was there."""

NL = {
    "What visitors read": "Wat bezoekers lezen",
    "Registering and price": "Aanmelden en prijs",
    "Choosing sessions": "Sessies kiezen",
    "There was a place: it is yours now.": "Er was een plek: die is nu van jullie.",
    "%(organisation)s takes no part.": "%(organisation)s doet niet mee.",
    "Waiting lists": "Wachtlijsten",
    "Organisations with a delegation": "Organisaties met een delegatie",
}
