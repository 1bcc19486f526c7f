"""Who writes, to the API server: the name under which it keeps what is ours in `metadata.managedFields`."""

from typing import Final

FIELD_MANAGER: Final = "recommender"
