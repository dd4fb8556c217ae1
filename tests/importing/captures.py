"""Captured pages written for these tests, in five languages; every organisation in them is invented."""

# ruff: noqa: E501 -- a captured paragraph is one line, however long

ENGLISH = """\
Home
News
Island grid gets its second cable
The small grid of the Westholm islands will have a second sea cable before winter, and the operator expects fewer outages.
The landing point at Westholm harbour seen from the north. Photo: Gridwise/Harbour Desk.
September 12, 2016
Gridwise
By Harbour Desk
The operator signed the order for the cable on Monday, after two years of planning and three public hearings on the islands.
Read also: Storms took the first cable twice
"We have waited a long time for this, and the islands have paid for the waiting", says the chair of Westholm Grid, Robin Vale.
What happens next
The cable will be laid in October if the weather allows, and it will be tested for a month before it is taken into use.
Advertisement
Related content
2025-12-11 Copper & Sons Ltd
Sponsored
How to choose a cable supplier
2025-12-10 Gridwise
Harbours want shore power
Upcoming events
Standards Guild
Webinar
Reading the new grid code
Three sessions on what the grid code asks of small operators, with examples from four islands.
Date
2025-12-18
Time
14:00 - 15:30
Place
Online via Microsoft Teams
Westholm Grid
Open house
See the landing point
Date
2026-01-10
Place
Westholm Harbour Hall
"""

GERMAN = """\
Inselnetz bekommt zweites Kabel

Das kleine Netz der Inseln soll noch vor dem Winter ein zweites Seekabel bekommen, der Betreiber rechnet mit weniger Ausfällen.

Der Anlandepunkt am Hafen von Westholm. Foto: Hafenredaktion (Archiv)

12. September 2016 | Netzblatt

Von Hafenredaktion

Der Betreiber hat am Montag das Kabel bestellt, nach zwei Jahren der Planung und drei öffentlichen Anhörungen auf den Inseln.

Lesen Sie auch: Stürme zerstörten das erste Kabel

„Wir haben lange darauf gewartet, und die Inseln haben für das Warten bezahlt“, sagt der Vorsitzende von Westholm Netz.

So geht es weiter

Das Kabel soll im Oktober verlegt werden, wenn das Wetter es erlaubt, und es wird einen Monat lang geprüft.

Ähnliche Artikel

11.12.2025Kupferbund GmbH

Anzeige

Wie man einen Lieferanten wählt

10.12.2025Netzblatt

Häfen wollen Landstrom

Veranstaltungen

Alle anzeigen

Normengilde
Schulung
Die neue Netzordnung lesen

Ein zweitägiger Kurs über die Netzordnung, mit Beispielen von vier Inseln und ihren kleinen Betreibern.

Datum

10.-11. Februar 2026

Uhrzeit

9:00 Uhr

Ort

Hybrid: Rathaus Westholm und Zoom
"""

SWEDISH = """\
Önätet får en andra kabel

Det lilla nätet på öarna får en andra sjökabel före vintern, och operatören räknar med färre avbrott än under de senaste åren.

2016-09-12

Nätbladet

Operatören beställde kabeln i måndags, efter två års planering och tre offentliga möten på öarna som alla var välbesökta.

Läs också: Stormar tog den första kabeln

– Vi har väntat länge på detta, och öarna har betalat för väntan, säger ordföranden i Västholms Nät.

/HBR/

Relaterat innehåll

Kopparbolaget AB

Annons

Så väljer du leverantör

Nätbladet

Hamnar vill ha landström

Evenemang

Standardgillet
Seminarium
Läs den nya nätkoden

Datum: 18 december 2025

Plats: Folkets hus, Västholm
"""

NORWEGIAN = """\
Øynettet får en ny kabel
Det lille nettet på øyene får en ny sjøkabel før vinteren, og operatøren regner med færre avbrudd enn de siste årene.
Landingspunktet ved havnen. Foto: Havnedesken
Publisert 12. september 2016 kl. 08.15
Nettbladet
Operatøren bestilte kabelen på mandag, etter to års planlegging og tre åpne møter på øyene, der alle kunne si sin mening.
Les også: Stormer tok den første kabelen
– Vi har ventet lenge på dette, og øyene har betalt for ventetiden, sier styrelederen i Vestholm Nett.
- HBR
Relatert innhold
11.12.2025Kobberlaget AS
Annonsørinnhold
Slik velger du leverandør
"""

DANISH_SMALL = """\
Nyt kabel til øerne

Øerne får et nyt søkabel før vinteren, og netselskabet regner med færre afbrydelser, end der har været i de seneste år.

12.09.2016

Fagbladet

Netselskabet bestilte kablet i mandags efter to års planlægning og tre åbne møder på øerne, hvor alle kunne sige deres mening.
"""
