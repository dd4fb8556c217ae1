"""Finds the address a notice is about: in a field, or in the prose of servers that know no standard."""

import re
from typing import NamedTuple

from masthead.mail.bounces.reading import Headers, Letter, headers_in
from masthead.mail.returnpath import token_in

_LOCAL = r"[\w!#$%&'*+/=?^`{|}~.-]"
ADDRESS = re.compile(
    rf"(?<!{_LOCAL})(?:\"[^\"\s@]{{1,64}}\"|{_LOCAL}{{1,80}})@(?:[\w-]{{1,63}}\.){{1,10}}[\w-]{{1,63}}(?![\w@])"
)
_LABEL = re.compile(r"^(?:smtp|rfc-?822|addr|e-?mail|to|rcpt|recipient|orcpt|user)=", re.IGNORECASE)

# Where the returned mail begins; nothing behind it is about the failure.
_ORIGINAL = re.compile(
    r"^[ \t>*|#=_-]{0,80}(?:"
    r"-{2,} ?(?:below (?:this|the next) line|original message|this is a copy|the header|the body|message header|unsent|"
    r"returned (?:mail|message)|begin|start of|forwarded message|included|header of|message text|the following is|"
    r"attachment is a copy|copy of)|below (?:this|the next) line (?:is|starts)|this is a copy of (?:the|your) message|"
    r"(?:the )?original message (?:follows|as received|is |below|headers|:)|message headers? follows?|"
    r"message text follows|"
    r"message body (?:follows|suppressed)|(?:the )?(?:first|header and|headers?)[^\n]{0,40} (?:follows?|is following)|"
    r"start of returned message|returned mail follows|unsent message below|included is a copy|here is a copy|"
    r"below is a copy|"
    r"a copy of the original|your message reads|a summary of the undelivered|message contents follow|old message:|"
    r"original message[- ]*$|(?:the )?rejected message|-{3,} ?mensaje original|urspr(?:ü|ue)ngliche nachricht|"
    r"return-path: ?<|received: (?:from|by) )",
    re.IGNORECASE | re.MULTILINE,
)
_LISTED = re.compile(
    r"^[ \t>*•-]{0,20}(?:(?:recipient|failed recipient|undeliverable address|error-for|unknown user|recipient address)"
    r"[ \t]*:[ \t]*)?(?:\[?smtp:)?[<\"'\[(]{0,2}"
    r"(?P<address>[^\s<>\"\[\],;:]{1,80}@[^\s<>\"\[\],;:()]{3,255}?)[>\"'\])]{0,2}"
    r"(?=$|[ \t]*(?:$|[:;,(]|\.\.\.|on \w|\.?[ \t]*$|- ))",
    re.IGNORECASE | re.MULTILINE,
)
_ABOUT_THE_ORIGINAL = re.compile(
    r"^[ \t>*|]{0,20}(?:subject|sent|date|message-?id|from|cc|received(?: on)?|reply-to|sender|in-reply-to|x-mailer|"
    r"betreff|"
    r"von|gesendet|objet|asunto|oggetto|assunto|onderwerp|emne|ämne|the (?:subject|"
    r"date) of the message is)[ \t]*:(?![ \t]*$).*$"
    r"|^[ \t]{0,20}(?:>>>[ \t]*)?(?:[23]\d\d[ -]|(?:ehlo|helo|mail from:|data|quit|rset)\b).*$",
    re.IGNORECASE | re.MULTILINE,
)
_ANCHOR = re.compile(
    r"following (?:\w+ ){0,3}(?:address|recipient|person|user|destination)|did not reach|not (?:be )?delivered to|"
    r"could not deliver|"
    r"(?:was|were) addressed|failed recipients|unable to deliver|delivery (?:has failed )?to |folgenden? (?:empf|"
    r"adress)|"
    r"destinataires? suivants?|siguientes? (?:direcc|destinat)|seguenti? (?:destinat|indirizz)|"
    r"seguintes? (?:destinat|endere)|"
    r"volgende (?:ontvang|adres|geadres)|følgende (?:modtag|mottak|adress)|följande (?:mottag|adress)|następując|"
    r"следующ|次の|以下",
    re.IGNORECASE,
)
_NOT_THE_READER = re.compile(
    r"(?:from|sender|reply-to|return-path|message-?id|mail from|postmaster|contact|abuse|helpdesk|support|received|cc|"
    r"x-[\w-]+|errors-to|list-[\w-]+|in-reply-to|references|by|sent by|delivered-to)\b[^@\n]{0,60}$",
    re.IGNORECASE,
)
_ROLE = re.compile(r"^(?:mailer-?daemon|postmaster|abuse|hostmaster|noreply-dmarc\S*|helpdesk|support)@", re.IGNORECASE)
_EXPANDED = re.compile(
    r"\((?:ultimately )?(?:expanded|generated) from:?[ \t\n]*<?([^\s<>()]{1,80}@[^\s<>()]{3,255})>?\)", re.IGNORECASE
)
_LOCAL_ONLY = re.compile(
    r"(?:to local user|accepting mail (?:from|with) [^\n]{1,100}\n|"
    r"not delivered to the following:\s*\n)[ \t]*([\w.+-]{2,64})\b",
    re.IGNORECASE,
)


# What a company's gateway puts under every mail; its words of viruses and rights are not about this one.
_FOOTER = re.compile(
    r"(?:has been|was|were) (?:scanned|checked|swept|virus)|\bconfidential|intended recipient|intended (?:only|solely)|"
    r"\bdisclaimer|strictly prohibited",
    re.IGNORECASE,
)


