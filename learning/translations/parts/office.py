"""Dutch for the installation itself: its first start, its owners, the state of the machine, backups."""

NL = {
    "The database answers and has the tables of this version.": "De database antwoordt en heeft de tabellen van deze versie.",
    "The database has other tables than this version needs.": "De database heeft andere tabellen dan deze versie nodig heeft.",
    "Run flask prepare.": "Voer flask prepare uit.",
    "came in by an invitation": "kwam binnen met een uitnodiging",
    "given a new invitation": "kreeg een nieuwe uitnodiging",
    "list to begin with put away": "beginlijst opgeborgen",
    "Approved by staff": "Goedgekeurd door medewerkers",
    "Closed since": "Gesloten sinds",
    "Notice of the closing": "Bericht bij het sluiten",
    "Own domain: next look": "Eigen domein: volgende keer kijken",
    "Own domain: what was found": "Eigen domein: wat er gevonden is",
    "Own domain: last look": "Eigen domein: laatst gekeken",
    "Holds a place since": "Heeft een plaats sinds",
    "Limited to some programmes": "Beperkt tot enkele programma’s",
    "Last seen": "Laatst gezien",
    "List to begin with put away": "Beginlijst opgeborgen",
}
