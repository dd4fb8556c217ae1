"""Arranging: which shelves a front page and a list take, and in which order paid content stands among the rest."""


def front(title) -> dict:
    """Return what the front page shows."""
    return {"title": title}


def list_of(holds: str, title, query) -> dict:
    """Return what a list page shows."""
    return {"title": title}
