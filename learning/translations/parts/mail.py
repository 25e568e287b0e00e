"""Dutch for the sentences of mail."""

NL = {
    "Hello %(name)s,": "Dag %(name)s,",
    "Hello,": "Dag,",
}
