"""What bad data do to customers: the model made of them against one of sound data, on what came after.

No gate can measure this, since it looks into the future; it is what the gate is measured by.
"""

from model.model import Model
from trainer.evaluation.bootstrap import Interval, intervals
from trainer.evaluation.cut import Cut, CutBy
from trainer.evaluation.gain import ndcg
from trainer.evaluation.holdout import hold_out
from trainer.evaluation.lists import champion_lists
from trainer.evaluation.settings import EvaluationSettings
from trainer.evaluation.truth import Truth
from trainer.events import Events
from trainer.listing import Asking

_USERS = 2000
_THREADS = 2


def change_in_ndcg(bad: Model, sound: Model, events: Events, seconds: int, k: int) -> Interval:
    """Give the paired difference bad - sound, as a share of the sound model's ndcg@k, on the events after a time."""
    settings = EvaluationSettings(evaluation_k=k, holdout_users=_USERS)
    holdout = hold_out(events, Cut(seconds, CutBy.WINDOW), settings)
    truth = Truth.of(holdout, len(events.products)).new_to(sound, events.users, events.products)
    asking = Asking(k, _THREADS)
    served = [champion_lists(model, events.users, events.products, truth.users, asking) for model in (bad, sound)]
    of_bad, of_sound = (ndcg(truth.hits(lists.items), truth.sizes) for lists in served)
    mean, difference = float(of_sound.mean()), intervals((of_bad - of_sound)[:, None])[0]
    return Interval(difference.mean / mean, difference.low / mean, difference.high / mean)
