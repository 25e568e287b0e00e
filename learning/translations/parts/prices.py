"""Dutch for the sentences of prices."""

NL = {
    "%(amount)s excluding VAT: %(reason)s": "%(amount)s exclusief btw: %(reason)s",
    "the price for partners of the network": "de prijs voor partners van het netwerk",
    "the price for those who are no partner of the network": "de prijs voor niet-partners",
    "the price for everybody": "de prijs voor iedereen",
    "This code works from %(day)s.": "Deze code werkt vanaf %(day)s.",
    "This code worked until %(day)s.": "Deze code werkte tot en met %(day)s.",
    "This code was used as many times as it can be. Ask the organiser.": "Deze code is zo vaak gebruikt als kan. Vraag het de organisator.",
    "One registers for this programme by invitation. Fill in the code of your invitation.": "Voor dit programma meld je je op uitnodiging aan. Vul de code van je uitnodiging in.",
    "Free: %(reason)s": "Gratis: %(reason)s",
    "%(amount)s excluding VAT, %(seats)d seats at %(each)s: %(reason)s": "%(amount)s exclusief btw, %(seats)d plekken à %(each)s: %(reason)s",
    "With VAT it is %(gross)s.": "Met btw is het %(gross)s.",
    "Without your code it is %(full)s.": "Zonder je code is het %(full)s.",
    "This code does not count here. Check it, leave it out, or ask the organiser.": "Deze code geldt hier niet. Controleer de code, laat die weg of vraag het de organisator.",
}
