"""Answers to reviews: they are never stored."""

from supervisor.api.registry import checking
from supervisor.kinds.base import Review
from supervisor.model.meta import Object


def answered(review: Review, obj: Object, user: str) -> Object:
    """`obj`, a review by `user`, with its status filled in."""
    obj["metadata"].setdefault("creationTimestamp", None)
    return checking.written(review, obj | {"status": review.answer(user)})
