"""Letters are handed to servers of every temper, and each gets exactly one true result."""

import base64
import itertools
import shutil
import ssl
import subprocess
import threading

import pytest

from masthead.mail.transport import (
    Connection,
    Envelope,
    LoginRefused,
    Outcome,
    Server,
    ServerGone,
    Stage,
    Tls,
    TlsRefused,
    Waits,
    deliver,
)
from tests.mail.server import HANG_UP, SILENCE, ScriptedServer

BODY = b"Subject: x\r\n\r\nHello\r\n"
LOCK_STEP = ("8BITMIME",)
BOTH = pytest.mark.parametrize("extensions", [("PIPELINING",), LOCK_STEP], ids=["pipelining", "lock-step"])
QUICK = Waits(connect=2, greeting=2, command=2, data_block=2, dot=2)


def envelopes(count=3, body=BODY, start=1):
    return [Envelope(n, "b@example.com", f"r{n}@example.com", body) for n in range(start, start + count)]


def line_to(server, **settings):
    return Connection(
        Server("127.0.0.1", server.port, **{"tls": Tls.NONE, "helo": "us.example", "waits": QUICK} | settings)
    )


def hand_over(server, letters=None, **settings):
    """All results, the journal, and whether the server was given up."""
    journal, results, gone = [], [], None
    with line_to(server, **settings) as line:
        try:
            for result in deliver(
                line,
                envelopes() if letters is None else letters,
                before_body=lambda id: journal.append(("B", id)),
                after_reply=lambda id, result: journal.append(("R", id, result.outcome)),
            ):
                results.append(result)
        except ServerGone as error:
            gone = error
    return results, journal, gone


def outcomes(results):
    return [(result.id, str(result.outcome), str(result.stage), result.code) for result in results]


TAKEN = [(n, "accepted", "body", 250) for n in (1, 2, 3)]


@BOTH
def test_every_letter_arrives_once_and_in_order(extensions):
    with ScriptedServer(extensions) as server:
        results, journal, _ = hand_over(server)
    assert outcomes(results) == TAKEN
    assert server.taken == [(f"r{n}@example.com", BODY) for n in (1, 2, 3)]
    assert journal == [entry for n in (1, 2, 3) for entry in (("B", n), ("R", n, "accepted"))]
    assert server.said[0] == "EHLO us.example" and server.said[-1] == "QUIT"


def test_with_pipelining_a_body_leaves_together_with_the_next_letters_commands():
    with ScriptedServer(hold_dot=3) as server:
        results, _, _ = hand_over(server)
    assert outcomes(results) == TAKEN


def test_without_pipelining_no_command_is_sent_before_the_answer_to_the_last():
    with ScriptedServer(LOCK_STEP) as server:
        hand_over(server)
    assert server.talked_over == []


def test_a_server_that_knows_only_helo_is_served():
    with ScriptedServer(EHLO="502 what?") as server:
        results, _, _ = hand_over(server)
    assert outcomes(results) == TAKEN
    assert server.said[1] == "HELO us.example" and server.talked_over == []


def test_a_long_answer_of_several_lines_is_one_reply():
    with ScriptedServer(dot="250-2.0.0 one\n250-2.0.0 two\n250 2.0.0 three") as server:
        results, _, _ = hand_over(server)
    assert results[0].text == "2.0.0 one\n2.0.0 two\n2.0.0 three" and outcomes(results) == TAKEN


@BOTH
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "body"])
@pytest.mark.parametrize(("answer", "outcome"), [("451 4.3.0 later", "deferred"), ("550 5.1.1 no", "rejected")])
def test_a_refusal_of_one_letter_is_told_with_its_stage_and_spares_the_others(extensions, stage, answer, outcome):
    command = "dot" if stage == "body" else stage.upper()
    good = {"dot": "250 ok", "DATA": "354 go"}.get(command, "250 ok")
    with ScriptedServer(extensions, **{command: [good, answer]}) as server:
        results, journal, _ = hand_over(server)
    assert outcomes(results) == [TAKEN[0], (2, outcome, stage, int(answer[:3])), TAKEN[2]]
    assert [recipient for recipient, body in server.taken if body] == ["r1@example.com", "r3@example.com"]
    assert (("B", 2) in journal) == (stage == "body")
    assert server.lines == 1


