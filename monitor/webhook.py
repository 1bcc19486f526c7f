"""A webhook that is told what changed: in Slack's words, or as plain JSON for any other receiver."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.checks.judgement import Verdict
from monitor.report import check_as_json
from monitor.telling import Change
from runtime.errors import TryAgainError

_ANSWER_SECONDS: Final = 10.0
_MARKS: Final = {Verdict.WARN: ":warning:", Verdict.FAIL: ":x:"}


class NotDeliveredError(TryAgainError):
    """The receiver cannot be reached, or did not take it."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is told, and the secret in the address, are for this receiver only."""

    def redirect_request(self, *_: object) -> None:
        """Take an answer that points elsewhere as a refusal."""


_OPENER: Final = urllib.request.build_opener(_NoRedirects)


def send(url: SecretStr, form: str, change: Change) -> None:
    """POST a change. Raises NotDeliveredError, which names the receiver's host and no more of its address."""
    address = url.get_secret_value()
    host = urlsplit(address).hostname
    body = json.dumps(_FORMS[form](change), ensure_ascii=False).encode(errors="replace")
    asked = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310
    try:
        with _OPENER.open(asked, timeout=_ANSWER_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise NotDeliveredError(f"the webhook at {host} answers {error.code}") from None
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else type(error).__name__
        raise NotDeliveredError(f"the webhook at {host} does not answer: {reason}") from None


def slack(change: Change) -> dict[str, Any]:
    """Give what Slack and those who speak as it does take: a text."""
    report = change.report
    version = report.seen.pointer.version if report.seen.pointer else "none"
    lines = [f"*Recommender: {report.status}* (it was {change.before.status}), model {version} in {report.store}"]
    lines += [f"{_MARKS[one.verdict]} {one.check}: {one.message} ({report.runbook(one)})" for one in report.unwell]
    lines += [f":white_check_mark: {check} is in order again" for check in change.recovered]
    return {"text": "\n".join(_escaped(line) for line in lines)}


def generic(change: Change) -> dict[str, Any]:
    """Give all that is known of the change."""
    report = change.report
    return {
        "event": "health_changed",
        "status": report.status,
        "status_before": change.before.status,
        "checked_at": report.seen.at.isoformat(timespec="seconds"),
        "store": report.store,
        "model_version": report.seen.pointer.version if report.seen.pointer else None,
        "checks": [check_as_json(report, result) for result in report.unwell],
        "recovered": list(change.recovered),
    }


_FORMS: Final[dict[str, Callable[[Change], dict[str, Any]]]] = {"slack": slack, "generic": generic}


def _escaped(text: str) -> str:
    """Write what Slack would read as a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
