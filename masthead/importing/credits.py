"""A caption and the credit that stands in it are two things: "… i Beijing. Foto: A/B.." is a caption and "A/B"."""

import re

_CUE = (
    r"(?:arkiv|presse|privat|pr-?|press|file |stock|genre|illustrations|model|agentur|symbol|arkiv-?|pressens )?"
    r"(?:foto|photo|fotos|photos|fotograf|photographer|photograph|fotografi|illustration|illustrationen|bild|bilder|"
    r"bilde|billede|picture|image|grafik|graphic|tegning|collage|rendering|visualisering|visualisierung|visualisation|"
    r"fotokredit|photo credit|image credit|credit|credits|bildnachweis|bildquelle|copyright)"
)
# Whoever is named has a letter or a digit: "© :::" is no credit.
_CREDIT = re.compile(
    rf"(?:^|(?<=[\s(\[/|–—.!?”»-]))[(\[]?\b(?P<cue>{_CUE})(?:\s(?:af|by|von|av))?\s?[:/©]\s*"
    r"(?=[^()\[\]]*\w)(?P<who>[^()\[\]]{2,120}?(?:\s\([^()]{1,40}\))?)\s*[)\]]?\s*[.,;]*\s*$",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?:^|(?<=[.!?”»\"(\[|–—-]\s)|(?<=[(\[]))[(\[]?(?P<who>pressefoto|arkivfoto|privatfoto|pr-foto|modelfoto|"
    r"pressfoto|"
    r"arkivbild|arkivbilde|pressbild|pressebilde|symbolbild|pressefotos|press photo|file photo|stock photo|"
    r"free)\s*[)\]]?\s*\.*\s*$",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"(?:^|(?<=[\s(]))[(]?©\s*(?=[^()]*\w)(?P<who>[^()]{2,80}?)\s*[)]?\s*\.*\s*$")
_KEEPS_STOP = re.compile(r"(?:\b(?:inc|ltd|co|corp|jr|sr|llc)|(?:\b\w\.)+\w)\.$", re.IGNORECASE)
LONGEST_CAPTION = 700


def split_credit(caption: str) -> tuple[str, str]:
    """(caption, credit) of a picture's line; never a doubled or a dangling punctuation mark in either.

    "(Foto: X)", "Photo: X", "Illustration: …", "Arkivfoto: X" and a closing "Pressefoto" are understood; the credit
    comes without its cue, except where the cue is all there is. Credit is "" when none is said.
    """
    text = re.sub(r"\s+", " ", caption).strip()
    match = _CREDIT.search(text) or _COPYRIGHT.search(text) or _BARE.search(text)
    if not match:
        return _tidy_caption(text), ""
    return _tidy_caption(text[: match.start()]), _tidy_credit(match.group("who"), text[match.end("who") :])


def has_credit(text: str) -> bool:
    """The line ends in a credit, so it is a picture's caption and not a paragraph."""
    if len(text) > LONGEST_CAPTION:
        return False
    return bool(_CREDIT.search(text) or _BARE.search(text) or _COPYRIGHT.search(text))


def _tidy_credit(text: str, after: str) -> str:
    stripped = text.strip(" ,;:|–—-").rstrip(". ")
    stopped = "." in text[len(stripped) :] or after.startswith(".")
    return stripped + "." if stopped and _KEEPS_STOP.search(stripped + ".") else stripped


def _tidy_caption(text: str) -> str:
    text = text.rstrip(" ([/|–—-,;:")
    text = re.sub(r"(?<!\.)\.\.(?!\.)", ".", text)
    text = re.sub(r"([!?])\.+$", r"\1", text)
    return text
