"""One letter with everything in it, and readers whose names break naive mailers."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from masthead.mail.letters import Block, FrozenLetter, Kind, Mailbox, Slots, freeze

MOMENT = datetime(2026, 11, 3, 6, 30, tzinfo=UTC)
PAGE = "https://news.example.com/mail/leave/4f9a2c-Xy_z"

NASTY = [
    "Reader",
    "",
    "Læser Østergade",
    'Reader "the second" Desk',
    "Back\\slash",
    "O'Desk & Daughters <editor@elsewhere.example>",
    ".leading dot",
    "..",
    "From the desk",
    "a name of rather more than ninety letters, such as committees and ministries like to give themselves, with commas",
    "x" * 90,
    "ø" * 90,
    "読者の部屋",
    "読者" * 60,
    "قارئ الصحيفة",
    "👩‍💻 reader 🏳️‍🌈",
    "=?utf-8?q?look-alike?=",
    "before =?utf-8?b?ZXZpbA==?= after",
    "line\u2028separator\u2029and\u0085next",
    "Reader\r\nBcc: everybody@elsewhere.example",
    "Reader\nSubject: other",
    "Reader\r\n\r\n<p>body</p>",
    "tab\tand  two blanks ",
    " leading and trailing ",
    "trailing equals=",
    "=3D=0D=0A",
    "--boundary",
    "comma, semi; colon: (paren) [bracket] @at",
    '"' * 50,
    "percent %s {brace} {{ braces }} [[x]] $dollar",
    "nul\x00and\x1bescape",
    "e\u0301 decomposed and é composed",
    "lone \ud800 surrogate",
    "<script>alert('x')</script>",
    "mh-0000000000000000-leave-z",
]
# Each also at the edges of the places where lines are folded.
ODD_NAMES = NASTY + [
    ("y" * width) + " " + name for name in NASTY for width in (1, 7, 40, 41, 44, 54, 57, 60, 66, 71, 75)
]


def issue(**headers: object) -> FrozenLetter:
    """An issue in Danish with every kind of slot, frozen."""
    slots = Slots(to=Kind.MAILBOX, name=Kind.TEXT, leave=Kind.URL, token=Kind.TOKEN, date=Kind.DATE, themes=Kind.BLOCKS)
    long_line = "Et meget langt afsnit om kabler, lagre og tariffer. " * 12
    return freeze(
        {
            "From": Mailbox("Strømskifte", "nyt@strømskifte.example"),
            "To": slots["to"],
            "Subject": f"Til {slots['name']}: nyt om nettet",
            "Date": slots["date"],
            "Message-ID": f"<{slots['token']}@news.example.com>",
            "List-Id": "Strømskifte nyt <nyt.news.example.com>",
            "List-Unsubscribe": f"<{slots['leave']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Feedback-ID": "issue12:nyt:masthead",
            **headers,
        },
        text=f"Kære {slots['name']},\n.dot\nFrom here\n{long_line}\n{slots['themes']}Afmeld: {slots['leave']}\n",
        html=f'<html lang="da"><body><p title="{slots["name"]}">Kære {slots["name"]},</p>\n.dot {long_line}\n'
        f'{slots["themes"]}<a href="{slots["leave"]}">Afmeld</a></body></html>\n',
        slots=slots,
        blocks={
            "wind": Block("VIND\nOm vind. \n", "<h2>Vind</h2>\n"),
            "gas": Block(f"GAS\nMere: {slots['leave']}\n", f'<h2>Gas</h2><a href="{slots["leave"]}">Mere</a>\n'),
        },
        lang="da",
    )


def values(name: str = "Reader", **others: object) -> dict[str, object]:
    """What one reader's letter is filled with."""
    mine = {"to": Mailbox(name, "reader@example.com"), "name": name, "leave": PAGE, "token": "q7", "date": MOMENT}
    return {**mine, "themes": ["wind"], **others}


def parsed(letter: bytes) -> EmailMessage:
    """The letter as Python's own parser reads it."""
    return message_from_bytes(letter, policy=policy.default)
