"""Errors that end a command: each carries one line for its user and the exit code of its process."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, the contract that the CronJob's podFailurePolicy reads (sysexits.h where one fits)."""

    DONE = 0
    FAILED = 1
    BAD_SETTINGS = 64
    BAD_DATA = 65
    ROLLED_BACK = 70
    TRY_AGAIN = 75


class RecommenderError(Exception):
    """What was wrong and where, and a hint that says what to do about it."""

    exit_code = Exit.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Everything on one line, whatever a driver put into its message."""
        text = f"{self.message.strip().rstrip('.')}. {self.hint}" if self.hint else self.message
        return " ".join(text.split())


class BadSettingsError(RecommenderError):
    """A setting is wrong: trying again changes nothing."""

    exit_code = Exit.BAD_SETTINGS


class BadDataError(RecommenderError):
    """The shop's data cannot make a sound model: trying again changes nothing."""

    exit_code = Exit.BAD_DATA


class TryAgainError(RecommenderError):
    """A database, store or lock is not available now and may be later."""

    exit_code = Exit.TRY_AGAIN
