"""What `wordings` holds in English, in the other languages bounces come in: no such mailbox, and mailbox full."""

from masthead.mail.bounces.wordings import any_of

# German, French, Spanish, Italian, Portuguese, Dutch, the Nordic languages, Polish, Russian, Japanese, Chinese, Korean,
# Czech, Hungarian and Turkish, in this order.
MAILBOX_GONE = any_of(
    r"(?:empf(?:ä|ae|a)nger|benutzer|nutzer|adress(?:e|at)|postfach|konto|mailbox|"
    r"teilnehmer)\w*[^.;]{0,60}?(?:unbekannt|nicht (?:gefunden|bekannt|vorhanden|g(?:ü|ue)ltig|mehr (?:aktiv|"
    r"g(?:ü|ue)ltig|erreichbar)|registriert)|existiert (?:leider )?nicht|nicht existent|ung(?:ü|ue)ltig|"
    r"deaktiviert|gel(?:ö|oe)scht|geschlossen|gibt es nicht)",
    r"(?:unbekannter|ung(?:ü|ue)ltiger|kein solcher) (?:empf(?:ä|ae)nger|benutzer|nutzer)|unbekannte adresse",
    r"(?:utilisateur|destinataire|adresse|bo[iî]te|compte|abonn[ée])\w*[^.;]{0,70}?(?:inconnu|"
    r"n['’ ]existe(?:nt)? (?:pas|plus)|introuvable|non (?:trouv|recens|valide|reconnu)|invalide|inexistant|"
    r"d[ée]sactiv|supprim|ferm[ée]e?\b|n['’]est (?:pas|plus) (?:valide|active?))",
    r"(?:usuario|destinatario|direcci[oó]n|buz[oó]n|cuenta|casilla)\w*[^.;]{0,60}?(?:desconocid|no existe|"
    r"inexistente|no (?:\w+ ){0,2}(?:encontr|v[aá]lid)|inv[aá]lid|desactivad|deshabilitad|suspendid|cancelad|"
    r"dada de baja)",
    r"usuario no encontrado",
    r"(?:utente|destinatario|indirizzo|casella|account)\w*[^.;]{0,60}?(?:sconosciut|non esist|inesistente|"
    r"non (?:\w+ ){0,2}(?:trovat|valid|riconosciut|attiv|presente)|disattivat|disabilitat|cessat)",
    r"(?:usu[aá]rio|utilizador|destinat[aá]rio|endere[cç]o|caixa|conta)\w*[^.;]{0,60}?(?:desconhecid|"
    r"n[aã]o exist|inexistente|n[aã]o (?:\w+ ){0,2}(?:encontrad|v[aá]lid|localizad)|inv[aá]lid|desativad|"
    r"cancelad|suspens)",
    r"(?:gebruiker|ontvanger|adres|postbus|postvak|mailbox|account|geadresseerde)\w*[^.;]{0,60}?(?:onbekend|"
    r"bestaat (?:\w+ )?niet|niet (?:gevonden|bekend)|ongeldig|niet (?:meer )?(?:actief|geldig|in gebruik)|"
    r"opgeheven|verwijderd)",
    r"onbekende (?:gebruiker|ontvanger)",
    r"(?:bruger|bruker|användar|modtager|mottaker|mottagar|adresse|postkasse|postboks|brevlåd|konto|"
    r"e-?postadress)\w*[^.;]{0,60}?(?:ukendt|ukjent|okänd|(?:findes|finnes|finns|eksisterer|"
    r"existerar) (?:ikke|inte)|kunne ikke (?:findes|finnes)|kunde inte hittas|(?:blev|ble) ikke (?:fundet|"
    r"funnet)|hittades inte|ugyldig|ogiltig|nedlagt|lukket|stengt|stängd|avslutad|deaktiver|avaktiver|inaktiv)",
    r"(?:ukendt|ukjent|okänd) (?:bruger|bruker|användare|modtager|mottaker|mottagare)",
    r"tuntematon (?:vastaanottaja|käyttäjä)",
    r"(?:u[zż]ytkownik|adresat|odbiorc|adres|skrzynk|kont)\w*[^.;]{0,60}?(?:nieznan|nie istnieje|"
    r"nie (?:\w+ )?(?:znalezion|odnalezion)|nieprawid[lł]ow|nieaktywn|usuni[eę]t)",
    r"nie ma takiego (?:u[zż]ytkownika|adresu|konta)",
    r"(?:пользовател|получател|адрес|ящик|уч[её]тн|аккаунт)\w*[^.;]{0,60}?(?:не ?существует|не найден|"
    r"неизвест|недействител|не зарегистрир|отключ|удал[её]н)",
    r"нет такого|несуществующ|неизвестн\w+ (?:пользовател|получател|адрес)",
    r"(?:宛先|あて先|受信者|受信人|ユーザ|アドレス|アカウント)[^。]{0,40}?(?:見つかりません|存在しません|不明|無効|ありません|登録されていません)|(?:宛先|あて先)不明",
    r"(?:用户|用戶|收件人|帐[号户]|账[号户]|帳[號戶]|邮箱|郵箱|邮件地址|地址|使用者|收件者|信箱)[^。]{0,30}?(?:不存在|未知|找不到|无效|無效|不正确|停用|禁用|注销)",
    r"不存在的?(?:用户|邮箱|收件人)|查无此人|无此用户|無此(?:使用者|帳號|用戶)",
    r"(?:사용자|수신자|수신인|메일 ?주소|계정)[^.]{0,30}?(?:존재하지|없습니다|없는|찾을 수 없|알 수 없)",
    r"(?:u[zž]ivatel|p[rř][ií]jemce|adresa|schr[aá]nka)\w*[^.;]{0,40}?(?:neexistuje|nezn[aá]m|nenalezen)",
    r"(?:felhaszn[aá]l[oó]|c[ií]mzett|c[ií]m)\w*[^.;]{0,40}?(?:ismeretlen|nem l[eé]tezik)",
    r"(?:kullan[ıi]c[ıi]|al[ıi]c[ıi])\w*[^.;]{0,40}?bulunamad[ıi]",
)

