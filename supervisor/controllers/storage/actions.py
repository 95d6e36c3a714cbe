"""What is done with claims and volumes. Pure."""

from dataclasses import dataclass

from supervisor.controllers.storage.sight import ClaimKey


@dataclass(frozen=True)
class SetClass:
    """Give a claim the default class."""

    claim: ClaimKey
    storage_class: str
    because: str


@dataclass(frozen=True)
class ReserveVolume:
    """Write the claim into the volume."""

    volume: str
    claim: ClaimKey
    because: str


@dataclass(frozen=True)
class BindClaim:
    """Write the volume into the claim, and its status."""

    claim: ClaimKey
    volume: str
    because: str


@dataclass(frozen=True)
class Provision:
    """Create a volume for the claim on a node; an empty node leaves that open."""

    claim: ClaimKey
    storage_class: str
    node: str
    because: str


@dataclass(frozen=True)
class SelectNode:
    claim: ClaimKey
    node: str
    because: str


@dataclass(frozen=True)
class SetClaimPhase:
    claim: ClaimKey
    phase: str
    because: str


@dataclass(frozen=True)
class SetVolumePhase:
    volume: str
    phase: str
    because: str


@dataclass(frozen=True)
class DeleteVolume:
    volume: str
    because: str


@dataclass(frozen=True)
class Unprotect:
    """Remove a finalizer from a claim, or from a volume."""

    target: ClaimKey | str
    finalizer: str
    because: str


@dataclass(frozen=True)
class ReplaceVolume:
    """Give up the volume of a claim: another of the same name takes its place."""

    claim: ClaimKey
    volume: str
    because: str


@dataclass(frozen=True)
class Tell:
    """An event of a claim, or of a volume; `because` is its message."""

    target: ClaimKey | str
    type: str
    reason: str
    because: str


Action = (
    SetClass
    | ReserveVolume
    | BindClaim
    | Provision
    | SelectNode
    | SetClaimPhase
    | SetVolumePhase
    | DeleteVolume
    | Unprotect
    | ReplaceVolume
    | Tell
)
