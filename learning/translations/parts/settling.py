"""Dutch for the headings of a programme's settings."""

NL = {
    "What visitors read": "Wat bezoekers lezen",
    "Registering and price": "Aanmelden en prijs",
    "Choosing sessions": "Sessies kiezen",
    "Waiting lists": "Wachtlijsten",
    "Organisations with a delegation": "Organisaties met een delegatie",
}
