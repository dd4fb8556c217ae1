"""Mails that come back without anything having failed: machines answering, receipts, people who want to leave."""

import re

from masthead.mail.bounces.reading import Letter
from masthead.mail.bounces.wordings import any_of

_DAEMON = any_of(
    r"mailer[-_. ]?daemon|postmaster|post-?office",
    r"mail[-_. ]?(?:delivery|system|admin|server|daemon|service|subsystem)|mdaemon",
    r"delivery[-_. ](?:sub)?system|system[-_. ]administrator|\bndr@|imss@|bounce-?handler|antivirus_for_smtp",
    r"mail-?er@|delivery[-_. ]?(?:status|failure|report|notification)|jetmail|microsoftexchange|mail-router",
    r"e500_smtp|^\s*<?>?\s*$",
)
_FAILED = any_of(
    r"undeliver|returned (?:e-?)?mail|failure (?:notice|delivery|notification)",
    r"deliver\w* (?:status|fail|report|problem|error|has failed|notification|unsuccess)",
    r"non[- ]?(?:delivery|remis)|not (?:be )?delivered",
    r"(?:mail|message) (?:system )?(?:error|failed|failure|delivery)|mail (?:could not|not)",
    r"failed (?:mail|delivery)|delivery incomplete|rejected mail|bounce|processing error",
    r"permanent (?:delivery )?(?:fail|error)|unzustell|zustell\w* fehl|konnte nicht zugestellt|non remis",
    r"[ée]chec de|no (?:se pudo )?entrega|mancat[ao] (?:consegna|recapito)|n[aã]o (?:foi )?entreg",
    r"niet (?:worden )?(?:bezorgd|afgeleverd)|onbestelbaar|ikke (?:blive )?leveres|kunne ikke leveres",
    r"inte levereras|ulevererbar|olevererbar|kan ikke leveres|niedostarcz|nie dostarcz|не доставлен",
    r"недоставлен|配信(?:不能|できません)|不達|退信|无法投递|無法投遞|投递失败|\bno entregado",
    r"not listed in|user unknown|unknown user|rejected|address not found",
)
_OPENING = any_of(
    r"following (?:\w+ ){0,3}(?:address|recipient|person|destination|user)|could ?n['o]t be delivered",
    r"could not (?:be )?deliver|unable to (?:be )?deliver|undeliverable|was ?n['o]?t? (?:be )?delivered",
    r"did not reach|not delivered to|cannot be delivered|delivery (?:has |to |of )?[^.\n]{0,60}failed",
    r"has been returned|returned to sender|permanent (?:fatal )?error|failed recipient",
    r"delivery (?:failed|failure)|wasn['’]t able to deliver|non[- ]delivery|user unknown|no such user",
    r"konnte nicht zugestellt|n['’]a pas pu|no pudo ser",
    r"non (?:è stat|può essere) \w*\s?(?:consegnat|recapitat)|kunne ikke leveres|kunde inte levereras",
    r"не может быть доставлен|couldn['’]t be delivered|wasn['’]t delivered|kon niet|n[aã]o p[oôu]de ser",
    r"nie (?:mog|zosta)\w* .{0,20}dostarcz",
)
_AUTO_SUBJECT = any_of(
    r"out of (?:the )?office|\booo\b",
    r"auto(?:matic|mated|matisch\w*)?[- :]*(?:re(?:ply|sponse|sponder|spond)|antwort|antwoord|svar)|^auto:",
    r"autoreply|autosvar|autoantwort|vacation|on (?:annual )?(?:leave|holiday)|away from|abwesen",
    r"nicht im (?:b(?:ü|ue)ro|hause)|urlaub|r[ée]ponse automatique|absen(?:ce|t)|absence du bureau|en cong[ée]",
    r"risposta automatica|fuori (?:sede|ufficio)|assenza|respuesta autom|fuera de (?:la )?oficina|ausen[tc]",
    r"resposta autom|fora do escrit|afwezig|niet aanwezig|op vakantie|automatisk|frånvar|fravær|ferie|semester",
    r"ikke til stede|ikke på kontoret|automaattinen|poissa|autoodpowied|poza biurem|nieobecno|urlop|автоответ",
    r"автоматическ\w+ ответ|отпуск|自動(?:返信|応答)|自动(?:回复|答复)|自動(?:回覆|回复)|automatick|neprit|otomatik",
    r"자동 ?(?:회신|응답)|부재",
)
_CHALLENGE = any_of(
    r"(?:confirm|verify|verification|prove|authenticate)[^.\n]{0,80}(?:you(?:r|['’]re| are)? (?:e-?mail|"
    r"message|human|a human|not a|real|identity|address)|delivery|sender)",
    r"click (?:the|on the|this) link[^.\n]{0,60}(?:deliver|release|approve|allow)|challenge[- /]response",
    r"spam ?arrest|boxbe|tmda|bluebottle|mailblocks|on my (?:approved|allowed) (?:senders?|list)",
    r"approved sender|guest list",
)
_WAITING = any_of(
    r"this is (?:just |only )?a warning|warning (?:message )?only|has not yet been delivered",
    r"not yet (?:been )?(?:delivered|received)|has been delayed|is (?:being )?delayed",
    r"delivery (?:is |has been )?delayed|still being retried|delivery (?:status notification )?\(?delay",
    r"(?:is |are )?still trying|will (?:continue|keep) (?:to )?(?:try|attempt|be)|will be retried",
    r"delivery attempts will continue|continue (?:trying|to try|to attempt)|do(?:es)? not need to resend",
    r"no need to resend|has been postponed|will continue to be made|temporarily (?:delayed|deferred)",
    r"verz(?:ö|ue|oe)gert|en attente|retras(?:ad|ó)|in ritardo|vertraagd|forsinket|försenat|opóźni|задерж|延迟",
    r"遅延",
)
_WAITING_SUBJECT = any_of(
    r"delay|still being retried|warning: (?:message|could not send|mail)|not yet been delivered",
    r"delivery (?:warning|temporarily)|verz(?:ö|oe)ger|retard|vertraagd|forsinket|försenad|задерж",
)
_ARRIVED = any_of(
    r"(?:has been|was|were) (?:successfully )?(?:delivered|relayed|received|read|displayed|"
    r"opened)\b(?! (?:for|because|to all))",
    r"successful(?:ly)? (?:mail )?deliver|return receipt|read receipt",
    r"^(?:read|gelesen|lu|leest|l[eæ]st|läst|lido|le[ií]do|letto|delivered|relayed):",
    r"delivery (?:receipt|success)|\(success\)|\(relay\)",
)
_LEAVE_WORD = (
    r"(?:unsubscribe|un-?subscribe me|please unsubscribe(?: me)?|remove(?: me)?|please remove me|opt[- ]?out|stop|"
    r"signoff|leave|cancel(?: subscription)?|"
    r"afmeld(?: mig| nyhedsbrev| venligst)?|afmelding|frameld|meld mig fra|abmelden|abmeldung|abbestellen|austragen|"
    r"d[ée]sabonner|d[ée]sinscri(?:re|ption|vez)|me d[ée]sabonner|"
    r"d[ée]sabonnement|cancelar(?: suscripci[oó]n| inscri[cç][aã]o)?|dar(?:me)? de baja|baja|darse de baja|"
    r"cancella(?:mi|zione|rsi)?|disiscri(?:vi|zione|vimi)|"
    r"descadastrar|remover|uitschrijven|afmelden|avmeld(?:ing)?|avregistrera|avsluta(?: prenumeration)?|meld meg av|"
    r"wypisz(?: mnie)?|rezygnacja|"
    r"отписаться|отписка|配信停止|退订|退訂|peruuta tilaus)"
)
_LEAVES = re.compile(rf"^\W*{_LEAVE_WORD}(?:[ \w@.-]{{0,40}})?\W*$", re.IGNORECASE)
_ONLY_LEAVES = re.compile(
    rf"^\W*(?:(?:hi|hello|hej|hallo|dear \w+|please|bitte|venligst|"
    rf"s'il vous pla[iî]t)\W+)?{_LEAVE_WORD}\b[^\n]{{0,60}}",
    re.IGNORECASE,
)


