from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from streamergraph.observations.identity import Sighting, identities, number_of_name


def named(name, login=None, stored_id=None):
    return Sighting(
        stored_id=number_of_name(login or name) if stored_id is None else stored_id,
        login=login,
        name=name,
    )


def test_a_name_is_joined_to_the_id_that_it_has_elsewhere():
    found = identities([named("Anna"), named("Anna", "anna", 11), named("Bert")])
    assert found.meant == {
        number_of_name("anna"): 11,
        11: 11,
        number_of_name("bert"): number_of_name("bert"),
    }


def test_a_login_and_a_localised_name_are_one_by_an_entry_that_has_both():
    log, list_, both = named(None, "anna"), named("アンナ"), named("アンナ", "anna", 11)
    for seen in ([log, list_, both], [both, list_, log]):
        assert set(identities(seen).meant.values()) == {11}
    # Also through an entry without an id, and where the id stands beside the name alone.
    apart = [log, named("アンナ", "anna"), named("アンナ", stored_id=11)]
    assert set(identities(apart).meant.values()) == {11}


def test_where_a_name_was_that_of_two_ids_nothing_is_joined_and_it_is_said():
    seen = [named("Anna"), named("Anna", stored_id=11), named("Anna", stored_id=12)]
    found = identities(seen)
    assert found.meant == {number_of_name("anna"): number_of_name("anna"), 11: 11, 12: 12}
    assert found.ambiguous == ("anna",)


def test_two_logins_under_one_display_name_stay_two():
    seen = [named("Anna", "anna"), named("Anna", "anna_2"), named("ANNA")]
    found = identities(seen)
    assert found.meant[number_of_name("anna_2")] == number_of_name("anna_2")
    assert found.ambiguous == ("anna",)


def test_renames_lead_to_the_last_name_and_to_its_id():
    seen = [named("Old"), named("Mid"), named("New", stored_id=5)]
    renames = {"old": "mid", "mid": "new"}
    assert set(identities(seen, renames=renames).meant.values()) == {5}
    assert set(identities(seen[:2], renames=renames).meant.values()) == {number_of_name("new")}
    # An account that was made anew.
    anew = [named("Old", stored_id=4), named("New", stored_id=5)]
    assert identities(anew, renames={"Old": "New"}).meant == {4: 5, 5: 5}
    assert identities(anew, renames={"old": "new", "new": "old"}).meant.keys() == {4, 5}


NAMES = st.sampled_from(["anna", "Anna", "bert", "cleo"])
SEEN = st.lists(
    st.builds(named, NAMES, st.none() | NAMES.map(str.lower), st.none() | st.integers(1, 3)),
    max_size=6,
)


@given(SEEN, st.randoms())
def test_the_order_of_what_was_seen_does_not_matter(seen, random):
    other = random.sample(seen, len(seen))
    one, two = identities(seen), identities(other)
    # A number that two names share is that of the name that it was made of.
    assert one.meant == two.meant
    assert one.ambiguous == two.ambiguous
