"""A list of readers from elsewhere: every row is accounted for, a no always wins, and nothing is guessed."""

import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from masthead.importing import members, tables
from masthead.importing.decoding import ImportRefused
from masthead.subscribers import gathering, leaving
from masthead.subscribers.models import Arrival, ConsentRecord, Subscriber, Subscription, Suppression, print_of
from tests import mailroom
from tests.mailroom import reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _newsletter(title):
    return mailroom.newsletter(title)


@pytest.fixture
def bring(title, tmp_path):
    """Bring text or bytes in as a file."""

    def bring(content, name="list.csv", kind="newsletter", **more):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        arrival = Arrival(
            publication=title, kind=kind, evidence="Our old system", column=more.pop("column", ""), brought_by="test"
        )
        return members.bring_in(path, arrival, **more)

    return bring


def confirmed():
    return sorted(Subscription.objects.confirmed().values_list("subscriber__normalised", flat=True))


def counts(report):
    return {name: n for name, n in report.counts.items() if n}


def test_readers_of_a_list_get_mail_and_the_log_says_it_was_a_list(bring):
    report = bring("email,name,optin_time,source\na@example.org,Åse,2019-03-01 10:00,Messe\nb@example.org,李,,\n")
    assert counts(report) == {"taken": 2}
    assert confirmed() == ["a@example.org", "b@example.org"]
    first = ConsentRecord.objects.order_by("pk").first()
    said = first.content
    assert (said["method"], said["said_at"], said["source"]) == ("imported", "2019-03-01 10:00", "Messe")
    assert (said["list"]["file"], said["list"]["row"], said["evidence"]) == ("list.csv", 2, "Our old system")
    assert first.text is None and "text" not in said  # nobody read our words
    assert ConsentRecord.broken_at() is None


def test_the_log_holds_no_address_and_no_ip(bring):
    bring("email,optin_ip,source,optin_time\na@example.org,192.0.2.7,friend@example.org,2020\n")
    assert "example.org" not in str(ConsentRecord.objects.get().content)
    assert "192.0.2.7" not in str(ConsentRecord.objects.get().content)


def test_columns_nobody_asked_for_stay_in_the_file_and_are_named(bring):
    report = bring("Email,First name,Notes,Tags\na@example.org,Åse,likes cables,x\n")
    assert report.left_out == ("First name", "Notes", "Tags")


MAILCHIMP = '"Email Address","First Name","MEMBER_RATING","OPTIN_TIME","OPTIN_IP","CONFIRM_TIME"'


@pytest.mark.parametrize(
    ("name", "content", "fates"),
    [
        (
            "subscribed_members_export_1.csv",
            f'{MAILCHIMP}\n"a@example.org","A",2,"2018-01-01","","2018-01-02"\n',
            {"taken": 1},
        ),
        (
            "unsubscribed_members_export_1.csv",
            f'{MAILCHIMP},"UNSUB_TIME"\n"a@example.org","A",2,"","","","2021-05-05 05:05:05"\n',
            {"left": 1},
        ),
        (
            "cleaned_members_export_1.csv",
            f'{MAILCHIMP},"CLEAN_TIME"\n"a@example.org","A",2,"","","","2021-05-05 05:05:05"\n',
            {"bounced": 1},
        ),
        (
            "members.csv",
            "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
            "1,a@example.org,A,,true,false,,2022-01-01T00:00:00.000Z,,,\n2,b@example.org,B,,false,false,,2022-01-01,,,\n",
            {"taken": 1, "left": 1},
        ),
        (
            "mailpoet.csv",
            "E-mail;First name;Last name;List status;Global status;Subscription IP\n"
            "a@example.org;A;;Subscribed;Subscribed;\nb@example.org;B;;Subscribed;Unsubscribed;\n"
            "c@example.org;C;;Subscribed;Unconfirmed;\nd@example.org;;;Subscribed;Bounced;\n",
            {"taken": 1, "left": 1, "not_confirmed": 1, "bounced": 1},
        ),
        (
            "the-newsletter-plugin.csv",
            '"Email";"Name";"Status"\n"a@example.org";"A";"C"\n"b@example.org";"";"S"\n"c@example.org";"";"P"\n',
            {"taken": 1, "not_confirmed": 1, "complained": 1},
        ),
        (
            "listmonk.csv",
            "uuid,email,name,attributes,status\nu,a@example.org,A,{},enabled\nv,b@example.org,B,{},blocklisted\n",
            {"taken": 1, "left": 1},
        ),
    ],
)
def test_exports_are_told_by_their_columns(bring, name, content, fates):
    report = bring(content, name)
    assert counts(report) == fates
    assert report.adds_up
    assert confirmed() == (["a@example.org"] if "taken" in fates else [])