def by_a_machine_for_mail(letter: Letter) -> bool:
    """Whether the mail comes from a mail system: its sender is a daemon or nobody, or it is a report."""
    sender = letter.headers.all("from", "sender")
    empty = "<>" in letter.headers.all("return-path") and not automatic(letter)
    failed = letter.headers.get("x-failed-recipients")
    return bool(failed) or empty or not sender or any(_DAEMON.search(value) for value in sender)


def surely_a_machine(letter: Letter) -> bool:
    """Whether the sender is a mailer daemon by name, or the envelope says nobody."""
    return "<>" in letter.headers.all("return-path") or "mailer-daemon" in letter.headers.get("from").lower()


def says_it_failed(letter: Letter, said: str) -> bool:
    """Whether subject or first words speak of a failed delivery, and the mail is no answer or forwarding of one."""
    subject = letter.headers.get("subject")
    if letter.headers.get("in-reply-to") and re.match(r"(?i)\s*(?:re|aw|sv|vs|antw|fwd?|wg|tr|rv|vb)\s*:", subject):
        return False
    return bool(_FAILED.search(subject)) or bool(_OPENING.search(said[:3000]))


def both_say_it_failed(letter: Letter, said: str) -> bool:
    """For senders that do not look like a mail system: subject and text must both say it, and nobody is quoted."""
    subject = letter.headers.get("subject")
    if re.match(r"(?i)\s*(?:re|aw|sv|antw|fwd?|wg|tr|vb)\s*:", subject) and not re.search(
        r"(?i)deliver|non remis", subject
    ):
        return False
    return bool(_FAILED.search(subject)) and bool(_OPENING.search(said[:3000]))


