"""Command lines whose mistakes end like every other wrong setting: one line, exit code 64."""

import argparse
from typing import NoReturn

from runtime.errors import BadSettingsError


class ArgumentParser(argparse.ArgumentParser):
    """argparse's parser; its `error` raises instead of printing the usage and leaving with code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise BadSettingsError, which names the argument and gives the usage."""
        raise BadSettingsError(f"wrong arguments: {message}", hint=self.format_usage())