class Mention(NamedTuple):
    """An address named in a notice and the words that go with it."""

    address: str
    words: str


def address_in(value: str) -> str | None:
    """The first mail address in a field or line, as written, or None."""
    for found in ADDRESS.finditer(value[:4000]):
        address = tidy(found.group())
        if not token_in(address):
            return address
    return None


def tidy(address: str) -> str:
    """Without labels and quotes that belong to the sentence around it."""
    address = _LABEL.sub("", address.strip().strip("'`"))
    return address.lstrip(".=*-/|") if "@" in address.lstrip(".=*-/|") else address


def notice(text: str) -> tuple[str, str]:
    """(what the server says, the returned mail behind it) of a mail without parts."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _ORIGINAL.search(text)
    said, rest = (text[: found.start()], text[found.start() :]) if found else (text, "")
    return _ABOUT_THE_ORIGINAL.sub("", said), rest


def without_footer(said: str) -> str:
    """A notice without the paragraphs in which a company says what it says in every mail."""
    paragraphs = re.split(r"\n[ \t]*\n|\n(?=[*_=-]{5})", said)
    return "\n\n".join(paragraph for paragraph in paragraphs if not _FOOTER.search(paragraph))


def mentions(letter: Letter, said: str) -> list[Mention]:
    """The failing addresses of a notice in prose, each with its words, in the order of the text."""
    strangers = _others(letter)
    named = list(dict.fromkeys(a for v in letter.headers.all("x-failed-recipients") for a in _all_in(v)))
    # Where an address was made into others on the way, it is the first one that we wrote to.
    expanded = list(dict.fromkeys(tidy(m.group(1)) for m in _EXPANDED.finditer(said)))
    if named or expanded:
        return _with_words(said, expanded if len(expanded) >= len(named) else named)
    if local := _LOCAL_ONLY.search(said):
        return _with_words(said, _anywhere(said[: local.end()], strangers)[:1] or _at_home(local.group(1), letter))
    anchor = _ANCHOR.search(said)
    behind = said[anchor.start() :] if anchor else said
    addresses = _listed(behind, strangers) or _anywhere(behind, strangers)[:1]
    return _with_words(said, addresses or _listed(said, strangers) or _anywhere(said, strangers)[:1])


def reader_of(original: Headers, letter: Letter) -> str | None:
    """The one person a returned mail was written to; None when it went to several, to a list or to ourselves."""
    to = [tidy(a) for value in original.all("x-original-to", "delivered-to")[:1] for a in _all_in(value)]
    to = to or [tidy(a) for value in original.all("to") for a in _all_in(value)]
    lists = " ".join(original.all("list-post", "x-beenthere", "list-id", "sender", "from", "reply-to")).lower()
    strangers = _others(letter)
    if len(set(to)) != 1 or to[0].lower() in lists or not _is_reader(to[0], strangers):
        return None
    return None if any(to[0].partition("@")[2].lower() == s.partition("@")[2] for s in strangers) else to[0]


def headers_behind(rest: str) -> Headers:
    """The header fields of a returned mail quoted behind the notice."""
    start = re.search(r"^>?[A-Z][\w-]{1,40}:[ \t]", rest, re.MULTILINE)
    return headers_in(re.sub(r"^>", "", rest[start.start() :], flags=re.MULTILINE)) if start else Headers()


def _all_in(value: str) -> list[str]:
    return [tidy(m.group()) for m in ADDRESS.finditer(value[:8000])]


def _others(letter: Letter) -> set[str]:
    fields = letter.headers.all(
        "to", "from", "cc", "reply-to", "sender", "return-path", "delivered-to", "x-original-to"
    )
    return {address.lower() for value in fields for address in _all_in(value)}


def _is_reader(address: str, strangers: set[str]) -> bool:
    found = ADDRESS.fullmatch(tidy(address))
    if not found:
        return False
    plain = tidy(address).lower()
    return plain not in strangers and not _ROLE.match(plain) and not token_in(plain)


def _listed(said: str, strangers: set[str]) -> list[str]:
    """Addresses that stand at the beginning of a line, as in a list of failures."""
    found = [tidy(m["address"]) for m in _LISTED.finditer(said) if _is_reader(m["address"], strangers)]
    return list(dict.fromkeys(found))


def _anywhere(said: str, strangers: set[str]) -> list[str]:
    found = []
    for hit in ADDRESS.finditer(said):
        line = said[max(0, said.rfind("\n", 0, hit.start()) + 1) : hit.start()]
        if _is_reader(hit.group(), strangers) and not _NOT_THE_READER.search(line) and "://" not in line[-80:]:
            found.append(tidy(hit.group()))
    return list(dict.fromkeys(found))


def _with_words(said: str, addresses: list[str]) -> list[Mention]:
    """Gives each address the text from where it stands to where the next one stands; one alone gets everything."""
    if len(addresses) < 2:
        return [Mention(address, said) for address in addresses]
    low = said.lower()
    starts = sorted((low.find(a.lower()), a) for a in addresses[:500] if a.lower() in low)
    ends = [at for at, _ in starts[1:]] + [len(said)]
    known = {a: Mention(a, said[at:end]) for (at, a), end in zip(starts, ends, strict=True)}
    return [known.get(a, Mention(a, said)) for a in addresses]


def _at_home(local: str, letter: Letter) -> list[str]:
    """A bare local part belongs to the server that speaks; its own name is cut to the registered domain."""
    host = next((a.partition("@")[2] for v in letter.headers.all("from") for a in _all_in(v)), "")
    labels = host.lower().split(".")
    short = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return [f"{local}@{'.'.join(labels[-short:])}"] if host else []