@BOTH
def test_after_a_refusal_the_next_letter_begins_with_rset_even_in_another_call(extensions):
    with (
        ScriptedServer(extensions, RCPT=["550 no"]) as server,
        line_to(server) as line,
    ):
        list(deliver(line, envelopes(1)))
        results = list(deliver(line, envelopes(1, start=2)))
    assert outcomes(results) == [(2, "accepted", "body", 250)]
    assert "RSET" in server.said[server.said.index("RCPT TO:<r1@example.com>") :]


def test_in_lock_step_a_refused_recipient_gets_no_data_command():
    with ScriptedServer(LOCK_STEP, RCPT="550 no") as server:
        hand_over(server)
    assert "DATA" not in server.said


def test_a_server_that_wants_a_body_for_nobody_gets_a_lone_dot_and_no_letter():
    with ScriptedServer(RCPT=["550 no"], DATA="354 go on", dot=["554 nobody"]) as server:
        results, journal, _ = hand_over(server, envelopes(2))
    assert outcomes(results) == [(1, "rejected", "rcpt", 550), (2, "accepted", "body", 250)]
    assert server.taken == [("r2@example.com", BODY)] and ("B", 1) not in journal


def test_a_server_that_refuses_the_sender_but_wants_a_body_is_left_without_a_dot():
    with ScriptedServer(MAIL=["550 not you"], RCPT="250 ok", DATA="354 go on", lax=True) as server:
        results, _, _ = hand_over(server, envelopes(2))
    assert outcomes(results) == [(1, "rejected", "mail", 550), (2, "accepted", "body", 250)]
    assert server.dots == 1 and server.lines == 2


@BOTH
def test_no_reply_after_the_dot_is_ambiguous_and_never_sent_again(extensions):
    with ScriptedServer(extensions, dot=["250 ok", HANG_UP]) as server:
        results, journal, _ = hand_over(server)
    assert outcomes(results) == [TAKEN[0], (2, "ambiguous", "body", 0), TAKEN[2]]
    assert server.said.count("RCPT TO:<r2@example.com>") == 1
    assert journal[2:4] == [("B", 2), ("B", 3)]


def test_silence_after_the_dot_is_ambiguous_too():
    with ScriptedServer(dot=[SILENCE]) as server:
        results, _, _ = hand_over(server, envelopes(1), waits=Waits(command=2, dot=0.05))
    assert outcomes(results) == [(1, "ambiguous", "body", 0)]


def test_an_answer_that_is_not_smtp_after_the_dot_is_ambiguous():
    with ScriptedServer(dot=["HTTP/1.1 200 OK"]) as server:
        results, _, _ = hand_over(server, envelopes(1))
    assert outcomes(results) == [(1, "ambiguous", "body", 0)]


def test_a_server_that_always_hangs_up_after_the_dot_costs_three_letters_not_a_mailing():
    with ScriptedServer(dot=HANG_UP) as server:
        results, _, gone = hand_over(server, envelopes(50))
    assert [str(result.outcome) for result in results] == ["ambiguous"] * 3 + ["requeue"]
    assert gone and server.lines == 3


@BOTH
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("end", [HANG_UP, "421 4.3.2 shutting down"])
def test_a_line_lost_before_the_dot_costs_nothing(extensions, command, end):
    good = "354 go" if command == "DATA" else "250 ok"
    with ScriptedServer(extensions, **{command: [good, end]}) as server:
        results, journal, _ = hand_over(server)
    assert outcomes(results) == TAKEN
    assert [recipient for recipient, _ in server.taken] == ["r1@example.com", "r2@example.com", "r3@example.com"]
    assert [entry for entry in journal if entry[1] == 2] == [("B", 2), ("R", 2, "accepted")]
    assert server.lines == 2


