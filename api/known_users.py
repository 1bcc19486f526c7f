"""Whom the model in service knows."""

from api.served_model import ServedModel
from api.services import Services


def find_user(served: ServedModel, parts: Services, user_id: str) -> int | None:
    """Find a user; None where the model does not know them, or is to know them no more."""
    return None if user_id in parts.follower.erased else served.model.users.find(user_id)
