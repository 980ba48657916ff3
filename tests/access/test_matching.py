"""Whose account: exact matches only where nothing speaks against, suggestions with reasons."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import matching
from access.matching import (
    AddressBook,
    Candidate,
    PeopleIndex,
    Suggestion,
    automatic_match,
    is_confusable,
    may_be_alias,
    normalise,
    resembles,
    suggestions,
)
from tests.frozen import changeable

ALEX = Candidate("p1", "Alex One", ("alex.one@example.test",))
SAM = Candidate("p2", "Sam Two", ("sam.two@example.test",))
PEOPLE = PeopleIndex([ALEX, SAM])


def matched(
    email: str, *people: Candidate, seen_on: tuple[tuple[str, str], ...] = ()
) -> str | None:
    return automatic_match(email, PeopleIndex(people, seen_on)).person_id


def suggested(name: str = "", email: str = "", index: PeopleIndex = PEOPLE) -> list[Suggestion]:
    return list(suggestions(name=name, email=email, index=index))


# Normalising.


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Alex.One@Example.TEST", "alex.one@example.test"),
        ("\u00a0 alex@example.test\n", "alex@example.test"),
        ("jose\u0301@example.test", "jos\u00e9@example.test"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a+tag@example.test", "a+tag@example.test"),
        ("a@b@example.test", "a@b@example.test"),
        ("", ""),
        ("alex", ""),
        ("@example.test", ""),
        ("alex@", ""),
        ("alex one@example.test", ""),
        ("alex@exam\x00ple.test", ""),
    ],
)
def test_address_is_normalised(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße@example.test", "strasse@example.test"),
        ("a@straße.example", "a@strasse.example"),
        ("a.b@example.test", "ab@example.test"),
        ("a+x@example.test", "a@example.test"),
        ("jose@example.test", "josé@example.test"),
        ("\u0131lex@example.test", "ilex@example.test"),
    ],
)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.emails())
def test_normalising_twice_changes_nothing(email: str) -> None:
    assert normalise(normalise(email)) == normalise(email)
    assert normalise(f" {email.upper()} ") == normalise(email)


CONFUSABLE = [
    "\u0430lex.one@example.test",  # Cyrillic a
    "alex.\u03bfne@example.test",  # Greek o
    "alex.one@ex\u0430mple.test",
    "alex.one@xn--exmple-4nf.test",  # the same in punycode
    "\uff41lex.one@example.test",  # full width a
    "alex.one@example\uff0etest",
    "alex.one@example\u3002test",
    "ale\u200bx.one@example.test",  # invisible
    "alex.one\u202e@example.test",
    "\u212aim@example.test",  # Kelvin sign
    "\u0131da@example.test",  # dotless i
    "m\u0131z\u00fc@example.test",  # dotless i beside an honest accent
    "a\u017fk@example.test",  # long s
    "\u0441\u043e\u0441\u043e@example.test",  # all drawn like Latin
    "bo\u0434@example.test",  # two alphabets in one word
]


@pytest.mark.parametrize("email", CONFUSABLE)
def test_confusable_address_is_flagged_and_never_matches(email: str) -> None:
    plain = Candidate("p1", "Alex One", ("alex.one@example.test", "kim@example.test", email))
    found = automatic_match(email, PeopleIndex([plain]))
    assert is_confusable(email)
    assert found.person_id is None
    assert found.flagged == bool(normalise(email))


@pytest.mark.parametrize(
    "email",
    [
        "alex.one@example.test",
        "josé@example.test",
        "jose\u0301@example.test",
        "a@bücher.example",
        "a@xn--bcher-kva.example",
        "\u0438\u0432\u0430\u043d@\u043f\u0440\u0438\u043c\u0435\u0440.example",
        "a@xn--%%%.example",
        "",
    ],
)
def test_honest_address_is_not_flagged(email: str) -> None:
    assert not is_confusable(email)


# The automatic match.


@pytest.mark.parametrize("email", ["alex.one@example.test", " ALEX.One@example.TEST "])
def test_exact_address_of_one_person_matches(email: str) -> None:
    assert matched(email, ALEX, SAM) == "p1"


def test_alias_matches_too() -> None:
    assert matched("al@example.test", replace(ALEX, emails=("x@example.test", "al@example.test")))


@pytest.mark.parametrize(
    "email",
    ["alexone@example.test", "alex.one+books@example.test", "alex.one@example.com", "", "Alex One"],
)
def test_anything_but_the_exact_address_does_not_match(email: str) -> None:
    assert matched(email, ALEX, SAM) is None


def test_address_in_a_book_matches_whose_it_is_now() -> None:
    book = AddressBook()
    book.note("Alex.One@example.test", "p1", now=True)
    book.note("old@example.test", "p1", now=False)
    assert automatic_match("alex.one@example.test", book).person_id == "p1"
    assert automatic_match("old@example.test", book).person_id is None


def test_address_of_two_people_does_not_match() -> None:
    assert matched("alex.one@example.test", ALEX, replace(ALEX, id="p2")) is None
    assert matched("alex.one@example.test", replace(ALEX, id="p2"), ALEX) is None


def test_address_that_was_another_persons_does_not_match() -> None:
    former = replace(SAM, earlier_emails=("Alex.One@example.test",))
    found = automatic_match("alex.one@example.test", PeopleIndex([ALEX, former]))
    assert (found.person_id, found.reason) == (
        None,
        "The address belonged to somebody else before.",
    )


def test_address_that_only_was_somebodys_does_not_match() -> None:
    assert matched("old@example.test", replace(ALEX, earlier_emails=("old@example.test",))) is None


def test_address_seen_on_an_account_of_somebody_else_does_not_match() -> None:
    address = "alex.one@example.test"
    assert matched(address, ALEX, SAM, seen_on=((address.upper(), "p2"),)) is None
    assert matched(address, ALEX, SAM, seen_on=((address, "p1"),)) == "p1"


def test_address_only_seen_on_a_persons_account_is_not_theirs() -> None:
    seen = (("books@example.test", "p1"),)
    assert matched("books@example.test", ALEX, seen_on=seen) is None


@given(st.emails(), st.emails())
def test_match_is_never_of_a_different_address(mine: str, theirs: str) -> None:
    found = matched(theirs, Candidate("p1", "Alex One", (mine,)))
    assert found is None or normalise(mine) == normalise(theirs)


def test_candidates_and_matches_are_never_changed_in_place() -> None:
    assert changeable(matching) == []


def test_holder_of_the_account_itself_keeps_the_match_and_another_ends_it() -> None:
    index = PeopleIndex([ALEX, SAM])
    assert automatic_match(ALEX.emails[0], index, ["p1"]).person_id == "p1"
    found = automatic_match(ALEX.emails[0], index, ["p1", "p2"])
    assert (found.person_id, found.reason) == (None, "The account was somebody else's before.")


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("", "The account has no e-mail address."),
        ("nobody@example.test", "Nobody in the staff directory has this address."),
        ("\u0430lex.one@example.test", "The address imitates other characters; look closely."),
        ("alex.one@example.test", "same e-mail address"),
    ],
)
def test_match_says_why(email: str, reason: str) -> None:
    assert automatic_match(email, PEOPLE).reason == reason


def test_address_of_two_says_so() -> None:
    both = PeopleIndex([ALEX, replace(ALEX, id="p2")])
    assert automatic_match(ALEX.emails[0], both).reason == "Several people have this address."


def test_match_flags_only_what_imitates() -> None:
    assert not automatic_match("alex.one@example.test", PEOPLE).flagged
    assert not automatic_match("nobody@example.test", PEOPLE).flagged


@pytest.mark.parametrize(
    ("email", "says_one"),
    [
        ("alex.one@example.test", True),
        ("alex.one+books@example.test", True),
        ("info@example.test", False),
        ("Info+books@example.test", False),
        ("\u0430lex.one@example.test", False),
        ("not an address", False),
        ("", False),
    ],
)
def test_alias_is_an_honest_address_of_one_person(email: str, says_one: bool) -> None:
    assert may_be_alias(email) == says_one


# Suggestions.


@pytest.mark.parametrize(
    ("name", "email", "reason"),
    [
        ("", "alexone@example.test", "same e-mail address but for dots or a “+” tag"),
        ("", "alex.one+books@example.test", "same e-mail address but for dots or a “+” tag"),
        (
            "",
            "\u0430lex.one@example.test",
            "e-mail address that looks the same but is written differently",
        ),
        (
            "",
            "a1ex.0ne@example.test",
            "e-mail address that looks the same but is written differently",
        ),
        ("", "aone@example.test", "the address spells the name, company domain"),
        ("", "aone@elsewhere.test", "the address spells the name"),
        ("Alex One", "books@example.test", "same name, company domain"),
        ("One, Alex", "", "same name"),
        ("Älex ONE", "", "same name"),
        ("A. One", "a@example.test", "same surname, first initial, company domain"),
        ("Alexa One", "", "same surname, first initial"),
        ("Alex Onee", "", "similar name"),
        ("Aleks One", "zz@example.test", "same surname, first initial, company domain"),
    ],
)
def test_suggestion_says_why(name: str, email: str, reason: str) -> None:
    first = suggested(name, email)[0]
    assert (first.person_id, first.name, first.reason) == ("p1", "Alex One", reason)


def test_same_address_says_whether_it_is_theirs_was_or_is_another_persons_too() -> None:
    moved = Candidate("p1", "Alex One", ("new@example.test",), ("old@example.test",))
    heir = Candidate("p2", "Sam Two", ("given@example.test",))
    before = Candidate("p3", "Kim Three", (), ("given@example.test",))
    index = PeopleIndex([moved, heir, before])
    words = {
        address: {
            each.person_id: each.reason for each in suggestions(name="", email=address, index=index)
        }
        for address in ("new@example.test", "old@example.test", "given@example.test")
    }
    shared = "same e-mail address, which is or was somebody else's too"
    assert words == {
        "new@example.test": {"p1": "same e-mail address"},
        "old@example.test": {"p1": "same e-mail address, which they had before"},
        "given@example.test": {"p2": shared, "p3": shared},
    }


def test_same_mailbox_at_another_domain_is_suggested() -> None:
    index = PeopleIndex([Candidate("p1", "Alex One", ("zebra@example.test",))])
    assert suggested("", "zebra@elsewhere.test", index)[0].reason == (
        "same name before the @, at another domain"
    )


def test_mailbox_that_every_company_has_suggests_nobody() -> None:
    index = PeopleIndex([Candidate("p1", "Alex One", ("info@example.test",))])
    assert suggested("", "info@elsewhere.test", index) == []


def test_refused_exact_address_is_suggested_first() -> None:
    index = PeopleIndex([ALEX, replace(SAM, earlier_emails=ALEX.emails)])
    found = suggested("Alex One", "alex.one@example.test", index)
    assert [each.person_id for each in found] == ["p1", "p2"]
    assert "somebody else's too" in found[0].reason


def test_suggestions_are_ordered_and_limited() -> None:
    people = [Candidate(f"p{n}", "Alex One") for n in range(9)]
    near = Candidate("near", "Alex One", ("alex@example.test",))
    found = suggested("Alex One", "books@example.test", PeopleIndex([*people, near]))
    assert [each.person_id for each in found] == ["near", "p0", "p1", "p2", "p3"]
    likelier = Candidate("p9", "Alex Zone", ("books@example.test",))
    found = suggested("Alex One", "books@example.test", PeopleIndex([people[0], likelier]))
    assert [(each.person_id, each.score) for each in found] == [("p9", 100), ("p0", 70)]


def test_public_domain_is_no_company_domain() -> None:
    index = PeopleIndex([Candidate("p1", "Alex One", ("alex@gmail.com",))])
    assert suggested("Alex One", "books@gmail.com", index)[0].reason == "same name"


def test_stranger_is_not_suggested() -> None:
    assert suggested("Pat Three", "pat.three@elsewhere.test") == []


@pytest.mark.parametrize(
    ("name", "email", "score"),
    [
        ("", "alex.one@example.test", 100),
        ("", "alexone@example.test", 95),
        ("", "a1ex.0ne@example.test", 90),
        ("", "aone@example.test", 75),
        ("", "aone@elsewhere.test", 60),
        ("", "al-1@elsewhere.test", 55),
        ("Alex One", "books@example.test", 85),
        ("Alex One", "", 70),
        ("A. One", "a@example.test", 65),
        ("A. One", "", 50),
        ("Alex Onee", "books@example.test", 55),
        ("Alex Onee", "", 40),
    ],
)
def test_every_reason_has_its_weight(name: str, email: str, score: int) -> None:
    index = PeopleIndex([replace(ALEX, emails=(*ALEX.emails, "al-1@example.test"))])
    assert [each.score for each in suggested(name, email, index)] == [score]


def test_strongest_reason_is_given_and_of_equal_ones_the_first() -> None:
    twice = Candidate("p1", "Alex One", ("zebra@example.test", "x@second.test"))
    index = PeopleIndex([twice])
    mailbox = "same name before the @, at another domain"
    assert suggested("Alex One", "zebra@third.test", index)[0].reason == "same name"
    assert suggested("Alex Onee", "zebra@second.test", index)[0].reason == mailbox


@pytest.mark.parametrize(
    "email", ["bootalex", "alexboot", "aboot", "boota", "alexb", "alex.boot", "a-boot"]
)
def test_mailbox_that_spells_first_and_last_name_is_suggested(email: str) -> None:
    index = PeopleIndex([Candidate("p1", "Alex Middle Boot")])
    found = suggested("", f"{email}@example.test", index)
    assert [each.reason for each in found] == ["the address spells the name"]


@pytest.mark.parametrize("email", ["bootx", "alexo", "alext", "xboot", "alexmiddle", "amiddle"])
def test_mailbox_that_merely_reminds_of_a_name_suggests_nobody(email: str) -> None:
    index = PeopleIndex([Candidate("p1", "Alex Middle Boot")])
    assert suggested("", f"{email}@example.test", index) == []


def test_surname_and_first_initial_are_found_past_middle_names_and_a_comma() -> None:
    index = PeopleIndex([Candidate("p1", "Alex Middle One")])
    for name in ("A. One", "One, A.", "Aleks Other One"):
        assert [each.reason for each in suggested(name, "", index)] == [
            "same surname, first initial"
        ]
    assert suggested("A. Middle", "", index) == []


def test_one_word_is_neither_a_surname_nor_a_spelling() -> None:
    assert suggested("Boot", "", PeopleIndex([Candidate("p1", "Bob Boot")])) == []
    word = PeopleIndex([Candidate("p1", "Alex"), Candidate("p2", " - ")])
    assert suggested("", "alexa@example.test", word) == []


@pytest.mark.parametrize(
    ("name", "alike"),
    [("Christopr Fouryee", True), ("Chrisxopher Zouyrtxeen", False)],  # 86.5 and 85.7 of 100
)
def test_likeness_of_names_has_a_threshold(name: str, alike: bool) -> None:
    index = PeopleIndex([Candidate("p1", "Christopher Fourteen")])
    assert bool(suggested(name, "", index)) == alike


def test_public_domain_of_the_account_alone_is_no_company_domain() -> None:
    assert suggested("Alex One", "books@gmail.com")[0].reason == "same name"


def test_address_of_somebody_outside_the_index_suggests_nobody_unknown() -> None:
    index = PeopleIndex([SAM], seen_on=[("alex.one@example.test", "not in the directory")])
    assert suggested("", "alex.one@example.test", index) == []


def test_name_part_that_very_many_share_is_not_compared() -> None:
    index = PeopleIndex([Candidate(f"p{n}", f"User Someone{n}x") for n in range(300)])
    assert suggested("User Someone7y", "", index) == []
    assert suggested("User Someone7x", "", index)[0].person_id == "p7"


@pytest.mark.parametrize(("people", "found"), [(200, True), (201, False)])
def test_names_are_compared_in_blocks_of_at_most_200(people: int, found: bool) -> None:
    index = PeopleIndex([Candidate(f"p{n}", f"User Someone{n}x") for n in range(people)])
    assert bool(suggested("User Someone7y", "", index)) == found


@pytest.mark.parametrize("name", ["User Someone7y", "U. Someone7x"])
def test_index_for_verdicts_leaves_nobody_out_however_many_share_a_name(name: str) -> None:
    people = [Candidate(f"p{n}", f"User Someone{n}x") for n in range(300)]
    namesakes = [Candidate(f"q{n}", "Una Someone7x") for n in range(300)]
    index = PeopleIndex([*people, *namesakes], most=inf)
    assert "p7" in resembles(name=name, email="", index=index)


def test_long_names_that_begin_alike_are_compared() -> None:
    index = PeopleIndex([Candidate("p1", "Alexander Fourteen")])
    assert [each.reason for each in suggested("Alexander Fourteem", "", index)] == ["similar name"]


def test_name_of_one_word_and_no_address_is_found_by_the_word_alone() -> None:
    index = PeopleIndex([Candidate("p1", "Alex", ("not an address",))])
    assert [each.reason for each in suggested("Alex", "", index)] == ["same name"]
    assert suggested("", "pat@elsewhere.test", index) == []
    assert index.initials.of("") == index.mailboxes.of("") == set()


def test_other_first_initial_is_no_likeness() -> None:
    assert suggested("Zoe One") == []
    assert suggested("Alice Two", "", PeopleIndex([SAM])) == []


# Likeness to leavers.


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Alex One", ""),
        ("", "alexone@example.test"),
        ("A. One", "books@elsewhere.test"),
        ("", ALEX.emails[0]),
    ],
)
def test_account_resembles_a_leaver(name: str, email: str) -> None:
    assert resembles(name=name, email=email, index=PeopleIndex([ALEX])) == {"p1"}


def test_account_of_a_stranger_resembles_nobody() -> None:
    assert resembles(name="Pat Three", email="pat@example.test", index=PEOPLE) == frozenset()
    assert resembles(name="Pat Three", email="", index=PEOPLE) == frozenset()
    assert resembles(name="", email="pat@elsewhere.test", index=PEOPLE) == frozenset()


@pytest.mark.parametrize(("name", "email"), [("", ""), (" - ", "not an address")])
def test_account_that_says_nothing_may_be_anyones(name: str, email: str) -> None:
    assert resembles(name=name, email=email, index=PEOPLE) == {"p1", "p2"}


# The index with other people.


def standing(index: PeopleIndex) -> dict[str, object]:
    """Who stands where; a set of one and a single id say the same."""
    found: dict[str, object] = {}
    for name, value in vars(index).items():
        blocks = getattr(value, "_ids", None)
        keys = {} if blocks is None else {key: value.of(key) for key in blocks}
        found[name] = value if blocks is None else keys
    return found


def test_index_with_other_people_is_as_if_built_anew_and_the_old_one_stays() -> None:
    namesake = Candidate("p3", "Alex One", ("a.one@example.test",), ("old@example.test",))
    nameless = Candidate("p4", " - ", ("not an address",))
    before = PeopleIndex([ALEX, SAM, namesake])
    kept = standing(before)
    moved = replace(SAM, name="Sam Three", emails=("sam@example.test",), earlier_emails=SAM.emails)
    after = before.with_people([moved, nameless], gone=["p3", "nobody"])
    assert standing(after) == standing(PeopleIndex([ALEX, moved, nameless]))
    assert standing(before.with_people([], gone=["p1", "p2", "p3"])) == standing(PeopleIndex([]))
    assert standing(before.with_people([nameless], gone=[])) == standing(
        PeopleIndex([ALEX, SAM, namesake, nameless])
    )
    alike = Candidate("p5", "Sam Samson", ("sam@example.test",))  # two parts with one beginning
    assert standing(PeopleIndex([alike]).with_people([], gone=["p5"])) == standing(PeopleIndex([]))
    assert standing(PeopleIndex([ALEX]).with_people([namesake], gone=[])) == standing(
        PeopleIndex([ALEX, namesake])
    )
    assert standing(before) == kept
