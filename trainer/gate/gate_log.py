"""The gate's table in the log: a line a rule."""

import logging

from trainer.gate.gate import GateReport
from trainer.gate.ruling import Verdict

log = logging.getLogger(__name__)

_LEVELS = {Verdict.WARNED: logging.WARNING, Verdict.REJECTED: logging.WARNING}


def tell(report: GateReport) -> None:
    """Log every ruling."""
    for ruling in report.rulings:
        level = _LEVELS.get(ruling.verdict, logging.INFO)
        log.log(
            level, "Gate: %s %s: %s", ruling.rule, ruling.verdict, ruling.sentence, extra={"gate": ruling.as_json()}
        )