def test_people_mailchimp_knows_who_never_asked_are_refused(bring):
    with pytest.raises(ImportRefused, match="never asked"):
        bring(f'{MAILCHIMP}\n"a@example.org","A",2,"","",""\n', "nonsubscribed_members_export_1.csv")
    assert not Subscriber.objects.exists()


def test_a_state_nobody_understands_takes_nobody_in(bring):
    report = bring("email,status\na@example.org,sort of\nb@example.org,\n")
    assert report.broken == {"no state is given": 1, "a state that is not understood": 1}
    assert "line 2: a state that is not understood (“sort of”)" in report.named
    assert not Subscriber.objects.exists()


# A no wins


def test_who_said_no_elsewhere_is_suppressed_by_a_print_and_not_kept(bring):
    bring("email,status\nno@example.org,unsubscribed\n")
    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().print == print_of("no@example.org")
    assert counts(bring("email\nNO@Example.org\n")) == {"suppressed": 1}


@pytest.mark.parametrize("order", [("yes", "no"), ("no", "yes")])
@pytest.mark.parametrize("apart", [True, False])
def test_in_whatever_order_a_yes_and_a_no_come_the_no_holds(bring, order, apart):
    lines = {"yes": "a@example.org,subscribed\n", "no": "a@example.org,unsubscribed\n"}
    for files in [[line] for line in map(lines.get, order)] if apart else [[lines[o] for o in order]]:
        bring("email,status\n" + "".join(files))
    assert confirmed() == []


def test_who_says_yes_and_no_in_one_list_is_kept_as_a_print_only(bring):
    report = bring("email,status\na@example.org,subscribed\na@example.org,unsubscribed\n")
    assert counts(report) == {"left": 1, "suppressed": 1}
    assert not Subscriber.objects.exists()


def test_a_no_to_one_kind_takes_nothing_from_another(bring):
    bring("email\na@example.org\n")
    assert counts(bring("email,status\na@example.org,unsubscribed\n", kind="events")) == {"left": 1}
    assert confirmed() == ["a@example.org"]
    assert counts(bring("email\na@example.org\n", "again.csv", kind="events")) == {"known": 1}


def test_what_a_reader_said_here_is_never_changed_by_a_list(bring, title):
    yes, no = reader(title, "yes@example.org"), reader(title, "no@example.org")
    no.subscriptions.get().withdraw(method="page")
    before = list(Subscription.objects.values())
    report = bring(
        "email,status\nyes@example.org,unsubscribed\nyes@example.org,bounced\nno@example.org,subscribed\n"
        "yes@example.org,subscribed\n"
    )
    assert counts(report) == {"known": 4}
    assert list(Subscription.objects.values()) == before
    assert not Suppression.objects.exists()
    assert yes.confirmed().exists()


def test_a_suppressed_and_an_erased_address_are_not_brought_back(bring, title):
    leaving.suppress(title, "a@example.org", Suppression.Reason.BOUNCED)
    leaving.erase(reader(title, "b@example.org"))
    assert counts(bring("email\nA@example.org\n b@EXAMPLE.org \n")) == {"suppressed": 2}
    assert not Subscriber.objects.exists()


def test_confirming_here_lifts_what_a_list_said(bring, title):
    from masthead.subscribers import subscribing

    bring("email,status\na@example.org,unsubscribed\n")
    subscriber = reader(title, "a@example.org", kind="events")
    text = gathering.text_for(title, "newsletter")
    wanted = Subscription(subscriber=subscriber, kind="newsletter")
    wanted.ask(text, page="/", mail="x")
    subscribing.confirm(subscriber, [wanted.pk], page="/")
    assert not Suppression.objects.standing().exists()


# Again, and broken off


def test_a_second_run_changes_nothing(bring):
    content = "email,status\na@example.org,subscribed\nb@example.org,unsubscribed\nA@example.org,subscribed\nx,\n"
    first = bring(content)
    assert counts(first) == {"taken": 1, "left": 1, "duplicate": 1, "broken:no state is given": 1}
    before = [list(model.objects.values()) for model in (Subscriber, Subscription, Suppression, ConsentRecord)]
    second = bring(content)
    assert counts(second) == {"known": 3, "broken:no state is given": 1}
    assert [list(m.objects.values()) for m in (Subscriber, Subscription, Suppression, ConsentRecord)] == before


