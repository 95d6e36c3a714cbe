"""Find the type of a kind; read each group's files when they are first needed.

The files of a group and version are `GROUP_VERSION.schema` and
`GROUP_VERSION.PART.schema`, where GROUP is the group's first word, `core` for none.
Types may refer to those of core/v1 and meta/v1 besides their own package's. A file of
an older version says `like APIVERSION KIND ...`: it has these kinds and the types of
that version too, but for those that it defines itself.
"""

from functools import lru_cache
from importlib.resources import files

from supervisor.model.schema.parser import Package, parse
from supervisor.model.schema.types import Shape, TypeSchema

_META = "meta.k8s.io/v1"
_CORE = "v1"


def lookup(api_version: str, kind: str) -> TypeSchema | None:
    """The type of a kind; None if the table does not have it.

    DeleteOptions and Status are part of every group and version.
    """
    package = _package(api_version)
    found = package.types.get(kind) if package else None
    if found is None:
        found = _load(_META).types.get(kind)
    return found if found is not None and found.is_kind else None


def kinds(api_version: str) -> list[TypeSchema]:
    """All kinds of one group and version, lists included."""
    package = _package(api_version)
    return [t for t in package.types.values() if t.is_kind] if package else []


def add(api_version: str, text: str) -> None:
    """Have the types of one more `*.schema` file, given as text; once for each text."""
    _ADDED.setdefault(api_version, {})[text.partition("\n")[0]] = text
    _load.cache_clear()


#: Texts besides the files, by apiVersion and first line.
_ADDED: dict[str, dict[str, str]] = {}


def _package(api_version: str) -> Package | None:
    package = _load(api_version) if _is_plain(api_version) else None
    if package is None or package.api_version != api_version:
        return None
    return package


def _is_plain(api_version: str) -> bool:
    """Guards the cache and the file system from what users may write."""
    group, _, version = api_version.rpartition("/")
    words = f"{group}.{version}" if group else version
    return len(words) < 128 and all(w.isalnum() for w in words.split("."))


@lru_cache(maxsize=64)
def _load(api_version: str) -> Package:
    """The package; empty when there are no files for it."""
    texts = _texts(api_version)
    texts |= _ADDED.get(api_version, {})
    neighbours = {_META: (), _CORE: (_META,)}.get(api_version, (_CORE, _META))

    def resolve(name: str) -> TypeSchema | Shape | None:
        found = (_load(n).find(name) for n in neighbours)
        return next((f for f in found if f is not None), None)

    return parse(texts, resolve)


def _texts(api_version: str) -> dict[str, str]:
    """The files of one group and version by name, with what they take from others."""
    group, _, version = api_version.rpartition("/")
    stem = f"{group.partition('.')[0] or 'core'}_{version}"
    found = {
        file.name: file.read_text("utf-8")
        for file in sorted(files(__package__).iterdir(), key=lambda f: f.name)
        if file.name.endswith(".schema") and file.name.startswith(f"{stem}.")
    }
    lines = [line for text in found.values() for line in text.splitlines()]
    own = {_defined(line) for line in lines}
    for line in lines:
        if line.startswith(_LIKE):
            source, *kept = line.removeprefix(_LIKE).split()
            for name, text in _texts(source).items():
                found[name] = _borrowed(text, own, set(kept))
    return found


_LIKE = "like "


def _defined(line: str) -> str:
    """The name that a line defines; empty if it defines nothing."""
    word, _, rest = line.partition(" ")
    return rest.split()[0] if word in ("alias", "type", "kind") else ""


def _borrowed(text: str, own: set[str], kinds: set[str]) -> str:
    """The definitions of `text` besides `own`; of the kinds, only these `kinds`.

    Lines that are left out become empty, so that errors name the right ones.
    """
    kept, taken = [], False
    for line in text.splitlines():
        if not line.startswith(" "):
            name = _defined(line)
            is_kind = line.startswith("kind ")
            taken = bool(name) and name not in own and (not is_kind or name in kinds)
        kept.append(line if taken else "")
    return "\n".join(kept)