def automatic(letter: Letter) -> bool:
    """Whether a person's mail program answered by itself (RFC 3834 and the older marks)."""
    headers = letter.headers
    if headers.get("auto-submitted").lower().startswith("auto-replied"):
        return True
    marks = (
        "x-autoreply",
        "x-autorespond",
        "x-auto-reply-from",
        "x-autoresponder",
        "x-vacation",
        "x-mail-autoreply",
        "x-autoreply-from",
    )
    if any(headers.all(*marks)) or "auto_reply" in headers.get("precedence").lower().replace("-", "_"):
        return True
    return bool(_AUTO_SUBJECT.search(headers.get("subject")))


def challenging(letter: Letter, said: str) -> bool:
    """Whether somebody's filter asks us to prove that we are people."""
    return bool(_CHALLENGE.search(letter.headers.get("subject"))) or bool(_CHALLENGE.search(said[:2500]))


def waiting(letter: Letter, said: str) -> bool:
    """A notice that the mail is late but still under way."""
    return bool(_WAITING_SUBJECT.search(letter.headers.get("subject"))) or bool(_WAITING.search(said[:4000]))


def arrived(letter: Letter, said: str) -> bool:
    """A receipt: delivered, relayed, read."""
    subject = letter.headers.get("subject")
    return bool(_ARRIVED.search(subject)) or bool(_ARRIVED.search(said[:1500]) and not _FAILED.search(subject))


def wants_to_leave(letter: Letter) -> bool:
    """A person's mail that says nothing but that they want to leave."""
    if automatic(letter) or by_a_machine_for_mail(letter) or letter.headers.get("list-id") or letter.originals:
        return False
    if letter.headers.get("precedence").lower() in ("bulk", "list", "junk") or letter.headers.get("list-unsubscribe"):
        return False
    subject = letter.headers.get("subject").strip()
    body = _own_words(letter.text)
    if _LEAVES.match(subject):
        return len(body) <= 200 or bool(_ONLY_LEAVES.match(body))
    return len(body) <= 120 and bool(_LEAVES.match(body))


def _own_words(text: str) -> str:
    """What the person wrote: without signature and quotation."""
    lines = []
    for line in text.splitlines():
        if line.rstrip() in ("--", "-- ") or re.match(
            r"(?i)-{3,}|_{5,}|on .{5,80} wrote:|den .{5,80} skrev|am .{5,80} schrieb|sent from my", line.strip()
        ):
            break
        if not line.startswith(">"):
            lines.append(line)
    return "\n".join(lines).strip()
