"""What a shop might write: a recipe of its own."""

from trainer.kernel.scores import SCALED_COUNT
from trainer.similarity.recipes import PairScore, fame

# The users who have both, as they are.
OVERLAP = PairScore(SCALED_COUNT, fame(0), fame(0))
A_NUMBER = 1.0
