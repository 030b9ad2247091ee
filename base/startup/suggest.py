"""The known name that a mistyped one most likely means."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def distance(one: str, other: str, limit: int) -> int:
    """Return how many letters must be added, dropped, replaced or swapped to turn one word into the other.

    The count stops being exact once it is over the limit.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one):
        row = [i + 1]
        for j, b in enumerate(other):
            cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a != b))
            if i and j and a == other[j - 1] and one[i - 1] == b:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return last[-1]


def tolerance(word: str) -> int:
    """Return how many letters may differ in a word of this length."""
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3


def plain(name: str) -> str:
    """Return the name without what people mix up most: case, underscores and dashes."""
    return name.upper().replace("_", "").replace("-", "")


class Names:
    """Known names, made ready for many searches."""

    __slots__ = ("words",)

    def __init__(self, known: "Iterable[str]") -> None:
        self.words = [(name, word, frozenset(word)) for name in known for word in (plain(name),)]

    def nearest(self, name: str, limit: int | None = None) -> str | None:
        """Return the known name that is nearest to this one, or None when none is near."""
        word = plain(name)
        best = tolerance(word) if limit is None else limit
        length = len(word)
        letters = frozenset(word)
        found = None
        for known, other, others in self.words:
            if not -best <= len(other) - length <= best or len(letters ^ others) > 2 * best:
                continue
            apart = distance(word, other, best)
            if apart < best or (apart == best and found is None):
                best, found = apart, known
        return found


def nearest(name: str, known: "Iterable[str]", limit: int | None = None) -> str | None:
    """Return the same for a single search."""
    return Names(known).nearest(name, limit)
