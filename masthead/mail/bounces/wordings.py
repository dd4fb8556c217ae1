"""The words servers use, by what they mean. Nothing here decides: see `judging`; other languages: see `languages`.

Each pattern is matched against cleaned text: addresses, hosts and links are replaced (`judging.cleaned`), so that
"spam" in the name of a server or "unknown" in an address proves nothing. Gaps are bounded and stop at a full stop.
"""

import re

# Who is spoken of: a person's place for mail, never the sender and never the message.
_WHO = (
    r"(?:user(?:s|name|id)?|recipients?(?:'s)?|mail ?box(?:es)?|in ?box|accounts?|(?:e-?)?mail ?address(?:es)?|"
    r"address(?:es|ees?)?|mail ?user|person|alias|customer|local[ -]?part|user ?id|rcpt|subscriber|mailaddr|member)"
)
_GAP = r"[^.;|]{0,60}?"
_GONE = (
    r"(?:unknown|unrecogni[sz]ed|not found|(?:could|was|can|is)(?:n['’]t| ?not) (?:be )?(?:found|located|"
    r"recogni[sz]ed)|(?:does|did|do)(?:n['’]t| not) (?:currently )?exists?|not (?:currently )?exists?|"
    r"non-?exist[ae]nt|(?:is |was |are )?(?:invalid|illegal)|not (?:a |an )?(?:valid|known|listed|recogni[sz]ed|"
    r"registered|existing|defined|local|active|deliverable|correct|in use)|isn['’]t (?:valid|active|known|listed)|"
    r"no longer (?:exists?|valid|available|active|in (?:use|service)|employed|accepts?|here|used|"
    r"on (?:this )?server|receiv(?:es|ing)|with us|an active|hosted|works?))"
)
_OFF = (
    r"(?:disabled|deactivated|discontinued|suspended|closed|deleted|terminated|cancel+ed|inactive|expired|"
    r"de-?provisioned|retired|decommissioned|abandoned|dormant|removed)"
)


def any_of(*wordings: str) -> re.Pattern[str]:
    """Returns one pattern for any of several, in whatever case; ^ and $ are those of a line."""
    return re.compile("|".join(wordings), re.IGNORECASE | re.MULTILINE)


MAILBOX_GONE = any_of(
    rf"\b{_WHO}\b{_GAP}\b{_GONE}\b",
    rf"\b(?:unknown|invalid|bad|illegal|incorrect|non-?exist[ae]nt|unrecogni[sz]ed|undefined|no such|"
    rf"not a known|not (?:a )?valid|not our|wrong)[ -](?:or (?:illegal|invalid) )?(?:final delivery |"
    rf"local |destination |(?:e-?)?mail(?:box)? |virtual |recipient |remote |smtp |user )?{_WHO}\b",
    r"\bno (?:mail ?box|user|account|person|one|recipient|such \w+)\b[^.;|]{0,30}\b(?:here|by that name|"
    r"at this|with that|found|available)",
    r"\bno (?:such|matching) (?:user|recipient|mailbox|address|account|person|alias|local|member|entry)",
    r"\bno account by that name",
    r"\bthere is no (?:such )?(?:user|mailbox|account|one|recipient)\b",
    r"\b(?:does|do)(?:n['’]t| not) have an?\b[^.;|]{0,40}\b(?:account|mailbox|user|final e-?mail delivery point)",
    r"\bnot listed in\b[^.;|]{0,40}(?:directory|address book|book)",
    r"\bno matches to nameserver query",
    r"\bdid not (?:exactly )?match an?\b[^.;|]{0,40}\baddress",
    r"\brecipient name is not recogni[sz]ed",
    r"\b(?:recipient|recip)_?not_?found",
    r"\bnot our customer",
    r"\bnobody here by",
    r"\b(?:e-?mail )?address(?: you (?:entered|sent|typed)[^.;|]{0,40})? (?:couldn['’]t|wasn['’]t|could not|"
    r"was not) (?:be )?found",
    r"\bcouldn['’]t be found (?:at|or)",
    r"\bwasn['’]t found at\b",
    r"^\W{0,5}address not found",
    r"\bno longer (?:accepts?|receives?|takes?) (?:any )?(?:e-?)?mail",
    r"\bno longer (?:works? (?:here|for|at)|employed)",
    r"\bhas left the (?:company|organi[sz]ation)",
    r"\bmoved permanently",
    r"\bnot a (?:local|mail) user\b",
    r"\bbad destination mailbox",
    r"\binvalid mailbox",
    r"\bmailbox owner has changed",
    r"\bhas changed owner",
    r"\b(?:this|the) address is (?:not|no longer) in service",
    r"\bundeliverable address\b[^.;|]{0,40}\b(?:unknown|invalid)",
    r"\bis wrong or no longer valid",
    r"\binvalid[-_]?recipient",
    r"\bbad[-_](?:mailbox|recipient|address)\b",
    r"\bunrout(?:e)?able (?:e-?mail )?address\b",  # Exim: no such local part, or a domain without mail
    r"\bnot in (?:the |our )?(?:directory|ldap)",
    r"\bnot known (?:here|at this)",
    r"\bdoes not like recipient\W+remote host said:? 550\W+5\.1\.1",
)

