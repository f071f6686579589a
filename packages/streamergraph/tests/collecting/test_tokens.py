"""Keys and tokens: fetched once, kept for their owner only, renewed in time, shown nowhere."""

from __future__ import annotations

import datetime
import stat

import pytest
from helix_mock import CLIENT_SECRET, Fault
from streamergraph.collecting.credentials import (
    ID_VARIABLE,
    SECRET_VARIABLE,
    Credentials,
    read_credentials,
)
from streamergraph.collecting.web import NoAnswerError
from streamergraph.errors import StreamergraphError

BOTH = {ID_VARIABLE: "an-id", SECRET_VARIABLE: "a-secret"}


@pytest.fixture
def file(tmp_path):
    def write(text, mode=0o600):
        path = tmp_path / "twitch"
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


def test_the_environment_holds_both():
    assert read_credentials(environment=BOTH) == Credentials(
        client_id="an-id", client_secret="a-secret"
    )


def test_half_of_them_is_refused():
    with pytest.raises(StreamergraphError, match=SECRET_VARIABLE):
        read_credentials(environment={ID_VARIABLE: "an-id"})


@pytest.mark.parametrize(
    "text", ["an-id\na-secret\n", "the id\nan-id\nthe secret\na-secret\n", "\n an-id \n\na-secret"]
)
def test_a_file_has_two_lines_or_the_original_four(file, text):
    found = read_credentials(file(text), environment=BOTH)
    assert (found.client_id, found.client_secret) == ("an-id", "a-secret")


@pytest.mark.parametrize("text", ["", "an-id\n", "one\ntwo\nthree\n", "an id\na secret\n"])
def test_other_files_are_refused_without_their_text(file, text):
    with pytest.raises(StreamergraphError) as error:
        read_credentials(file(text), environment={})
    assert "secret\n" not in str(error.value)
    assert "two" not in str(error.value)


def test_a_file_that_others_may_read_is_refused(file):
    with pytest.raises(StreamergraphError, match="chmod 600"):
        read_credentials(file("an-id\na-secret", mode=0o644), environment={})


def test_no_text_shows_a_secret(helix):
    token = helix.tokens.current()
    for shown in (
        repr(token),
        repr(helix),
        repr(helix.tokens),
        str(vars(helix.tokens.credentials).keys()),
    ):
        assert CLIENT_SECRET not in shown
        assert token.access not in shown


def test_a_token_is_fetched_once_kept_for_its_owner_and_validated_each_hour(mock, helix, clock):
    first = helix.tokens.current()
    assert helix.tokens.current() == first
    assert mock.count("/auth/token") == 1
    assert stat.S_IMODE(helix.tokens.path.stat().st_mode) == 0o600
    assert "secret" not in helix.tokens.path.read_text()
    assert not any("client_secret" in path for path, _ in mock.asked)
    clock.sleep(3601)
    helix.tokens.current()
    assert mock.count("/auth/validate") == 1
    helix.tokens._token = helix.tokens._validated = None  # another run
    assert helix.tokens.current().access == first.access
    assert (mock.count("/auth/token"), mock.count("/auth/validate")) == (1, 2)


def test_a_token_is_renewed_before_its_end(mock, helix, clock):
    mock.expires_in = 4000
    first = helix.tokens.current()
    clock.sleep(3800)
    assert helix.tokens.current().access != first.access


def test_a_token_that_is_valid_no_more_is_replaced(mock, helix, clock):
    first = helix.tokens.current()
    mock.tokens.clear()
    clock.sleep(3601)
    assert helix.tokens.current().access != first.access


def test_a_server_of_tokens_in_trouble_is_not_taken_for_a_wrong_secret(mock, helix):
    mock.faults["/auth/token"].append(Fault(status=503))
    with pytest.raises(NoAnswerError, match="503"):
        helix.tokens.current()
    helix.tokens.current()


def test_a_wrong_secret_is_told_without_it(helix):
    helix.tokens.credentials = Credentials(client_id="the-client", client_secret="wrong-one")
    with pytest.raises(StreamergraphError, match="refused") as error:
        helix.tokens.current()
    assert "wrong-one" not in str(error.value)


@pytest.mark.parametrize("status", [302, 404, 405])
def test_an_address_without_tokens_is_no_wrong_secret(mock, helix, status):
    mock.faults["/auth/token"].append(Fault(status=status))
    with pytest.raises(StreamergraphError, match="--auth-url") as error:
        helix.tokens.current()
    assert "refused" not in str(error.value)


def test_validation_that_fails_for_the_server_s_sake_changes_nothing(mock, helix, clock):
    first = helix.tokens.current()
    clock.sleep(3601)
    mock.faults["/auth/validate"].append(Fault(status=500))
    assert helix.tokens.current() == first


def test_a_damaged_file_of_a_token_is_replaced(helix):
    helix.tokens.folder.mkdir()
    helix.tokens.path.write_text('{"access": 3')
    assert helix.tokens.current().expires > helix.clock.now() + datetime.timedelta(days=1)
