"""Dutch for the sentences of programmes."""

NL = {
    "“%(piece)s” is named twice.": "“%(piece)s” staat er twee keer.",
    "“%(piece)s” is not a day. Write it like 22 januari 2027.": "“%(piece)s” is geen dag. Schrijf het als 22 januari 2027.",
    "“%(piece)s”: the weekday is wrong. Correct the weekday or the date.": "“%(piece)s”: de weekdag klopt niet. Verbeter de weekdag of de datum.",
}