FULL_OR_LARGE = any_of(
    r"postfach[^.;]{0,50}?(?:voll|(?:ü|ue)berf(?:ü|ue)llt|(?:ü|ue)berschritten)|speicherplatz|kontingent",
    r"zu gro(?:ß|ss)",
    r"(?:bo[iî]te|compte|messagerie)[^.;]{0,60}?(?:pleine|plein\b|satur|d[ée]pass)|espace (?:\w+ )?insuffisant",
    r"trop volumineux",
    r"(?:buz[oó]n|casilla|cuenta)[^.;]{0,50}?(?:llen[oa]|exced|cuota)|\bcuota\b|sin espacio|demasiado grande",
    r"casella[^.;]{0,50}?piena|spazio (?:\w+ )?(?:esaurito|insufficiente)|troppo grande",
    r"superat[oa] (?:la |il )?(?:quota|limite)",
    r"caixa[^.;]{0,50}?(?:cheia|lotada|exced)|\bcota\b|muito grande|sem espa[cç]o",
    r"(?:postvak|postbus|mailbox|brievenbus)[^.;]{0,40}?\bvol\b|quotum|te groot",
    r"(?:postkasse|indbakke|postboks|innboks|brevlåd|inkorg|mailboks|mailbox)\w*[^.;]{0,40}?(?:fuld|full\b|"
    r"fyldt|overskred|överskr)",
    r"\bkvot[ea]?\b|for stor\b|för stor",
    r"skrzynk\w*[^.;]{0,50}?(?:pe[lł]n|przepe[lł]n|przekrocz)|przekroczon\w+ (?:limit|pojemno)",
    r"ящик\w*[^.;]{0,60}?(?:переполн|заполн)|превыш\w+[^.;]{0,30}?(?:квот|размер|лимит)|недостаточно места",
    r"メールボックス[^。]{0,30}?(?:いっぱい|一杯|満杯|容量|超)|容量[^。]{0,20}?(?:超|不足)|サイズ[^。]{0,20}?超",
    r"(?:邮箱|郵箱|信箱|空间|空間|容量)[^。]{0,30}?(?:已满|已滿|满|滿|不足|超)|배달.{0,20}용량|(?:용량|편지함|메일함|사서함)[^.]{0,20}?(?:초과|가득|부족)",
)
