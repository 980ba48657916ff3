"""E-mail addresses that merely look alike, and the parts that suggestions go by; pure."""

import unicodedata

from people.addresses import normalise, parts

# Letters of other alphabets that are drawn like a-z, and a stop that is read as a dot. Forms that
# Unicode itself calls compatible (full width, Kelvin sign, ligatures) need no entry: NFKC has them.
_DRAWN_LIKE = str.maketrans(
    "асԁеһіјкӏморԛгѕтѵԝху" + "αϲεικνορστυχγ" + "օոսհց" + "ıɑɡǀ" + "。",
    "acdehijklmopqrstvwxy" + "aceikvopotuxy" + "onuhg" + "iagl" + ".",
)
# Latin letters among them: no mixture of alphabets gives these away, so each is one too many.
_POSING_AS_PLAIN = frozenset("ıɑɡǀ")
# What the eye confuses within plain letters; only ever good for a suggestion.
_READ_LIKE = (("0", "o"), ("1", "l"), ("i", "l"), ("rn", "m"), ("vv", "w"), ("5", "s"))


def is_confusable(email: str) -> bool:
    """Whether the address uses characters that pass for others, so that it must not match alone."""
    if _is_plain(email):
        return False
    if any(_passes_for_another(character) for character in email.strip()):
        return True
    local, domain = parts(email)
    return any(_is_disguised(part) for part in (local, *map(_readable, domain.split("."))))


def skeleton(email: str) -> str:
    """What the address looks like to a hasty eye; equal skeletons are look-alikes."""
    local, domain = parts(email)
    text = f"{local}@{domain}"
    if not _is_plain(text):
        text = _undisguised(f"{local}@{'.'.join(map(_readable, domain.split('.')))}")
    for drawn, read in _READ_LIKE:
        text = text.replace(drawn, read)
    return text


def bare(email: str) -> str:
    """The normalised address without dots and "+" tag before the @, as many providers deliver it."""
    local, _, domain = normalise(email).partition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def mailbox(email: str) -> str:
    return normalise(email).partition("@")[0]


def domain_of(email: str) -> str:
    return normalise(email).partition("@")[2]


def unaccented(text: str) -> str:
    """The text without its accents: "José" as "Jose"."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return "".join(each for each in apart if not unicodedata.combining(each))


def _is_plain(email: str) -> bool:
    """Nothing but ASCII, and no domain label that stands for anything else."""
    return email.isascii() and "xn--" not in email.lower()


def _undisguised(text: str) -> str:
    text = unaccented(unicodedata.normalize("NFKC", text).lower().translate(_DRAWN_LIKE))
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def _readable(label: str) -> str:
    """A domain label as it is shown; one that is no valid punycode is shown as it stands."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _passes_for_another(character: str) -> bool:
    """Invisible characters, and those that Unicode equates with others (full width, Kelvin K)."""
    if character.isascii():
        return False
    invisible = unicodedata.category(character) in {"Cf", "Cc", "Zs"}
    if invisible or character in _POSING_AS_PLAIN:
        return True
    return unicodedata.normalize("NFKC", character) != character


def _is_disguised(part: str) -> bool:
    """Letters of several alphabets in one part, or other letters that are all drawn like a-z."""
    if part.isascii():
        return False
    alphabets = {unicodedata.name(each, "?").split()[0] for each in part if each.isalpha()}
    return len(alphabets) > 1 or part.translate(_DRAWN_LIKE).isascii()
