"""How logs are written, and what never gets into them: secrets that stand in addresses."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_PATHS = re.compile(
    r"((?:/join/|/password/reset/key/|/confirm-email/)|%2Fjoin%2F)[^/\s\"'%?&>]+"
)


def scrub(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the secret part of such an address becomes "…" in every text."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = SECRET_PATHS.sub(r"\1…", value)
    return line


def lines(*, embedded: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: lines for people where embedded, else JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                # For lines of libraries; ours have all of this already.
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.stdlib.add_logger_name,
                    structlog.stdlib.add_log_level,
                ],
                "processors": [
                    structlog.processors.format_exc_info,  # before scrub: a traceback quotes too
                    scrub,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.dev.ConsoleRenderer(
                        colors=False,
                        # The default shows local variables, and with them secrets.
                        exception_formatter=structlog.dev.plain_traceback,
                    )
                    if embedded
                    else structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
    }


def configure() -> None:
    """Let structlog hand its lines to the standard library's loggers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