def test_421_after_the_dot_defers_that_letter_and_the_next_goes_over_a_new_line():
    with ScriptedServer(dot=["421 4.7.0 enough for now"]) as server:
        results, _, _ = hand_over(server)
    assert outcomes(results) == [(1, "deferred", "body", 421), *TAKEN[1:]]
    assert server.lines == 2


def test_a_server_that_answers_every_dot_with_421_is_given_up():
    with ScriptedServer(dot="421 4.7.0 enough") as server:
        results, _, gone = hand_over(server, envelopes(50))
    assert [str(result.outcome) for result in results] == ["deferred"] * 3 + ["requeue"]
    assert "421 4.7.0 enough" in str(gone) and server.lines == 3


def test_a_server_that_hangs_up_now_and_then_is_not_given_up():
    with ScriptedServer(dot=[HANG_UP, "250 ok"] * 5) as server:
        results, _, gone = hand_over(server, envelopes(10))
    assert [str(result.outcome) for result in results] == ["ambiguous", "accepted"] * 5 and gone is None


def test_a_server_that_keeps_closing_is_given_up_and_the_letter_in_hand_requeued():
    with ScriptedServer(RCPT="421 4.3.2 closing") as server:
        results, journal, gone = hand_over(server)
    assert outcomes(results) == [(1, "requeue", "connect", 421)]
    assert gone.reply.code == 421 and server.lines == 3 and journal == []


def test_a_body_cut_off_before_its_dot_is_requeued_and_the_journal_says_so():
    class Cut(Connection):
        def write(self, content):
            if len(content) > 200_000:
                super().write(content[:100_000])
                self.close()
                raise ServerGone("cut", unsent=len(content) - 100_000)
            super().write(content)

    with ScriptedServer() as server:
        journal = []
        line = Cut(Server("127.0.0.1", server.port, Tls.NONE, helo="us.example", waits=QUICK))
        big = Envelope("big", "b@example.com", "r@example.com", b"x" * 70 * 4000)
        results = list(
            deliver(line, [big, *envelopes(1)], after_reply=lambda id, result: journal.append((id, result.outcome)))
        )
        line.quit()
    assert outcomes(results) == [("big", "requeue", "body", 0), TAKEN[0]]
    assert journal == [("big", "requeue"), (1, "accepted")]


def test_the_line_is_changed_after_as_many_letters_as_the_server_bears():
    with ScriptedServer() as server:
        results, _, _ = hand_over(server, envelopes(5), max_messages=2)
    assert server.lines == 3 and len(server.taken) == len(results) == 5
    assert server.said.count("QUIT") == 3


def test_nothing_ready_now_sends_the_letter_in_hand():
    def paced():
        first, second = envelopes(2)
        yield first
        yield None
        assert len(server.taken) == 1
        yield second

    with ScriptedServer() as server:
        results, _, _ = hand_over(server, paced())
    assert outcomes(results) == TAKEN[:2]


def test_a_consumer_that_stops_early_cuts_the_line_before_any_further_dot():
    with ScriptedServer() as server, line_to(server) as line:
        run = deliver(line, envelopes())
        assert next(run).id == 1
        run.close()
        assert not line.is_open
    assert server.taken == [("r1@example.com", BODY)]


def test_a_journal_that_fails_stops_before_the_body():
    def full(id):
        raise OSError("disk full")

    with ScriptedServer() as server, line_to(server) as line, pytest.raises(OSError, match="disk full"):
        list(deliver(line, envelopes(), before_body=full))
    assert server.taken == [] and server.dots == 0


def test_a_line_that_went_stale_between_two_calls_is_reopened():
    with ScriptedServer() as server, line_to(server) as line:
        list(deliver(line, envelopes(1)))
        server._sockets[0].shutdown(2)
        results = list(deliver(line, envelopes(1, start=2)))
    assert outcomes(results) == [(2, "accepted", "body", 250)]


