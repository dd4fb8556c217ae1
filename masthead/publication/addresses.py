"""Addresses made of words: the letters of the Nordic languages and German as their readers write them without."""

from django.utils.text import slugify

LETTERS = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "½": " 1-2 ", "₂": "2", "&": " og "}
)


def slug_of(words: str, longest: int = 100) -> str:
    """Return `words` as part of an address: ASCII, cut between words at `longest` characters."""
    slug = slugify(words.lower().translate(LETTERS))
    if len(slug) <= longest:
        return slug
    return slug[:longest].rsplit("-", 1)[0]
