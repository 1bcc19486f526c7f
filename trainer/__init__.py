"""Makes models: reads the shop's events, builds, validates and publishes a model, and puts it in service.

Does not belong here: serving (api), judging what is in service (monitor), the store's contract (registry). SQL is
spoken nowhere else. `ModelTrainer` is the seam for a shop's own logic.
"""

from trainer.events import Events
from trainer.model_trainer import ModelTrainer

__all__ = ["Events", "ModelTrainer"]
