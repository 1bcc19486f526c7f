"""Sending spans to a collector that may be away: said once when it goes, and once when it is back."""

import logging
from collections.abc import Sequence
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

log = logging.getLogger(__name__)

_TRACES_PATH: Final = "/v1/traces"
_LONGEST_REASON: Final = 300
# The library's own lines come with every batch, and with every span for which there is no more room.
_LIBRARY: Final = logging.getLogger("opentelemetry.exporter")
_QUEUE: Final = logging.getLogger("opentelemetry.sdk._shared_internal")


class ToldOnce(SpanExporter):
    """Sends spans by OTLP over HTTP. Those that cannot be sent are lost; no request waits for any of this."""

    def __init__(self, endpoint: str) -> None:
        self._url = endpoint.rstrip("/") + _TRACES_PATH
        self._inner = OTLPSpanExporter(self._url)
        self._reason = _FirstReason()
        self._away = False
        _LIBRARY.addHandler(self._reason)
        _LIBRARY.propagate = False
        _QUEUE.setLevel(logging.CRITICAL)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = self._inner.export(spans)
        away = result is not SpanExportResult.SUCCESS
        if away and not self._away:
            reason = self._reason.text[:_LONGEST_REASON]
            log.warning("No traces can be sent to %s, they are lost until it answers: %s", self._url, reason)
        elif self._away and not away:
            log.info("Traces are sent to %s again", self._url)
        self._away, self._reason.text = away, ""
        return result

    def give_up(self) -> None:
        """Break off what is being sent."""
        self._inner.shutdown()  # type: ignore[no-untyped-call]

    def shutdown(self) -> None:
        """Take no more; the SDK calls it once all is sent."""


class _FirstReason(logging.Handler):
    """Keeps the first thing that the library says of a batch; the later ones say that trying again did not help."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text = self.text or record.getMessage()