def test_several_threads_each_with_a_line_deliver_each_letter_once():
    with ScriptedServer() as first, ScriptedServer(LOCK_STEP) as second:
        work, results, lock = iter(envelopes(40)), [], threading.Lock()

        def shared():
            while True:
                with lock:
                    letter = next(work, None)
                if letter is None:
                    return
                yield letter

        def run(server):
            with line_to(server) as line:
                results.extend(deliver(line, shared()))

        threads = [threading.Thread(target=run, args=(server,)) for server in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(result.id for result in results) == list(range(1, 41))
    assert len(first.taken) + len(second.taken) == 40


@pytest.mark.parametrize(
    ("body", "received"),
    [
        (b".\r\n", b"..\r\n"),
        (b"a\r\n.\r\nb", b"a\r\n..\r\nb\r\n"),
        (b"a\n.\nb\n", b"a\r\n..\r\nb\r\n"),
        (b"a\r\n.\nMAIL FROM:<x>", b"a\r\n..\r\nMAIL FROM:<x>\r\n"),
        (b"a\r.\rb", b"a\r\n..\r\nb\r\n"),
        (b"..a\r\n", b"...a\r\n"),
        (b"no end", b"no end\r\n"),
    ],
)
def test_a_dot_never_ends_a_letter_early(body, received):
    with ScriptedServer() as server:
        results, _, _ = hand_over(server, envelopes(2, body))
    assert [taken for _, taken in server.taken] == [received, received] and len(results) == 2


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope(1, "b@example.com", "r@example.com>\r\nRCPT TO:<x@example.com", BODY),
        Envelope(1, "b@example.com\r\nRSET", "r@example.com", BODY),
        Envelope(1, "b@example.com", "læser@example.com", BODY),
        Envelope(1, "b@example.com", "", BODY),
        Envelope(1, "b@example.com", "r@example.com", "Kære".encode()),
    ],
)
def test_what_must_not_reach_the_wire_is_refused_here(envelope):
    with ScriptedServer() as server:
        results, journal, _ = hand_over(server, [envelope, *envelopes(1, start=2)])
    assert outcomes(results) == [(1, "rejected", "local", 0), (2, "accepted", "body", 250)]
    assert len([line for line in server.said if line.startswith("RCPT")]) == 1 and ("B", 1) not in journal


def test_the_servers_extensions_are_used():
    with ScriptedServer(("SIZE 1000000", "SMTPUTF8", "PIPELINING")) as server:
        hand_over(server, [Envelope(1, "", "læser@Bücher.example", BODY)])
    assert f"MAIL FROM:<> SIZE={len(BODY)} SMTPUTF8" in server.said
    assert "RCPT TO:<læser@xn--bcher-kva.example>" in server.said


@pytest.mark.parametrize("greeting", ["554 go away", "421 busy", HANG_UP, "nonsense"])
def test_a_server_that_does_not_let_us_in_is_reported_at_once(greeting):
    with ScriptedServer(GREETING=greeting) as server:
        results, _, gone = hand_over(server)
    assert [result.outcome for result in results] == [Outcome.REQUEUE] and results[0].stage is Stage.CONNECT
    assert gone and server.lines == 1


def test_a_server_that_is_not_there_is_reported_at_once():
    with ScriptedServer() as server:
        port = server.port
    letters = iter(envelopes())
    with pytest.raises(ServerGone, match="does not answer"):
        list(deliver(Connection(Server("127.0.0.1", port, Tls.NONE, waits=QUICK)), letters))
    assert [letter.id for letter in letters] == [2, 3]