def test_a_run_that_was_killed_goes_on_where_it_stood(bring, monkeypatch):
    monkeypatch.setattr(members, "BATCH", 10)
    content = "email\n" + "".join(f"r{n}@example.org\n" for n in range(35))
    kills = iter([False, False, True])
    take_in = gathering.take_in

    def killed(*args):
        if next(kills):
            raise KeyboardInterrupt
        return take_in(*args)

    monkeypatch.setattr(gathering, "take_in", killed)
    with pytest.raises(KeyboardInterrupt):
        bring(content)
    assert Subscriber.objects.count() == 20
    monkeypatch.setattr(gathering, "take_in", take_in)
    report = bring(content)
    assert (report.went_on_from, report.rows, counts(report)) == (20, 35, {"taken": 35})
    assert Arrival.objects.count() == 1
    assert ConsentRecord.broken_at() is None


def test_a_dry_run_says_the_same_and_enters_nothing(bring, monkeypatch):
    monkeypatch.setattr(members, "BATCH", 2)
    content = (
        "email,status\na@example.org,subscribed\nb@example.org,unsubscribed\nb@example.org,unsubscribed\n"
        "c@example.org,subscribed\nA@example.org,subscribed\n@,subscribed\n"
    )
    dry = bring(content, dry_run=True)
    assert not any(m.objects.exists() for m in (Subscriber, Subscription, Suppression, ConsentRecord, Arrival))
    wet = bring(content)
    assert (
        counts(dry)
        == counts(wet)
        == {"taken": 2, "left": 1, "duplicate": 2, "broken:no address, but something else": 1}
    )


# Odd files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_encoding_and_delimiter_is_read(bring, encoding, delimiter):
    lines = [
        ["Navn", "E-mailadresse"],
        ["Åse Sørensen", "aase@bücher.example"],
        ["Jens, Ærø" if delimiter != "," else "J", "j@example.org"],
    ]
    report = bring("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    assert counts(report) == {"taken": 2}
    assert confirmed() == ["aase@xn--bcher-kva.example", "j@example.org"]


def test_odd_addresses_are_taken_or_refused_each_with_its_reason(bring):
    report = bring(
        "email,name\n"
        '"""a b""@example.org",quoted\n'
        ".dot@example.org,leading dot\n"
        "blåbær@example.org,eight bit\n"
        '"cr\r\nlf@example.org",break\n'
        "two words@example.org,\n"
        "nul\0l@example.org,\n"
        "nobody,\n"
        ",\n"
        "a@localhost,\n"
        f"{'x' * 65}@example.org,\n"
        "Åse <aase@example.org>,\n"
        '"a@example.org","Ma""rie \\"the cable\\" O\'Neill"\n'
    )
    assert report.adds_up
    assert report.count(gathering.Fate.TAKEN) == 2
    assert sum(report.broken.values()) == 10
    assert set(confirmed()) == {'"a b"@example.org', "a@example.org"}


def test_a_quotation_mark_that_is_never_closed_costs_one_line(bring):
    rows = [f"r{n}@example.org,x" for n in range(60)]
    rows[10] = 'r10@example.org,"unclosed'
    report = bring("email,name\n" + "\n".join(rows))
    assert report.count(gathering.Fate.TAKEN) == 59
    assert report.broken == {"quotation marks that do not match": 1}
    assert report.named == ["line 12: quotation marks that do not match"]


def test_a_note_over_some_lines_is_one_row(bring):
    report = bring('email,note\na@example.org,"one\ntwo, ""three""\nfour"\nb@example.org,\n')
    assert counts(report) == {"taken": 2}


def test_one_endless_line_takes_little_memory_and_costs_one_row():
    file = io.BytesIO(b"email\n" + b"x" * 1_000_000 + b"\na@example.org\n")
    lines = list(tables.rows(file, "utf-8", ","))
    assert [line.broken for line in lines] == ["", "longer than a line can be", ""]


def test_a_table_without_headings_is_read_by_its_only_column_of_addresses(bring):
    assert counts(bring("A,a@example.org\nB,b@example.org\n")) == {"taken": 2}


@pytest.mark.parametrize(
    ("content", "column", "sentence"),
    [
        ("name,town\nA,B\n", "", "No column of e-mail addresses was found"),
        ("x,y\na@example.org,b@example.org\n", "", "No column of e-mail addresses was found"),
        ("name,town\nA,B\n", "post", "No column is called “post”. The file has: name, town."),
        ("", "", "The file is empty"),
        (b"PK\x03\x04rest", "", "Save the sheet as CSV"),
    ],
)
def test_a_file_without_addresses_is_refused_in_one_sentence(bring, content, column, sentence):
    with pytest.raises(ImportRefused, match=sentence.replace(".", r"\.")):
        bring(content, column=column)
    assert not Arrival.objects.exists()


def test_a_column_can_be_named(bring):
    assert counts(bring("x,y\na@example.org,b@example.org\n", column="Y")) == {"taken": 1}
    assert confirmed() == ["b@example.org"]


def test_a_title_without_words_for_this_kind_takes_nobody_in(bring):
    Subscription.objects.all().delete()
    from masthead.subscribers.texts import ConsentText

    ConsentText.objects.all().delete()
    with pytest.raises(gathering.NoWords):
        bring("email\na@example.org\n")


def test_the_report_adds_up_whatever_stands_in_the_file(bring):
    import random

    rng = random.Random(7)
    pieces = [
        "a@example.org",
        "b@x.example",
        '"',
        ",",
        ";",
        "\r",
        "\n",
        "\t",
        "@",
        "\\",
        "unsubscribed",
        "é",
        "\0",
        " ",
    ]
    for _round in range(30):
        noise = "".join(rng.choice(pieces) for _ in range(200))
        report = bring("email,status\na@example.org,\n" + noise)
        assert report.adds_up and report.rows
    assert ConsentRecord.broken_at() is None


# At the desk


@pytest.fixture
def desk(client, title, django_user_model):
    user = django_user_model.objects.create_user("redaktør")
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "add_arrival"]))
    client.force_login(user)

    def hand_in(content, name="liste.csv", **more):
        file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
        data = {"publication": title.pk, "kind": "newsletter", "evidence": "Det gamle system", "said_yes": "on"}
        return client.post(reverse("reader_lists:index"), data | {"upload": file} | more)

    return hand_in


