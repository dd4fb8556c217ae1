"""The words servers use, by what they mean, in the languages bounces come in. Nothing here decides: see `judging`.

Each pattern is matched against cleaned text: addresses, hosts and links are replaced (`judging.cleaned`), so that
"spam" in the name of a server or "unknown" in an address proves nothing. Gaps are bounded and stop at a full stop.
"""

import re

_GAP = r"[^.;|]{0,60}?"

# Who is spoken of: a person's place for mail, never the sender and never the message.
_WHO = (
    r"(?:user(?:s|name|id)?|recipients?(?:'s)?|mail ?box(?:es)?|in ?box|accounts?|(?:e-?)?mail ?address(?:es)?|"
    r"address(?:es|ees?)?|mail ?user|person|alias|customer|local ?part|user ?id|rcpt|subscriber|mailaddr|member)"
)
_GONE = (
    r"(?:unknown|unrecogni[sz]ed|not found|(?:could|was|can|is)(?:n['’]t| ?not) (?:be )?(?:found|located|recogni[sz]ed)|"
    r"(?:does|did|do)(?:n['’]t| not) (?:currently )?exists?|not (?:currently )?exists?|non-?exist[ae]nt|"
    r"(?:is |was |are )?(?:invalid|illegal)|not (?:a |an )?(?:valid|known|listed|recogni[sz]ed|registered|existing|"
    r"defined|local|active|deliverable|correct|in use)|isn['’]t (?:valid|active|known|listed)|"
    r"no longer (?:exists?|valid|available|active|in (?:use|service)|employed|accepts?|here|used|on (?:this )?server|"
    r"receiv(?:es|ing)|with us|an active|hosted|works?))"
)
_OFF = (
    r"(?:disabled|deactivated|discontinued|suspended|closed|deleted|terminated|cancel+ed|inactive|expired|"
    r"de-?provisioned|retired|decommissioned|abandoned|dormant|removed)"
)

MAILBOX_GONE = re.compile(
    rf"\b{_WHO}\b{_GAP}\b{_GONE}\b"
    rf"|\b(?:unknown|invalid|bad|illegal|incorrect|non-?exist[ae]nt|unrecogni[sz]ed|undefined|no such|not a known|"
    rf"not (?:a )?valid|not our|no valid|wrong)[ -](?:or (?:illegal|invalid) )?(?:final delivery |local |destination |"
    rf"(?:e-?)?mail(?:box)? |virtual |recipient |remote |smtp |user )?{_WHO}\b"
    r"|\bno (?:mail ?box|user|account|person|one|recipient|such \w+)\b[^.;|]{0,30}\b(?:here|by that name|at this|with that|found)"
    r"|\bno (?:such|matching) (?:user|recipient|mailbox|address|account|person|alias|local|member|entry)"
    r"|\bno account by that name|\bthere is no (?:such )?(?:user|mailbox|account|one|recipient)\b"
    r"|\b(?:does|do)(?:n['’]t| not) have an?\b[^.;|]{0,40}\b(?:account|mailbox|user|final e-?mail delivery point)"
    r"|\bnot listed in\b[^.;|]{0,40}(?:directory|address book|book)"
    r"|\bno matches to nameserver query|\bdid not (?:exactly )?match an?\b[^.;|]{0,40}\baddress"
    r"|\brecipient name is not recogni[sz]ed|\b(?:recipient|recip)_?not_?found|\bnot our customer|\bnobody here by"
    r"|\b(?:e-?mail )?address(?: you (?:entered|sent|typed)[^.;|]{0,40})? (?:couldn['’]t|wasn['’]t|could not|was not) (?:be )?found"
    r"|\bcouldn['’]t be found (?:at|or)|\bwasn['’]t found at\b|^\W{0,5}address not found"
    r"|\bno longer (?:accepts?|receives?|takes?) (?:any )?(?:e-?)?mail|\bno longer (?:works? (?:here|for|at)|employed)"
    r"|\bhas left the (?:company|organi[sz]ation)|\bmoved permanently|\bnot a (?:local|mail) user\b"
    r"|\bbad destination mailbox|\binvalid mailbox|\bmailbox owner has changed|\bhas changed owner"
    r"|\b(?:this|the) address is (?:not|no longer) in service|\bundeliverable address\b[^.;|]{0,40}\b(?:unknown|invalid)"
    r"|\bis wrong or no longer valid|\binvalid-?recipient|\bbad-?mailbox\b|\bnot in (?:the |our )?(?:directory|ldap)"
    r"|\bnot known (?:here|at this)|\bdoes not like recipient\W+remote host said:? 550\W+5\.1\.1",
    re.IGNORECASE | re.MULTILINE,
)

