"""Dutch for the sentences of organisations."""

NL = {
    "It is a partner in that period already, from %(day)s. Change that one, or end it first.": "Die is in die periode al partner, vanaf %(day)s. Wijzig dat partnerschap, of beëindig het eerst.",
    "This is the address of the installation itself. Choose a domain of your own.": "Dit is het adres van de installatie zelf. Kies een eigen domein.",
    "The TXT record was found.": "Het TXT-record is gevonden.",
    "The file was found.": "Het bestand is gevonden.",
    "There is a TXT record, but it says something else.": "Er is een TXT-record, maar daar staat iets anders in.",
    "No TXT record was found, and the domain leads to no address yet.": "Er is geen TXT-record gevonden, en het domein leidt nog nergens heen.",
    "No TXT record was found, and the domain leads to an address that is not in the public internet.": "Er is geen TXT-record gevonden, en het domein leidt naar een adres dat niet op het openbare internet is.",
    "No TXT record was found, and the certificate of the website is not right, so we did not read the file.": "Er is geen TXT-record gevonden, en het certificaat van de website klopt niet. Daarom hebben we het bestand niet gelezen.",
    "No TXT record was found, and the website did not answer over https.": "Er is geen TXT-record gevonden, en de website gaf geen antwoord via https.",
    "No TXT record was found, and the address of the file leads on to another one. We do not follow that.": "Er is geen TXT-record gevonden, en het adres van het bestand leidt door naar een ander adres. Dat volgen we niet.",
    "No TXT record and no file was found.": "Er is geen TXT-record en geen bestand gevonden.",
    "No TXT record was found, and the file says something else.": "Er is geen TXT-record gevonden, en in het bestand staat iets anders.",
    "The digits of this VAT number do not add up: look whether one is missing or wrong. A right one looks like NL000099998B57.": "De cijfers van dit btw-nummer kloppen niet: kijk of er een mist of verkeerd is. Een goed nummer ziet eruit als NL000099998B57.",
    "The proof was found, but another organiser has this domain.": "Het bewijs is gevonden, maar een andere organisator heeft dit domein.",
    "Another organiser uses this domain.": "Een andere organisator gebruikt dit domein.",
    "This organiser is closed: nothing can be changed or begun here any more.": "Deze organisator is gesloten: hier kan niets meer veranderen of beginnen.",
}
