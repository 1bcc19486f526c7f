"""`python -m api` serves the model in service on API_HOST:API_PORT."""

from api.log_lines import as_json
from api.server import serve
from api.settings import ApiSettings
from runtime.errors import Exit
from runtime.logs import set_up_logging
from runtime.process import run


def main() -> Exit:
    """Read the settings, set up the log, and serve until a signal ends it."""
    settings = ApiSettings.load()
    set_up_logging(settings, as_json)
    return serve(settings)


if __name__ == "__main__":
    run(main)