MAILBOX_OFF = re.compile(
    rf"\b(?:account|mail ?box|user|recipient|in ?box|address|customer)\b(?:[^.;|]{{0,60}}?\b(?:is|has been|was|been|are|"
    rf"has)\W+(?:\w+\W+){{0,2}}?|\W+(?:status:?\W+)?){_OFF}\b"
    rf"|\b(?:disabled|inactive|closed|suspended|deleted|expired|deactivated|terminated|de-?activated) "
    rf"(?:user|account|mail ?box|recipient|e-?mail|address)\b"
    r"|\bdisabled or discontinued|\bmail ?box disabled|\bnot an active (?:account|user|mailbox|address)",
    re.IGNORECASE,
)

# True only together with a reply of the 5xx kind: RFC 5321 uses the same words for 450.
MAILBOX_UNAVAILABLE = re.compile(
    r"\bmail ?box (?:is )?(?:unavailable|not available)|\b(?:recipient|#?5\.1\.0) ?address rejected\.?\W*$"
    r"|^\W*(?:5\d\d\W+)?(?:#?5\.1\.0\W+)?address rejected|\bunrout(?:e)?able address\b|\bundeliverable recipient",
    re.IGNORECASE | re.MULTILINE,
)

DOMAIN_GONE = re.compile(
    r"\b(?:host|domain|mail exchanger|mx host|site)(?: name| or domain name)?\b[^.;|]{0,40}?\b(?:not found|unknown|"
    r"does(?:n['’]t| not) exist|non-?exist[ae]nt|(?:could|was)(?:n['’]t| not) (?:be )?found|invalid|no longer exists|expired)"
    r"|\b(?:unknown|no such|bad|invalid|non-?exist[ae]nt|illegal) (?:host|domain|mail domain|destination)(?: name)?\b"
    r"|\bnxdomain\b|nonexistentdomain|\bnull ?mx\b|\bunrout(?:e)?able (?:mail )?domain"
    r"|\bdomain\b[^.;|]{0,40}\bdoes(?:n['’]t| not) accept (?:any )?(?:e-?)?mail|\bdoes not accept mail \(null ?mx\)"
    r"|\bcould(?:n['’]t| not) find any host|\bcould(?:n['’]t| not) find a mail exchanger|\bno mail exchanger"
    r"|\ball relevant mx records point to non-?existent|\bmx (?:record )?(?:points to|is) (?:an? )?(?:invalid|empty)"
    r"|\bunable to find (?:any )?(?:a )?(?:mx|mail exchanger|host)\b|\bdomain not found\b|\bno mx (?:record|host)s?\b"
    r"|\bdomain (?:you sent|name)[^.;|]{0,30}couldn['’]t be found|\bdomain has (?:changed owner|no (?:mx|mail))",
    re.IGNORECASE,
)

