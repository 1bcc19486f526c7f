"""Ids in paths: any text at all, slashes, percent signs and line ends included."""

from typing import Annotated

from fastapi import Path
from starlette.convertors import Convertor, register_url_convertor


class ExternalIdConvertor(Convertor[str]):
    """Like Starlette's `path`, which stops at a line end."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        """Give the id."""
        return value

    def to_string(self, value: str) -> str:
        """Give the path's part."""
        return value


register_url_convertor("external_id", ExternalIdConvertor())

ProductId = Annotated[str, Path(description="The shop's id of a product, percent-encoded.", examples=["17"])]
UserId = Annotated[str, Path(description="The shop's id of a user, percent-encoded.", examples=["42"])]
