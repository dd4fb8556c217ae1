"""The words by which trade pages say what a line is, in Danish, English, German, Swedish and Norwegian.

One table, so that a new cue is one word in one place. All comparisons are on casefolded text.
"""

import re


def word_set(table: str) -> frozenset[str]:
    """The entries of a table written in one string, parted by "|" or, where there is none, by white space."""
    return frozenset(table.split("|") if "|" in table else table.split())


_READ_ALSO = (
    "læs også|læs mere|læs desuden|læs mer|read also|read more|also read|see also|lesen sie auch|lesen sie mehr|"
    "lies auch|mehr zum thema|siehe auch|läs också|läs även|läs mer|les også|les mer|se også|les også på"
)
# "Læs også Titlen på artiklen": without a colon only where the whole line may be a title.
READ_ALSO_TITLE = re.compile(
    r"^(?:[-–—•*>»→]\s*)?(?:læs også|read also|see also|lesen sie auch|lies auch|läs också|läs även|les også)\s+"
    r"(?P<title>\S.{5,180})$",
    re.IGNORECASE,
)
READ_ALSO = re.compile(rf"^(?:[-–—•*>»→]\s*)?(?:{_READ_ALSO})\s*(?:[:–—-]\s*|$)(?P<title>.*)$", re.IGNORECASE)

RELATED = word_set(
    "relateret indhold|relaterede artikler|relateret|relaterede nyheder|læs også|mere om emnet|mere om samme emne|"
    "related|related content|related articles|related news|related stories|more on this topic|you may also like|"
    "verwandte artikel|ähnliche artikel|ähnliche beiträge|verwandte inhalte|verwandte beiträge|mehr zum thema|"
    "das könnte sie auch interessieren|weitere artikel|passend zum thema|"
    "relaterat|relaterat innehåll|relaterade artiklar|relaterade nyheter|mer om ämnet|"
    "relatert|relatert innhold|relaterte artikler|relaterte saker|mer om temaet|flere saker"
)
OTHER_LISTS = word_set(
    "mest læste|mest læst|seneste nyt|seneste nyheder|nyeste artikler|andre læser også|job|ledige stillinger|"
    "most read|most popular|latest|latest news|popular|jobs|meistgelesen|am häufigsten gelesen|neueste artikel|"
    "aktuelle meldungen|stellenanzeigen|mest läst|mest lästa|senaste nytt|senaste nyheterna|lediga jobb|"
    "mest leste|siste nytt|siste nyheter|ledige stillinger|flere nyheder|andre nyheder|partnerindhold"
)
EVENTS = word_set(
    "events|event|kalender|arrangementer|kommende events|kommende arrangementer|kurser og events|kurser|"
    "upcoming events|calendar|event calendar|what's on|agenda|veranstaltungen|termine|veranstaltungskalender|"
    "kommende veranstaltungen|anstehende veranstaltungen|evenemang|kalendarium|kommande evenemang|"
    "hendelser|kommende hendelser|aktivitetskalender|konferencer|eventkalender|begivenheder"
)
NEWSLETTER = re.compile(
    r"^(?:hold dig opdateret|tilmeld (?:dig )?(?:vores |dig )?nyhedsbrev|tilmeld nyhedsbrev|få nyhedsbrev|få nyheder|"
    r"nyhedsbrev\b|abonner på|modtag nyhedsbrev|stay up to date|stay updated|stay informed|sign up|subscribe|"
    r"get our newsletter|newsletter\b|bleiben sie|jetzt newsletter|abonnieren|zum newsletter|unser newsletter|"
    r"håll dig uppdaterad|prenumerera|nyhetsbrev\b|anmäl dig till|hold deg oppdatert|meld deg på|få nyhetsbrev)",
    re.IGNORECASE,
)
_LABEL = (
    r"sponseret(?: indhold| artikel)?|sponsoreret(?: indhold)?|annonce(?:indhold|artikel)?|betalt indhold|"
    r"partnerindhold|kommercielt (?:indhold|samarbejde)|reklame|indsendt af partner|"
    r"sponsored(?: content| post| article)?|advertisement|advertorial|paid (?:content|post|partnership)|promoted|"
    r"partner content|brand(?:ed)? content|in partnership with|anzeige|werbung|gesponsert|bezahlter inhalt|"
    r"anzeigensonderveröffentlichung|annons|sponsrat(?: innehåll)?|sponsrad|betalt innehåll|i samarbete med|"
    r"annonsørinnhold|annonse|sponset(?: innhold)?|sponsa|betalt innhold|i samarbeid med|i samarbejde med"
)
LABEL = re.compile(
    rf"^[\[(]?\s*(?P<label>{_LABEL})\s*[\])]?(?:\s*(?::|af|fra|by|from|von|av|från|–|-)\s*(?P<payer>\S.{{0,70}}))?$",
    re.IGNORECASE,
)
LABEL_BEFORE_PAYER = re.compile(
    r"^(?P<label>in partnership with|i samarbete med|i samarbeid med|i samarbejde med)\s+(?P<payer>\S.{0,70})$",
    re.IGNORECASE,
)