POLICY = re.compile(
    r"\bspam(?:ming|mer|my)?\b|\bspam[- ]|\bunsolicited|\bbulk (?:e-?)?mail\b|\b(?:black|block|deny|allow|white)[- ]?list|"
    r"\bblocked\b|\bblock(?:ing|s)?\b|\bdnsbl|\brbl\b|\breputation|\bpolic(?:y|ies)\b|\bspf\b|\bdkim\b|\bdmarc\b|"
    r"\bsender (?:id|policy)|\bunauthenticated|\bnot authenticated|\bauthentication (?:is )?(?:required|failed|checks?)|"
    r"\bauth required|\bcontent (?:filter|reject|refus|block|violat|not accept|restrict)|\bvirus|\bmalware|\binfected|"
    r"\bphish|\baccess (?:is )?denied|\bpermission denied|\b(?:not|un)[- ]?(?:authori[sz]ed|permitted|allowed)\b|"
    r"\bdon['’]t have permission|\bmay not have permission|\brestricted\b|\bprohibit|\bforbidden|\bbanned|\bsuspicious|"
    r"\brelay(?:ing)?\b[^.;|]{0,20}\b(?:denied|not|prohibited|rejected)|\b(?:unable to|cannot|can['’]t|do not|don['’]t|won['’]t) relay|"
    r"\brcpthosts|\bsender (?:address|domain|verif|host|rejected|denied|not|is|unknown|does|blocked|refused)|"
    r"\b(?:unknown|invalid|bad|forged|fake|unverified) (?:sender|return[- ]?path|from)|\bdomain of sender|\benvelope sender|"
    r"\bsender['’]s (?:address|domain|ip|server)|\bmail from\b|\bfrom address\b|\bfrom header|\bhelo\b|\behlo (?:name|domain|host)|"
    r"\breverse (?:dns|lookup)|\bptr\b|\brdns|\bclient host|\byour (?:ip|host|server|domain|network|mail ?server|isp)\b"
    r"[^.;|]{0,40}\b(?:reject|den[iy]|refus|listed|violat|identified|not allowed)|"
    r"\bnot accepting (?:e-?)?mail from|\b(?:message|mail)(?: was| has been| is)? (?:rejected|refused|denied) (?:by|for|due|as|because)|"
    r"\b(?:message|mail|e-?mail) (?:content )?(?:refused|rejected)|\bcontent\b[^.;|]{0,20}\brejected|\bmessage filtered|"
    r"\battachments? [^.;|]{0,30}\b(?:not|reject|type|extension)|\bcomplaints?\b|\bbounce (?:messages?|address)\b[^.;|]{0,20}\bnot|\bchallenge|\bwe do not accept|"
    r"\binsecure|\bmust (?:issue a )?starttls|\btls (?:is )?required|\bencryption required|\bnot (?:a )?member\b|"
    r"\bmoderat|\bonly accepts? (?:messages|mail)|\bhoneypot|\bspamtrap|\bbarracuda|\bspamcop|\bspamhaus|\bbayes|\bdisclaim",
    re.IGNORECASE,
)

FULL_OR_LARGE = re.compile(
    r"\b(?:over[- ]?|disk |mail )?quota\b|\bover ?quota|exdiskquota|"
    r"\b(?:mail ?box|in ?box|mail ?folder|mail ?drop|mail ?file|mail ?store|storage|account|disk|partition|spool|user)\b"
    r"[^.;|]{0,50}\b(?:full|exceed\w*|over (?:its|the|their|quota|limit|allocat)\w*|size limit|too much)|"
    r"\bfull (?:mail ?box|in ?box)|\binsufficient (?:system |disk |mailbox )?(?:storage|space|resources)|\bno (?:space|disk|room)\b|"
    r"\bnot enough (?:disk |storage )?(?:space|room)|\bspace not enough|\bout of (?:storage|space|disk|memory|resources)|"
    r"\btoo (?:large|big|long|much mail)|\blarger than|\bsize (?:limit|exceed|restrict)|\bmaximum (?:\w+ ){0,3}size|"
    r"\bexceed\w*\b[^.;|]{0,50}\b(?:size|limit|maximum|storage|allocation|quota|space)|\bstorage (?:allocation|limit)|\ballocat\w+ (?:storage|space)",
    re.IGNORECASE,
)

TEMPORARY = re.compile(
    r"\btemporar|\bgr[ea]y[- ]?list|\bdefer+|\brate[- ]?limit|\bthrottl|\btoo many|\btoo (?:fast|frequent|quickly)|\boverload|"
    r"\b(?:too|server|system|mailbox|is) busy|\btry(?:ing)? (?:again|it again|your message) (?:later|in)|\btry later|\bretry later|"
    r"\bplease (?:re)?try (?:again )?later|\bat a rate|"
    r"\bmail(?:box)? (?:is )?(?:locked|in use|busy)|\binternal (?:server )?error|\bsystem (?:error|resources|problem|down)|\bmaintenance|"
    r"\b(?:local|configuration|software) error|\bcurrently (?:unavailable|not available|unable|disabled)",
    re.IGNORECASE,
)

CONNECTION = re.compile(
    r"\bloop(?:ing|s|ed)?\b|\bhop count|\btimed? ?-?out|\btime-?out|\bconnection (?:refused|reset|failed|dropped|lost|closed|timed|died)|\blost connection|"
    r"\bno route|\bunreachable|\bnot re(?:sponding|achable)|\b(?:can['’]?t|cannot|could ?n['’]?o?t|unable to|was not able to|wasn['’]t able to) "
    r"(?:\w+ ){0,3}connect|\bretry (?:time|timeout)|\bexpired\b|\btoo long\b|\bno answer|\bname ?server (?:error|fail|time)|\btry again|"
    r"\bmaximum (?:delivery )?(?:attempts|time)|\bdelivery (?:attempts|time)|\bhas not been collected|\bservfail|\blookup (?:failure|failed|error|tim)|"
    r"\bdns (?:error|failure|query failed|problem|lookup|server fail)|\bestablish an? \w+ connection|\bserver (?:unavailable|is down|not available)|"
    r"\bfind a gateway|\brefused to talk|\bresolv\w+ (?:failed|error|timed)|\bconnect to\b",
    re.IGNORECASE,
)

