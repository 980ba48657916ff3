"""An oracle for matching that shares nothing with it: pairwise, by code points, on generated pools.

It never makes keys to look up. It walks over two addresses letter by letter and says whether they
are one, and over all people to say whose an address is: quadratic, slow, and easy to believe.
"""

import unicodedata
from dataclasses import dataclass, field
from random import Random

# Script ranges written down from the code charts: what an honest word does not mix.
SCRIPTS = [
    ("latin", 0x41, 0x5A), ("latin", 0x61, 0x7A), ("latin", 0xC0, 0x24F), ("latin", 0x250, 0x2AF),
    ("greek", 0x370, 0x3FF), ("cyrillic", 0x400, 0x52F), ("armenian", 0x530, 0x58F),
]  # fmt: skip
# Words wholly of other letters that read as Latin ones; the generator uses no others.
POSING = {"сосо", "реер", "хор", "οχο"}
INVISIBLE = {0x200B, 0x200C, 0x200D, 0x2060, 0x202E, 0xFEFF, 0xAD}
LONELY = {0x131, 0x17F, 0x212A, 0x212B, 0x251, 0x261}  # single letters that pass for plain ones


@dataclass
class Person:
    """Whose addresses are known: present ones and those of the past."""

    id: str
    now: list[str]
    before: list[str] = field(default_factory=list)
    plain: str = ""  # an address that is not theirs, but like one that is


@dataclass
class Case:
    """An account's address, who was ever said to have the account, and accounts seen before."""

    email: str
    holders: list[str]


def letters(text: str) -> list[str]:
    """Decomposed small letters, so that every way of writing an accent is the same list."""
    return list(unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).lower()))


def halves(email: str) -> tuple[str, str] | None:
    """What stands before and after the last @, without space around."""
    at = max((n for n, letter in enumerate(email) if letter == "@"), default=-1)
    start, end = 0, len(email)
    while start < end and email[start].isspace():
        start += 1
    while end > start and email[end - 1].isspace():
        end -= 1
    local, domain = email[start:at], email[at + 1 : end]
    broken = any(each.isspace() or ord(each) < 32 for each in local + domain)
    return None if at < 0 or not local or not domain or broken else (local, domain)


def spelled(label: str) -> str:
    """A domain label in letters, whichever way it is written."""
    small = label.lower()
    return small[4:].encode().decode("punycode") if small.startswith("xn--") else label


def same(one: str, other: str) -> bool:
    """Whether two texts are the very same address."""
    mine, theirs = halves(one), halves(other)
    if mine is None or theirs is None or letters(mine[0]) != letters(theirs[0]):
        return False
    labels = [[letters(spelled(each)) for each in half[1].split(".")] for half in (mine, theirs)]
    return labels[0] == labels[1]


def script(letter: str) -> str:
    at = ord(letter)
    return next((name for name, low, high in SCRIPTS if low <= at <= high), "other")


def disguised(email: str) -> bool:
    """Whether any letter passes for another, or a word mixes alphabets or poses as Latin."""
    if any(
        ord(each) in INVISIBLE | LONELY or unicodedata.decomposition(each).startswith("<")
        for each in email.strip()
    ):
        return True
    found = halves(email)
    if found is None:
        return False
    words = [found[0], *(spelled(each) for each in found[1].split("."))]
    return any(poses(unicodedata.normalize("NFC", each).lower()) for each in words)


def poses(word: str) -> bool:
    scripts = {script(each) for each in word if each.isalpha()}
    foreign = not all(ord(each) < 128 for each in word)
    return foreign and (len(scripts) > 1 or any(each in word for each in POSING))


def whose(case: Case, people: list[Person], seen: list[tuple[str, str]]) -> str | None:
    """The one person whose account it is beyond doubt."""
    if halves(case.email) is None or disguised(case.email):
        return None
    has = [each for each in people if any(same(case.email, one) for one in each.now)]
    had = {each.id for each in people if any(same(case.email, one) for one in each.before)}
    had |= {person for email, person in seen if same(case.email, email)}
    if len(has) != 1 or (had | set(case.holders)) - {has[0].id}:
        return None
    return has[0].id


