"""A name system that says what a test tells it to."""

from masthead.mail.names import NotAnswered

SILENT = "silent"


class ToldNames:
    """`records[name, kind]` is a list, or SILENT; what is not there does not exist. `asked` holds every question."""

    def __init__(self, records: dict | None = None):
        self.records, self.asked = dict(records or {}), []

    def ask(self, name, kind):
        self.asked.append((name, kind))
        found = self.records.get((name.lower(), kind), [])
        if found == SILENT:
            raise NotAnswered(f"{name} {kind}: timed out")
        return list(found)

    def txt(self, name, *texts):
        self.records[name, "TXT"] = list(texts)
        return self