# The same two things in other languages: (no such mailbox or it is closed, mailbox full or message too large).
_OTHER_LANGUAGES_GONE = (
    r"(?:empf(?:ä|ae|a)nger|benutzer|nutzer|adress(?:e|at)|postfach|konto|mailbox|teilnehmer)\w*[^.;]{0,60}?(?:unbekannt|"
    r"nicht (?:gefunden|bekannt|vorhanden|g(?:ü|ue)ltig|mehr (?:aktiv|g(?:ü|ue)ltig|erreichbar)|registriert)|existiert (?:leider )?nicht|"
    r"nicht existent|ung(?:ü|ue)ltig|deaktiviert|gel(?:ö|oe)scht|geschlossen|gibt es nicht)",
    r"(?:unbekannter|ung(?:ü|ue)ltiger|kein solcher) (?:empf(?:ä|ae)nger|benutzer|nutzer)|unbekannte adresse",
    r"(?:utilisateur|destinataire|adresse|bo[iî]te|compte|abonn[ée])\w*[^.;]{0,70}?(?:inconnu|n['’ ]existe(?:nt)? (?:pas|plus)|"
    r"introuvable|non (?:trouv|recens|valide|reconnu)|invalide|inexistant|d[ée]sactiv|supprim|ferm[ée]e?\b|n['’]est (?:pas|plus) (?:valide|active?))",
    r"(?:usuario|destinatario|direcci[oó]n|buz[oó]n|cuenta|casilla)\w*[^.;]{0,60}?(?:desconocid|no existe|inexistente|"
    r"no (?:\w+ ){0,2}(?:encontr|v[aá]lid)|inv[aá]lid|desactivad|deshabilitad|suspendid|cancelad|dada de baja)|usuario no encontrado",
    r"(?:utente|destinatario|indirizzo|casella|account)\w*[^.;]{0,60}?(?:sconosciut|non esist|inesistente|"
    r"non (?:\w+ ){0,2}(?:trovat|valid|riconosciut|attiv|presente)|disattivat|disabilitat|cessat)",
    r"(?:usu[aá]rio|utilizador|destinat[aá]rio|endere[cç]o|caixa|conta)\w*[^.;]{0,60}?(?:desconhecid|n[aã]o exist|inexistente|"
    r"n[aã]o (?:\w+ ){0,2}(?:encontrad|v[aá]lid|localizad)|inv[aá]lid|desativad|cancelad|suspens)",
    r"(?:gebruiker|ontvanger|adres|postbus|postvak|mailbox|account|geadresseerde)\w*[^.;]{0,60}?(?:onbekend|bestaat (?:\w+ )?niet|niet (?:gevonden|bekend)|"
    r"ongeldig|niet (?:meer )?(?:actief|geldig|in gebruik)|opgeheven|verwijderd)|onbekende (?:gebruiker|ontvanger)",
    r"(?:bruger|bruker|användar|modtager|mottaker|mottagar|adresse|postkasse|postboks|brevlåd|konto|e-?postadress)\w*[^.;]{0,60}?"
    r"(?:ukendt|ukjent|okänd|(?:findes|finnes|finns|eksisterer|existerar) (?:ikke|inte)|kunne ikke (?:findes|finnes)|kunde inte hittas|"
    r"(?:blev|ble) ikke (?:fundet|funnet)|hittades inte|ugyldig|ogiltig|nedlagt|lukket|stengt|stängd|avslutad|deaktiver|avaktiver|inaktiv)",
    r"(?:ukendt|ukjent|okänd) (?:bruger|bruker|användare|modtager|mottaker|mottagare)|tuntematon (?:vastaanottaja|käyttäjä)",
    r"(?:u[zż]ytkownik|adresat|odbiorc|adres|skrzynk|kont)\w*[^.;]{0,60}?(?:nieznan|nie istnieje|nie (?:\w+ )?(?:znalezion|odnalezion)|"
    r"nieprawid[lł]ow|nieaktywn|usuni[eę]t)|nie ma takiego (?:u[zż]ytkownika|adresu|konta)",
    r"(?:пользовател|получател|адрес|ящик|уч[её]тн|аккаунт)\w*[^.;]{0,60}?(?:не ?существует|не найден|неизвест|недействител|"
    r"не зарегистрир|отключ|удал[её]н)|нет такого|несуществующ|неизвестн\w+ (?:пользовател|получател|адрес)",
    r"(?:宛先|あて先|受信者|受信人|ユーザ|アドレス|アカウント)[^。]{0,40}?(?:見つかりません|存在しません|不明|無効|ありません|登録されていません)|(?:宛先|あて先)不明",
    r"(?:用户|用戶|收件人|帐[号户]|账[号户]|帳[號戶]|邮箱|郵箱|邮件地址|地址|使用者|收件者|信箱)[^。]{0,30}?(?:不存在|未知|找不到|无效|無效|不正确|停用|禁用|注销)|"
    r"不存在的?(?:用户|邮箱|收件人)|查无此人|无此用户|無此(?:使用者|帳號|用戶)",
    r"(?:사용자|수신자|수신인|메일 ?주소|계정)[^.]{0,30}?(?:존재하지|없습니다|없는|찾을 수 없|알 수 없)",
    r"(?:u[zž]ivatel|p[rř][ií]jemce|adresa|schr[aá]nka)\w*[^.;]{0,40}?(?:neexistuje|nezn[aá]m|nenalezen)|"
    r"(?:felhaszn[aá]l[oó]|c[ií]mzett|c[ií]m)\w*[^.;]{0,40}?(?:ismeretlen|nem l[eé]tezik)|(?:kullan[ıi]c[ıi]|al[ıi]c[ıi])\w*[^.;]{0,40}?bulunamad[ıi]",
)
_OTHER_LANGUAGES_FULL = (
    r"postfach[^.;]{0,50}?(?:voll|(?:ü|ue)berf(?:ü|ue)llt|(?:ü|ue)berschritten)|speicherplatz|kontingent|zu gro(?:ß|ss)",
    r"(?:bo[iî]te|compte|messagerie)[^.;]{0,60}?(?:pleine|plein\b|satur|d[ée]pass)|espace (?:\w+ )?insuffisant|trop volumineux",
    r"(?:buz[oó]n|casilla|cuenta)[^.;]{0,50}?(?:llen[oa]|exced|cuota)|\bcuota\b|sin espacio|demasiado grande",
    r"casella[^.;]{0,50}?piena|spazio (?:\w+ )?(?:esaurito|insufficiente)|troppo grande|superat[oa] (?:la |il )?(?:quota|limite)",
    r"caixa[^.;]{0,50}?(?:cheia|lotada|exced)|\bcota\b|muito grande|sem espa[cç]o",
    r"(?:postvak|postbus|mailbox|brievenbus)[^.;]{0,40}?\bvol\b|quotum|te groot",
    r"(?:postkasse|indbakke|postboks|innboks|brevlåd|inkorg|mailboks|mailbox)\w*[^.;]{0,40}?(?:fuld|full\b|fyldt|overskred|överskr)|\bkvot[ea]?\b|for stor\b|för stor",
    r"skrzynk\w*[^.;]{0,50}?(?:pe[lł]n|przepe[lł]n|przekrocz)|przekroczon\w+ (?:limit|pojemno)",
    r"ящик\w*[^.;]{0,60}?(?:переполн|заполн)|превыш\w+[^.;]{0,30}?(?:квот|размер|лимит)|недостаточно места",
    r"メールボックス[^。]{0,30}?(?:いっぱい|一杯|満杯|容量|超)|容量[^。]{0,20}?(?:超|不足)|サイズ[^。]{0,20}?超",
    r"(?:邮箱|郵箱|信箱|空间|空間|容量)[^。]{0,30}?(?:已满|已滿|满|滿|不足|超)|배달.{0,20}용량|(?:용량|편지함|메일함|사서함)[^.]{0,20}?(?:초과|가득|부족)",
)
GONE_ELSEWHERE = re.compile("|".join(_OTHER_LANGUAGES_GONE), re.IGNORECASE)
FULL_ELSEWHERE = re.compile("|".join(_OTHER_LANGUAGES_FULL), re.IGNORECASE)