FIELDS = {
    "date": word_set("dato|date|dates|datum|når|hvornår|when|wann|när|datoer|dag"),
    "time": word_set("tid|time|tidspunkt|klokken|kl|klokkeslæt|klokkeslett|uhrzeit|zeit|beginn|start"),
    "place": word_set("sted|place|venue|location|where|hvor|ort|veranstaltungsort|wo|plats|var|lokation"),
}
OTHER_FIELDS = word_set(
    "pris|price|preis|kosten|arrangør|organiser|organizer|veranstalter|arrangör|sprog|language|sprache|språk|"
    "tilmelding|registration|anmeldung|anmälan|påmelding|type"
)
KINDS = word_set(
    "webinar|webinarer|kursus|kurser|konference|seminar|workshop|morgenmøde|gå-hjem-møde|gå hjem-møde|messe|"
    "netværksmøde|temadag|temamøde|uddannelse|event|foredrag|debat|masterclass|møde|medlemsmøde|årsmøde|"
    "generalforsamling|onlinekursus|e-learning|netværk|fyraftensmøde|inspirationsmøde|studietur|virksomhedsbesøg|"
    "onlinemøde|online kursus|online-kursus|topmøde|træf|reception|udstilling|certificering|efteruddannelse|"
    "course|conference|training|meeting|fair|trade fair|exhibition|summit|forum|talk|briefing|lecture|online course|"
    "congress|breakfast meeting|roundtable|panel|symposium|hackathon|networking|online event|tagung|schulung|kongress|"
    "lehrgang|kurs|konferenz|veranstaltung|fachtagung|vortrag|fachmesse|online-seminar|fortbildung|weiterbildung|"
    "webseminar|stammtisch|utbildning|konferens|mässa|seminarium|frukostmöte|frukostseminarium|möte|föreläsning|"
    "nätverksträff|workshops|frokostmøte|frokostseminar|konferanse|møte|nettkurs|nettverksmøte|fagdag|foredragskveld|"
    "livestream|podcast|online|medlemsmøte|temadag|infomøde|informationsmøde|åbent hus|open house"
)
NAVIGATION = word_set(
    "se alle|se flere|se flere temaer|se mere|vis flere|vis alle|se alle events|se alle arrangementer|"
    "læs mere|læs artiklen|"
    "forside|menu|søg|log ind|login|del|del artiklen|del denne artikel|print|udskriv|facebook|linkedin|"
    "twitter|x|e-mail|"
    "kopier link|gem artikel|tilbage|næste|forrige|tilmeld|tilmeld nyhedsbrev|spring til indhold|luk|"
    "see all|see more|view all|show all|show more|read more|load more|home|search|log in|sign in|share|"
    "share this article|"
    "copy link|save|back|next|previous|skip to content|skip to main content|close|subscribe|email|"
    "alle anzeigen|alle ansehen|mehr anzeigen|mehr lesen|weiterlesen|startseite|suche|anmelden|teilen|drucken|zurück|"
    "weiter|alle termine|zum inhalt springen|artikel teilen|se alla|visa alla|visa fler|läs mer|hem|sök|logga in|dela|"
    "skriv ut|dela artikeln|till startsidan|hoppa till innehåll|les mer|hjem|søk|logg inn|del saken|skriv ut|vis mer|"
    "se alle temaer|se flere events|se flere artikler|alle nyheder|accepter alle|accepter|accept all|accept|afvis|"
    "alle akzeptieren|godkänn alla|godta alle|rediger|skriv kommentar|kommentarer|kommentér"
)
SECTION_KICKERS = word_set(
    "nyhed|nyheder|nyt|artikel|debat|indlæg|kronik|pressemeddelelse|tema|interview|analyse|leder|kommentar|baggrund|"
    "news|article|opinion|analysis|feature|press release|nachrichten|meldung|meinung|pressemitteilung|nyhet|nyheter|"
    "pressmeddelande|pressemelding|debatt|reportage|navne|case|international|internationalt"
)
FOOTER = re.compile(
    r"^(?:©|\(c\)|copyright\b|alle rettigheder|all rights reserved|alle rechte vorbehalten|alla rättigheter|"
    r"cookie|privatlivspolitik|privacy policy|persondatapolitik|impressum$|datenschutz$|om os$|about us$|kontakt$|"
    r"contact$|cvr[-: ]|tlf\.?[: ]|telefon[: ]|vilkår|handelsbetingelser|annoncering$|integritetspolicy|"
    r"personvern)",
    re.IGNORECASE,
)
UPDATED = re.compile(
    r"^(?:sidst )?(?:opdateret|updated|last updated|aktualisiert|uppdaterad|oppdatert)\b", re.IGNORECASE
)

