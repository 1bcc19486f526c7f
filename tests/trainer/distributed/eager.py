"""A shop's own trainer (TRAINER_CLASS) that has workers make the passes over even the smallest matrix."""

from dataclasses import replace

from trainer import ModelTrainer
from trainer.distributed.passes import LayOutForWorkers
from trainer.events import Events

EAGER = f"{__name__}:EagerTrainer"


class EagerTrainer(ModelTrainer):
    """What is here the least that workers are given would take a minute to make."""

    def custom_preprocessing(self, events: Events) -> Events:
        """Before anything is laid out, lower the least."""
        if isinstance(self.lay_out, LayOutForWorkers):
            self.lay_out = replace(self.lay_out, least_pairs=0)
        return events