MAILBOX_OFF = any_of(
    rf"\b(?:account|mail ?box|user|recipient|in ?box|address|customer)\b(?:{_GAP}\b(?:is|has been|was|been|are|"
    rf"has)\W+(?:\w+\W+){{0,2}}?|\W+(?:status:?\W+)?){_OFF}\b",
    r"\b(?:disabled|inactive|closed|suspended|deleted|expired|deactivated|terminated|de-?activated) (?:user|"
    r"account|mail ?box|recipient|e-?mail|address)\b",
    r"\bdisabled or discontinued",
    r"\bmail ?box disabled",
    r"\bnot an active (?:account|user|mailbox|address)",
)

# True only together with a reply of the 5xx kind: RFC 5321 uses the same words for 450.
MAILBOX_UNAVAILABLE = any_of(
    r"\bmail ?box (?:is )?(?:unavailable|not available)",
    r"\b(?:recipient|#?5\.1\.0) ?address rejected\.?\W*$",
    r"(?:^\W*(?:smtp;\W*)?(?:5\d\d\W+)?|5\.1\.0\W+)address rejected",
    r"\bundeliverable recipient",
)

DOMAIN_GONE = any_of(
    r"\b(?:host|domain|mail exchanger|mx host|site)(?: name| or domain name)?\b[^.;|]{0,40}?\b(?:not found|"
    r"unknown|does(?:n['’]t| not) exist|non-?exist[ae]nt|(?:could|was)(?:n['’]t| not) (?:be )?found|invalid|"
    r"no longer exists|expired)",
    r"\b(?:unknown|no such|bad|invalid|non-?exist[ae]nt|illegal) (?:host|domain|mail domain|"
    r"destination)(?: name)?\b",
    r"\bnxdomain\b",
    r"nonexistentdomain",
    r"\bnull ?mx\b",
    r"\bunrout(?:e)?able (?:mail )?domain",
    r"\bdomain\b[^.;|]{0,40}\bdoes(?:n['’]t| not) accept (?:any )?(?:e-?)?mail",
    r"\bcould(?:n['’]t| not) find any host",
    r"\bcould(?:n['’]t| not) find a mail exchanger",
    r"\bno mail exchanger",
    r"\ball relevant mx records point to non-?existent",
    r"\bmx (?:record )?(?:points to|is) (?:an? )?(?:invalid|empty)",
    r"\bunable to find (?:any )?(?:a )?(?:mx|mail exchanger|host)\b",
    r"\bdomain not found\b",
    r"\bno mx (?:record|host)s?\b",
    r"\bname or service not known",
    r"\bhost found but no data record",  # Postfix: the domain is there and has neither MX nor address
    r"\bdomain (?:you sent|name)[^.;|]{0,30}couldn['’]t be found",
    r"\bdomain has (?:changed owner|no (?:mx|mail))",
)

# Who we are, what we wrote or how we sent it: never the mailbox.
POLICY = any_of(
    r"\b(?:anti)?spam(?:ming|mer|my)?\b",
    r"\bunsolicited",
    r"\bbulk (?:e-?)?mail\b",
    r"\b(?:black|block|deny|allow|white)[- ]?list",
    r"\bblock(?:ed|ing|s)?\b",
    r"\bdnsbl",
    r"\brbl\b",
    r"\breputation",
    r"\bpolic(?:y|ies)\b",
    r"\bspf\b",
    r"\bdkim\b",
    r"\bdmarc\b",
    r"\bsender (?:id|policy)",
    r"\bunauthenticated",
    r"\bnot authenticated",
    r"\bauthentication (?:is )?(?:required|failed|checks?)",
    r"\bauth required",
    r"\bcontent (?:filter|reject|refus|block|violat|not accept|restrict)",
    r"\bvirus",
    r"\bmalware",
    r"\binfected",
    r"\bphish",
    r"\baccess (?:is )?denied",
    r"\bpermission denied",
    r"\b(?:not|un)[- ]?(?:authori[sz]ed|permitted|allowed)\b",
    r"\b(?:no|not have|n['’]t have) permission",
    r"\bpassword\b",
    r"\brestricted\b",
    r"\bprohibit",
    r"\bforbidden",
    r"\bbanned",
    r"\bsuspicious",
    r"\brelay(?:ing)?\b[^.;|]{0,20}\b(?:denied|not|prohibited|rejected)",
    r"\b(?:unable to|cannot|can['’]t|do not|don['’]t|won['’]t) relay",
    r"\brcpthosts",
    r"\bsender (?:address|domain|verif|host|rejected|denied|not|is|unknown|does|blocked|refused)",
    r"\b(?:unknown|invalid|bad|forged|fake|unverified) (?:sender|return[- ]?path|from)",
    r"\bdomain of sender",
    r"\benvelope sender",
    r"\bsender['’]s (?:address|domain|ip|server)",
    r"\bmail from\b",
    r"\bfrom address\b",
    r"\bfrom header",
    r"\bhelo\b",
    r"\behlo (?:name|domain|host)",
    r"\breverse (?:dns|lookup|host)",
    r"\bptr\b",
    r"\brdns",
    r"\bclient host",
    r"\byour (?:ip|host|server|domain|network|mail ?server|isp)\b[^.;|]{0,40}\b(?:reject|den[iy]|refus|listed|"
    r"violat|identified|not allowed|not found|not exist|not resolve|unknown|no mx)",
    r"\bnot accepting (?:e-?)?mail from",
    r"\b(?:message|mail)(?: was| has been| is)? (?:rejected|refused|denied) (?:by|for|due|as|because)",
    r"\b(?:message|mail|e-?mail) (?:content )?(?:refused|rejected)",
    r"\bcontent\b[^.;|]{0,20}\brejected",
    r"\bmessage filtered",
    r"\battachments? [^.;|]{0,30}\b(?:not|reject|type|extension)",
    r"\bcomplaints?\b",
    r"\bbounce (?:messages?|address)\b[^.;|]{0,20}\bnot",
    r"\bchallenge",
    r"\bwe do not accept",
    r"\binsecure",
    r"\bmust (?:issue a )?starttls",
    r"\btls (?:is )?required",
    r"\bencryption required",
    r"\bnot (?:a )?member\b",
    r"\bmoderat",
    r"\bonly accepts? (?:messages|mail)",
    r"\bhoneypot",
    r"\bspamtrap",
    r"\bbarracuda",
    r"\bspamcop",
    r"\bspamhaus",
    r"\bbayes",
    r"\bdisclaim",
)