def test_a_list_handed_in_at_the_desk_is_brought_in_by_the_clock(desk, client):
    assert desk("email\na@example.org\nb@example.org\nb@example.org\n,\n").status_code == 302
    assert not Subscriber.objects.exists()
    assert members.bring_in_waiting() == 1
    assert confirmed() == ["a@example.org", "b@example.org"]
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.file, arrival.brought_by) == ("done", None, "redaktør")
    page = client.get(reverse("reader_lists:index")).content.decode()
    assert "2 taken in, 1 twice in the list, 1 no address" in page
    assert members.bring_in_waiting() == 0


def test_a_turn_of_the_clock_ends_in_time_and_the_next_goes_on(desk, monkeypatch):
    monkeypatch.setattr(members, "BATCH", 3)
    desk("email\n" + "".join(f"r{n}@example.org\n" for n in range(8)))
    done = [(members.bring_in_waiting(seconds=0), Subscriber.objects.count()) for _turn in range(4)]
    assert done == [(0, 3), (0, 6), (0, 8), (1, 8)]
    assert Arrival.objects.get().counts == {"taken": 8}


def test_two_clocks_at_once_enter_each_row_once(desk, monkeypatch):
    desk("email\na@example.org\nb@example.org\n")
    slow = Arrival.objects.get()
    assert members.bring_in_waiting() == 1
    with pytest.raises(gathering.Overtaken):
        gathering.take_in(
            slow, [gathering.row_of(2, "c@example.org")], gathering.text_for(slow.publication, "newsletter")
        )
    assert not Subscriber.objects.filter(normalised="c@example.org").exists()
    assert Arrival.objects.get().counts == {"taken": 2}
    assert ConsentRecord.broken_at() is None


@pytest.mark.parametrize(
    ("content", "name", "more", "sentence"),
    [
        ("name\nA\n", "liste.csv", {}, "No column of e-mail addresses was found"),
        (b"PK\x03\x04", "liste.xlsx", {}, "Save the sheet as CSV"),
        ("email\na@example.org\n", "nonsubscribed_members.csv", {}, "never asked for mail"),
        ("email\na@example.org\n", "liste.csv", {"said_yes": ""}, "Without a yes nobody may be written to"),
        ("email\na@example.org\n", "liste.csv", {"evidence": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_brought_in_is_said_on_the_page(desk, content, name, more, sentence):
    answer = desk(content, name, **more)
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert not Arrival.objects.exists()


def test_nobody_hands_a_list_in_who_may_not(client, title, django_user_model):
    user = django_user_model.objects.create_user("læser")
    user.user_permissions.set(Permission.objects.filter(codename="access_admin"))
    client.force_login(user)
    assert client.get(reverse("reader_lists:index")).status_code in (302, 403)


def test_a_list_whose_words_were_deleted_meanwhile_is_refused_and_its_file_forgotten(desk):
    from masthead.subscribers.texts import ConsentText

    desk("email\na@example.org\n")
    ConsentText.objects.all().delete()
    assert members.bring_in_waiting() == 0
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.file) == ("refused", None) and "no consent text" in arrival.note