# TLS and login


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A server's context and a client's that trusts it, from a certificate made for this run."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(  # noqa: S603
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]  # noqa: S607
        + ["-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=server.example"]
        + ["-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_letters_go_over_a_verified_line(certificate, tls):
    theirs, ours = certificate
    big = envelopes(3, b"y" * 60 + b"\r\n" + b"z" * 40000)
    with ScriptedServer(("STARTTLS", "PIPELINING"), tls=theirs, implicit=tls is Tls.IMPLICIT) as server:
        results, _, _ = hand_over(server, big, tls=tls, context=ours)
    assert outcomes(results) == TAKEN and len(server.taken[0][1]) == 40064
    assert server.said.count("EHLO us.example") == (2 if tls is Tls.STARTTLS else 1)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_certificate_nobody_vouches_for_ends_it(certificate, tls):
    with ScriptedServer(("STARTTLS",), tls=certificate[0], implicit=tls is Tls.IMPLICIT) as server:
        results, _, gone = hand_over(server, tls=tls)
    assert isinstance(gone, TlsRefused) and "certificate" in str(gone)
    assert [result.outcome for result in results] == [Outcome.REQUEUE] and server.taken == []


@pytest.mark.parametrize("script", [{}, {"extensions": ("STARTTLS",), "STARTTLS": "454 not now"}])
def test_without_starttls_nothing_is_said_in_the_clear(script):
    with ScriptedServer(**script) as server:
        _, _, gone = hand_over(server, tls=Tls.STARTTLS, user="us", password="secret")  # noqa: S106
    assert isinstance(gone, TlsRefused) and server.taken == []
    assert not any(line.startswith("AUTH") for line in server.said)
    assert ("STARTTLS" in server.said) == bool(script)


def test_words_slipped_in_before_the_handshake_end_it(certificate):
    with ScriptedServer(("STARTTLS",), tls=certificate[0], STARTTLS="220 go on\n250 and more") as server:
        _, _, gone = hand_over(server, tls=Tls.STARTTLS, context=certificate[1])
    assert isinstance(gone, TlsRefused) and "in the clear" in str(gone)


@pytest.mark.parametrize("ways", ["AUTH PLAIN LOGIN", "AUTH=PLAIN", "AUTH LOGIN", "AUTH CRAM-MD5 LOGIN"])
def test_we_log_in_the_way_the_server_knows(ways):
    script = {} if "PLAIN" in ways else {"AUTH": ["334 VXNlcm5hbWU6"]}
    with ScriptedServer((ways,), **script) as server:
        results, _, _ = hand_over(server, user="us", password="sæcret")  # noqa: S106
    sent = [base64.b64decode(word) for line in server.said for word in line.split()[-1:] if _is_base64(word)]
    assert outcomes(results) == TAKEN
    assert list(itertools.chain(*(each.strip(b"\0").split(b"\0") for each in sent))) == [b"us", "sæcret".encode()]


def _is_base64(word):
    return len(word) % 4 == 0 and not word.isupper() and ":" not in word and "." not in word


@pytest.mark.parametrize(
    ("ways", "answer"), [("AUTH PLAIN", "535 5.7.8 wrong"), ("AUTH CRAM-MD5", ""), ("8BITMIME", "")]
)
def test_a_login_that_fails_is_told_apart(ways, answer):
    with ScriptedServer((ways,), AUTH=answer) as server:
        _, _, gone = hand_over(server, user="us", password="wrong")  # noqa: S106
    assert isinstance(gone, LoginRefused) and server.taken == [] and server.lines == 1
    assert "wrong" not in repr(Server("h", password="wrong"))  # noqa: S106


def test_a_password_never_travels_in_the_clear_to_another_machine(monkeypatch):
    with ScriptedServer(("AUTH PLAIN",)) as server:
        line = line_to(server, user="us", password="secret")  # noqa: S106
        monkeypatch.setattr("masthead.mail.smtp._LOOPBACK", __import__("re").compile("only-this-machine"))
        with pytest.raises(LoginRefused, match="use TLS"):
            line.open()
    assert not any(said.startswith("AUTH") for said in server.said)
