"""Reviews: answered and never stored."""

from supervisor.api.registry import checking
from supervisor.kinds.base import Review
from supervisor.model.meta import Object


def with_status(review: Review, obj: Object, user: str) -> Object:
    """The review `obj` with its status for `user`."""
    obj["metadata"].setdefault("creationTimestamp", None)
    return checking.to_stored(review, obj | {"status": review.answer(user)})