_SPACED_FIELD = re.compile(
    r"^(?:(?P<name>Dato|Date|Datum|Tid|Tidspunkt|Time|Uhrzeit)\s(?P<value>(?:kl\.?\s)?\d.{0,60})"
    r"|(?P<where>Sted|Venue|Location|Ort|Plats)\s(?P<place>[A-ZÆØÅÄÖÜ0-9][^.?!:]{1,80}))$"
)
_ABBREVIATED = re.compile(
    r"(?:\b\w(?:\.\w)+\.|\b(?:inc|ltd|co|corp|llc|jr|sr|gmbh|bros|mio|m\.fl|etc)\.)$", re.IGNORECASE
)
_DOMAIN = re.compile(
    r"^(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:dk|com|org|net|eu|de|se|no|fi|uk|io|info|at|ch|nl|news|media)$", re.I
)
_COMPANY = re.compile(
    r"\b(?:a/s|aps|p/s|k/s|i/s|amba|a\.m\.b\.a\.?|ivs|gmbh|ag|kg|se|ab|asa|as|oy|oyj|inc\.?|ltd\.?|plc|llc|corp\.?|"
    r"s\.?a\.?|b\.?v\.?|a\.i\.s\.b\.l\.?|e\.v\.|f\.m\.b\.a\.?|smba)$",
    re.IGNORECASE,
)


def read_also(text: str) -> str | None:
    """The title in a read-also line, "" when the title stands on the next line, None for any other line."""
    match = READ_ALSO.match(text)
    if match:
        return match.group("title").strip()
    match = READ_ALSO_TITLE.match(text)
    return match.group("title").strip() if match and not ends_as_sentence(text) else None


def is_domain(text: str) -> bool:
    """The line is a bare web address such as "example.dk"."""
    return len(text) <= 60 and bool(_DOMAIN.match(text))


def is_organisation(text: str) -> bool:
    """The line ends as company names do ("… ApS") or is a bare domain."""
    return len(text) <= 80 and (is_domain(text) or bool(_COMPANY.search(text)))


def ends_as_sentence(text: str) -> bool:
    """The line ends in a full stop (or another sentence mark) that is not part of an abbreviation."""
    bare = text.rstrip("”»\"“’' )")
    return bare.endswith((".", "!", "…", ":", ";", ",")) and not _ABBREVIATED.search(bare)


def may_be_source(text: str) -> bool:
    """Short enough and without sentence marks: the line could name a source, an organiser, a payer."""
    return 0 < len(text) <= 70 and len(text.split()) <= 9 and not ends_as_sentence(text) and not text.endswith("?")


def label_of(text: str) -> tuple[str, str | None] | None:
    """(label, payer or None) when the line is a mark of payment such as "Sponseret" or "Annonce fra Ladelauget"."""
    if len(text) > 110:
        return None
    match = LABEL.match(text) or LABEL_BEFORE_PAYER.match(text)
    return (match.group("label"), match.group("payer")) if match else None


def folded(text: str) -> str:
    """The line as it is compared with the tables above."""
    return text.strip().strip("#:>→»").strip().casefold()


def is_kind(text: str) -> bool:
    """The line is a kind of event: "Webinar", "Kursus", "Konferenz"."""
    return folded(text).strip("[]()") in KINDS


def field_of(text: str) -> tuple[str, str] | None:
    """(field, value) of an event's line: ("date", "") for "Dato", ("place", "Aarhus") for "Sted: Aarhus".

    A colon may be missing, as in text copied from a table: "Dato 10.12.2025".
    """
    spaced = _SPACED_FIELD.match(text)
    if spaced:
        text = f"{spaced['name'] or spaced['where']}: {spaced['value'] or spaced['place']}"
    name, colon, value = text.partition(":")
    name = name.strip(" .").casefold()
    if colon and name.isdigit() or len(name) > 20:
        return None
    for field, words in FIELDS.items():
        if name in words:
            return field, value.strip()
    return ("other", value.strip()) if name in OTHER_FIELDS else None
