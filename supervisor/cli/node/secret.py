"""The Secret with certificates or SSH keys of an Engine.

Rules
- Its name contains a hash of its contents: new certificates change the Engine, and a
  Secret in use is never overwritten.
- It is owned by the Engine and deleted with it.
"""

import base64
import hashlib
from collections.abc import Mapping

from supervisor.cli.session import Session
from supervisor.kinds.identity import SECRET
from supervisor.model.engine import SECRET_NAMESPACE
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_DIGEST_LENGTH = 8


def name_of(engine: str, contents: Mapping[str, bytes]) -> str:
    """`engine-NAME-HASH`."""
    joined = b"\0".join(contents[key] for key in sorted(contents))
    return f"engine-{engine}-{hashlib.sha256(joined).hexdigest()[:_DIGEST_LENGTH]}"


def ensure(session: Session, engine: str, contents: Mapping[str, bytes]) -> str:
    """Create the Secret unless it exists; return its name. Raises ApiError."""
    name = name_of(engine, contents)
    data = {key: base64.b64encode(text).decode() for key, text in contents.items()}
    body: Object = {
        **SECRET.head,
        "metadata": {"name": name, "namespace": SECRET_NAMESPACE},
        "type": "Opaque",
        "data": data,
    }
    try:
        session.client.create(SECRET.resource, body, SECRET_NAMESPACE)
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise
        session.client.patch(SECRET.resource, name, SECRET_NAMESPACE, {"data": data})
    return name


def set_owner(session: Session, name: str, engine: Object) -> None:
    """Make the Engine the owner of the Secret. Raises ApiError."""
    owner = {
        "apiVersion": engine["apiVersion"],
        "kind": engine["kind"],
        "name": engine["metadata"]["name"],
        "uid": engine["metadata"]["uid"],
    }
    patch = {"metadata": {"ownerReferences": [owner]}}
    session.client.patch(SECRET.resource, name, SECRET_NAMESPACE, patch)


def delete_owned(session: Session, name: str, engine: Object) -> None:
    """Delete a Secret that is no longer in use, if the Engine owns it."""
    try:
        secret = session.client.get(SECRET.resource, name, SECRET_NAMESPACE)
        owners = secret["metadata"].get("ownerReferences") or []
        if any(owner["uid"] == engine["metadata"]["uid"] for owner in owners):
            session.client.delete(SECRET.resource, name, SECRET_NAMESPACE)
    except ApiError as error:
        if error.code != 404:
            raise
