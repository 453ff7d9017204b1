"""Log lines on stderr, for people or for machines."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

LEVELS = logging.getLevelNamesMapping()


def configure(level: str, form: str) -> None:
    """From now on: this level and up; `form` is "text" or "json". Libraries are heard from warnings on."""
    numeric = LEVELS[level.upper()]
    final: list[Any] = [
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    ]
    if form == "json":
        final = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"), *final],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=max(numeric, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
