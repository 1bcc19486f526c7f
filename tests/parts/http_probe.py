"""One question to a server on loopback that may not be up yet."""

from http.client import HTTPConnection, HTTPException


def answers_well(port: int, path: str) -> bool:
    """Whether a server answers a path with 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
