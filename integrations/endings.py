"""How an attempt to connect can end, in words: those that the server knows and those of a window."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ending:
    """Title and sentence for people; `tone` is info, good, warn or bad."""

    tone: str
    title: str
    text: str


# Ends that the server has seen for itself; the attempt's `outcome` is the key.
KNOWN: Mapping[str, Ending] = {
    "connected": Ending("good", "Connected", "The first list is being read."),
    "reconnected": Ending(
        "good", "Connected again", "Accounts, decisions and history are as they were."
    ),
    "duplicate": Ending(
        "warn",
        "This organisation is connected already",
        "{organisation} was connected here before. That connection was not touched, and the second"
        " authorisation is withdrawn. To connect another organisation, start again and choose it"
        " in the list that {product} shows.",
    ),
    "wrong_organisation": Ending(
        "bad",
        "That was another organisation",
        "This connection belongs to {pinned}, but access was allowed to {organisation}. Nothing was"
        " changed and nothing of {organisation} is used. Choose “Reconnect” again and pick {pinned}.",
    ),
    "validation_error": Ending(
        "bad",
        "The permission check failed",
        "Access was allowed, but by somebody who may not read the users{detail}. Nothing was"
        " connected. Start again with a login that has the Adviser or Standard role.",
    ),
    "post_install_error": Ending(
        "bad",
        "Setting up the connection failed",
        "Access was allowed, but a step after it failed{detail}. Nothing was connected and nothing"
        " was lost. Start again; if it fails once more, tell whoever runs this installation.",
    ),
    "not_accepted": Ending(
        "bad",
        "{product} refuses the new authorisation",
        "{detail} Nothing was connected. Start again with a login that has the Adviser or Standard"
        " role, and allow everything that is asked for.",
    ),
    "expired": Ending(
        "warn",
        "The time for this is over",
        "An attempt counts for 15 minutes, so that nobody can finish it later in your name."
        " Nothing was connected. Start again when you are ready.",
    ),
    "superseded": Ending(
        "info",
        "You started again elsewhere",
        "Only the newest attempt counts. Go on in its window, or start again here.",
    ),
    "not_allowed": Ending(
        "bad",
        "Whoever began this may no longer connect",
        "They left the workspace or lost the right while it was under way. Nothing was connected,"
        " and the authorisation is withdrawn. An admin can start again.",
    ),
    "disconnected": Ending(
        "info",
        "The connection was disconnected meanwhile",
        "So this reconnect no longer counts. Start again if you want it back.",
    ),
}

# What only a browser says. It changes nothing: the attempt stays open and is asked about.
HINTS: Mapping[str, Ending] = {
    "closed": Ending(
        "warn",
        "The window was closed before access was allowed",
        "Nothing was connected. Start again, or go on in the other window if you still have one.",
    ),
    "blocked": Ending(
        "warn",
        "Your browser blocked the pop-up",
        "Nothing was connected yet. Allow pop-ups for this page and try again, or go on in this"
        " window.",
    ),
    "denied": Ending(
        "warn",
        "Access was not allowed",
        "Somebody chose to cancel in {product}. Nothing was connected. Start again when you want"
        " to allow it.",
    ),
    "link": Ending(
        "warn",
        "The link could not be used",
        "It was used before, or it is too old. Nothing was connected. Start again: that makes a"
        " new one.",
    ),
    "unavailable": Ending(
        "bad",
        "{product} is not offered",
        "Our partner does not offer {product} to this installation. Nothing was connected. Please"
        " tell whoever runs this installation.",
    ),
    "failed": Ending(
        "warn",
        "The window reported a problem",
        "We are asking our partner what became of it. If nothing appears here, start again.",
    ),
}


def hinted(hint: str, product: str) -> Ending | None:
    """What to say of a browser's hint; None for one that we do not know."""
    found = HINTS.get(hint)
    if found is None:
        return None
    title, text = (words.format(product=product) for words in (found.title, found.text))
    return Ending(found.tone, title, text)


def told(outcome: str, product: str) -> Ending | None:
    """The tone and title of an ending that the server has seen; None while there is none."""
    found = KNOWN.get(outcome)
    return found and Ending(found.tone, found.title.format(product=product), found.text)