FULL_OR_LARGE = any_of(
    r"\b(?:over[- ]?|disk |mail )?quota\b",
    r"\bover ?quota",
    r"exdiskquota",
    r"\b(?:mail ?box|in ?box|mail ?folder|mail ?drop|mail ?file|mail ?store|storage|account|disk|partition|"
    r"spool|user)\b[^.;|]{0,50}\b(?:full|exceed\w*|over (?:its|the|their|quota|limit|allocat)\w*|size limit|"
    r"too much)",
    r"\bfull (?:mail ?box|in ?box)",
    r"\binsufficient (?:system |disk |mailbox )?(?:storage|space|resources)",
    r"\bno (?:space|disk|room)\b",
    r"\bnot enough (?:disk |storage )?(?:space|room)",
    r"\bspace not enough",
    r"\bout of (?:storage|space|disk|memory|resources)",
    r"\btoo (?:large|big|long|much mail)",
    r"\blarger than",
    r"\bsize (?:limit|exceed|restrict)",
    r"\bmaximum (?:\w+ ){0,3}size",
    r"\bexceed\w*\b[^.;|]{0,50}\b(?:size|limit|maximum|storage|allocation|quota|space)",
    r"\bstorage (?:allocation|limit)",
    r"\ballocat\w+ (?:storage|space)",
)

TEMPORARY = any_of(
    r"\btemporar",
    r"\bgr[ea]y[- ]?list",
    r"\bdefer+",
    r"\brate[- ]?limit",
    r"\bthrottl",
    r"\btoo many",
    r"\btoo (?:fast|frequent|quickly)",
    r"\boverload",
    r"\b(?:too|server|system|mailbox|is) busy",
    r"\btry(?:ing)? (?:again|it again|your message) (?:later|in)",
    r"\btry later",
    r"\bretry later",
    r"\bplease (?:re)?try (?:again )?later",
    r"\bat a rate",
    r"\bmail(?:box)? (?:is )?(?:locked|in use|busy)",
    r"\binternal (?:server )?error",
    r"\bsystem (?:error|resources|problem|down)",
    r"\bmaintenance",
    r"\b(?:local|configuration|software) error",
    r"\bcurrently (?:unavailable|not available|unable|disabled)",
)

CONNECTION = any_of(
    r"\bloop(?:ing|s|ed)?\b",
    r"\bhop count",
    r"\btimed?[- ]?out",
    r"\bconnection (?:refused|reset|failed|dropped|lost|closed|timed|died)",
    r"\blost connection",
    r"\bno route",
    r"\bunreachable",
    r"\bnot re(?:sponding|achable)",
    r"\b(?:can['’]?t|cannot|could ?n['’]?o?t|unable to|was not able to|wasn['’]t able to) (?:\w+ ){0,3}connect",
    r"\bretry (?:time|timeout)",
    r"\bexpired\b",
    r"\btoo long\b",
    r"\bno answer",
    r"\bname ?server (?:error|fail|time)",
    r"\btry again",
    r"\bmaximum (?:delivery )?(?:attempts|time)",
    r"\bdelivery (?:attempts|time)",
    r"\bhas not been collected",
    r"\bservfail",
    r"\blookup (?:failure|failed|error|tim)",
    r"\bdns (?:error|failure|query failed|problem|lookup|server fail)",
    r"\bestablish an? \w+ connection",
    r"\bserver (?:unavailable|is down|not available)",
    r"\bfind a gateway",
    r"\brefused to talk",
    r"\bresolv\w+ (?:failed|error|timed)",
    r"\bconnect to\b",
)
