"""The texts of the programmes of the demo."""

from learning.kit.wording import Wording

ATELIERS = (  # title in Dutch and English, places, rounds
    ("Een moestuin op het plein", "A kitchen garden on the square", 8, (1, 2)),
    ("De buurtmaaltijd", "The neighbourhood meal", 10, (1,)),
    ("Energie van eigen dak", "Energy from your own roof", 8, (1,)),
    ("Spelen op straat", "Playing in the street", 10, (1,)),
    ("Het verhalenarchief", "The archive of stories", 8, (1,)),
    ("Een repaircafé beginnen", "Starting a repair café", 8, (1, 2)),
    ("De deelkelder", "The sharing cellar", 10, (2,)),
    ("Groene gevels", "Green walls", 10, (2,)),
    ("Samen een speeltuin beheren", "Running a playground together", 8, (2,)),
    ("Muziek in de portiek", "Music in the porch", 8, (2,)),
)


PARTIES = (
    ("Buurtnetwerk Voorbeeld (verzonnen)", "initiator"),
    ("Leerkring Demo Stichting Wijken", "executing"),
)
EVENT_TEXT = """De Dag van de Buurt gaat over het waarom en vooral over het hoe. We blikken terug op \
eerdere wijkaanpakken en geven het startschot voor een nieuwe leeragenda.

Daarna kies je in twee rondes een sessie. Alle workshops bouwen voort op ervaringen van bewoners en \
professionals uit de wijk. Tot slot vragen we aan de studiotafel waar een Minister van Wijken mee aan de \
slag moet.
"""
COMMUNITY_TEXT = """Het initiatief in de wijk ligt steeds vaker bij gemeenten, bewoners, maatschappelijke \
organisaties en bedrijven samen. In een aantal kwetsbare wijken ging de leefbaarheid achteruit, en veel \
steden zoeken naar een manier van werken die daarbij past.

In deze learning community onderzoek je met andere steden hoe je ingewikkelde vraagstukken in een gebied \
aanpakt, met voorbeelden uit binnen- en buitenland. Ze is een vervolg op de publicatie *Kwetsbare wijken in \
beeld*.

Elke stad komt met twee of drie deelnemers, per bijeenkomst in een andere samenstelling als dat beter past. \
Ook andere thema’s, zoals gezondheid en onderwijs, kunnen op tafel komen.
"""
COMMUNITY_CONDITIONS = Wording(
    "- Je gemeente doet mee aan alle bijeenkomsten en betaalt één bedrag.\n"
    "- Wie komt mag per keer verschillen. Namen geef je tot een week tevoren.\n"
    "- Kom je toch niet, geef je plek dan terug: een andere gemeente is er blij mee.",
    "- Your city takes part in all meetings and pays one amount.\n"
    "- Who comes may differ each time. You give names until a week before.\n"
    "- If you do not come after all, give your seat back: another city will be glad of it.",
)
COMMUNITY_QUESTIONS = (
    "Hoe helpt de verduurzaming van bestaande woningen het leefklimaat in de wijk vooruit?",
    "Hoe pak je onveiligheid en criminaliteit in wijken effectief aan?",
    "Met welke instrumenten voorkom je concentratie en segregatie?",
    "Hoe maak je een gebiedsgerichte strategie binnen je gemeente?",
    "Hoe betrek je partners en bouw je coalities?",
    "Hoe spreek je de kracht van bewoners aan?",
    "Hoe stem je investeringen op korte en lange termijn op elkaar af?",
)
COMMUNITY_MEETINGS = (
    (
        "Groningen",
        "Verduurzaming en leefklimaat",
        "Wat kan de verduurzaming van woningen voor een wijk betekenen?",
    ),
    ("Rotterdam", "Veiligheid en criminaliteit", "Welke aanpak van onveiligheid werkt in de wijk?"),
    ("Zaanstad", "Concentratie en segregatie", "Welke instrumenten houden een wijk gemengd?"),
    ("Arnhem", "Coalities en burgerkracht", "Hoe bouw je coalities en geef je bewoners de ruimte?"),
    (
        "'s-Gravenhage",
        "Strategie en investeringen",
        "Hoe maak je een strategie waarin investeringen op elkaar passen?",
    ),
)
NETWORK_TEXT = """Veel gemeenten willen bewoners en ondernemers betrekken bij het werk in de wijk. Hoe \
bereik je ook jongeren en mensen met een drukke baan, en hoe laat je zien wat er met hun inbreng gebeurt?

## Mijnwijkplan.nl in Nijmegen

Nijmegen liet een digitaal platform maken voor zijn wijkbeheerplannen. Het hele proces is er te volgen: \
behoeften worden zichtbaar, er komen ideeën, die worden uitgewerkt en daarna uitgevoerd. Bewoners, \
ondernemers en gemeente werken er samen.

## Voor wie

De bijeenkomst is gratis voor partners van het netwerk CROW Levende Stad. Is je gemeente geen partner, dan \
kan zij partner worden of betaal je 395 euro per persoon.
"""
NETWORK_AGENDA = (
    ("13:00", "welcome", "Welkom en opening", ""),
    ("13:10", "plenary", "Voorstelronde per gemeente",
    "Naam en organisatie. Hoe ver zijn " "jullie met overheidsparticipatie?"),
    ("13:30", "presentation", "Presentatie Nijmegen en PLAN terra bv", ""),
    ("14:15", "discussion", "Vragen en discussie", "Naar aanleiding van de presentatie."),
    ("14:30", "break", "Pauze", ""),
    ("14:45", "discussion", "Discussieronde 1", ""),
    ("15:15", "discussion", "Discussieronde 2", ""),
    ("15:45", "discussion", "Open discussieronde in kleine groepen", ""),
    ("16:15", "plenary", "Afsluiting", ""),
)  # fmt: skip
MODULE_TEXT = """Wonen is meer dan een huis: ook de straat, de buren, de voorzieningen en de veiligheid \
horen erbij. Deze module gaat over openbare ruimte die je samen met de gebruikers maakt.

Drie dingen maken dat lukken:

- trekkers en verbinders die anderen enthousiast maken
- bewoners die serieus worden genomen
- beleidsmakers die een evenwicht vinden tussen loslaten en steunen

Vijf begrippen komen langs: collaboratieve planning, de participatieladder, co-creatie, placemaking en de \
kracht van de burger. Het doel is een groenere, socialere en duurzamere wijk die zichzelf kan redden.
"""
MODULE_GOALS = (
    "Je kent placemaking en past het toe in de openbare ruimte.",
    "Je benoemt de kernkwaliteiten van een wijk.",
    "Je weet hoe een gemeente aantrekkelijker wordt om in te wonen.",
    "Je sluit coalities met verschillende partijen.",
    "Je weet hoe een overheid die presteert een overheid wordt die deals maakt.",
    "Je maakt eigen act-sheets bij je eigen casus.",
    "Je kent stedelijke vernieuwing op uitnodiging in vier niveaus.",
)