# The pools: people with addresses that are near each other, accounts made from theirs.

SYLLABLES = ["an", "bo", "ce", "lu", "mi", "ro", "sa", "ti", "ve", "zo", "é", "ü", "ß", "ø"]
DOMAINS = ["example.test", "books.example", "bücher.example", "пример.example", "exam-ple.test"]


def pool(seed: int, size: int) -> tuple[list[Person], list[tuple[str, str]], list[Case]]:
    """People, what accounts were identified before, and as many accounts to match."""
    chance = Random(seed)
    people = [
        Person(f"p{number}", [written(chance) for _ in range(chance.choice([1, 1, 2]))])
        for number in range(size)
    ]
    for _ in range(size // 8):  # addresses handed on, or shared by mistake
        chance.choice(people).before.append(rewritten(chance.choice(people).now[0], chance))
        chance.choice(people).now.append(rewritten(chance.choice(people).now[0], chance))
    for each in chance.sample(people, size // 2):
        each.plain = written(chance)  # somebody's without, theirs with a disguise, or just near
        each.now.append(chance.choice([disguise, disguise, altered])(each.plain, chance))
    for each in chance.sample(people, size // 4):
        each.before.append(written(chance))
    seen = [
        (rewritten(chance.choice(people).now[0], chance), chance.choice(people).id)
        for _ in range(size // 8)
    ]
    cases = [case(chance, people) for _ in range(size)]
    return people, seen, cases


def case(chance: Random, people: list[Person]) -> Case:
    person = chance.choice(people)
    change = chance.choice([rewritten, rewritten, rewritten, altered, disguise, disguise, broken])
    holders = chance.choice([[], [], [person.id], [chance.choice(people).id]])
    known = [*person.now, *person.before, *([person.plain] if person.plain else [])]
    return Case(change(chance.choice(known), chance), holders)


def written(chance: Random) -> str:
    local = "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 4)))
    return f"{local}.{chance.randint(1, 60)}@{chance.choice(DOMAINS)}"


def rewritten(email: str, chance: Random) -> str:
    """The same address in another writing."""
    local, _, domain = email.rpartition("@")
    if chance.random() < 0.3:
        domain = ".".join(
            each if each.isascii() else "xn--" + each.encode("punycode").decode()
            for each in domain.split(".")
        )
    text = f"{local}@{domain}"
    if "ß" not in text and chance.random() < 0.5:
        text = chance.choice([str.upper, str.title])(text)
    form = chance.choice(["NFC", "NFD"])
    return chance.choice(["", " ", "\n", "\u00a0"]) + unicodedata.normalize(form, text)


def altered(email: str, chance: Random) -> str:
    """Another address that is near."""
    local, _, domain = email.rpartition("@")
    changes = [
        f"{local}+books@{domain}",
        f"{local.replace('.', '')}@{domain}",
        f"{local}@sub.{domain}",
        f"{local}@{domain}.example",
        f"{local.replace('ß', 'ss')}@{domain}",
        f"{local.replace('ß', 'ss').replace('é', 'e').replace('ü', 'u')}@{domain}",
        f"{local}@{domain.replace('ü', 'u')}",
    ]
    return chance.choice(changes)


def disguise(email: str, chance: Random) -> str:
    """An address that only looks the same."""
    changes = [
        email.replace("o", "о", 1), email.replace("a", "а", 1), email.replace("e", "е"),
        email.replace("a", "ａ", 1), email.replace(".", "．", 1), email.replace("i", "ı", 1),
        email.replace("s", "ſ", 1), email.replace("@", "\u200b@"), "\u202e" + email,
        "K" + email, f"{chance.choice(sorted(POSING))}@{email.rpartition('@')[2]}",
        email.replace("o", "ο", 1),
    ]  # fmt: skip
    return chance.choice(changes)


def broken(email: str, chance: Random) -> str:
    return chance.choice(["", "@", email.replace("@", " "), email.replace("@", " @"), email + "@"])
