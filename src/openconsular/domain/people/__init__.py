"""People as data: names, phones, addresses, languages, dates at a place, and places by name. All of it is pure."""
