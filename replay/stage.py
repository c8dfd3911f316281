"""The branch that a log is played in: made where it is missing, with every service and desk that the log needs."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count, product
from string import ascii_lowercase, ascii_uppercase

from django.utils import translation
from django.utils.text import slugify

from queues.actions.setup import Words, create_branch, create_desk, create_service, serve_also
from queues.models import Branch, Desk, Service
from queues.models.service import MISREAD
from replay.rows import CannotPlay, Row

MARK = "Replay "
"""How the English name of a branch begins that a replay has made."""
LANGUAGES = ("fi", "sv", "en")
DESK_NAME = re.compile(r"[\w-]{1,6}")

Place = tuple[str, int]
"""A counter of the log and, from 0, which of its desks: a log may have two services at one counter at once."""


@dataclass(frozen=True, slots=True)
class Stage:
    branch: Branch
    services: Mapping[str, Service]
    desks: Mapping[Place, Desk]


def places_by_counter(rows: Iterable[Row]) -> dict[int, Place]:
    """For each served row, by its line, the desk at its counter, however many services the counter has at once: one
    desk serves them one after another."""
    return {row.line: (row.counter, 0) for row in rows if row.served}


def places_side_by_side(rows: Iterable[Row]) -> dict[int, Place]:
    """For each served row, by its line, a desk that has no other visitor from `called` to `finished`: where services at
    one counter overlap, the second one is at the counter's second desk."""
    free_from: dict[str, list[Row]] = defaultdict(list)
    places: dict[int, Place] = {}
    for row in sorted((row for row in rows if row.served), key=lambda row: (row.called, row.line)):
        desks = free_from[row.counter]
        which = next((n for n, last in enumerate(desks) if last.end <= (row.called or last.end)), len(desks))
        desks[which : which + 1] = [row]
        places[row.line] = (row.counter, which)
    return places


def set_stage(slug: str, rows: Collection[Row], places: Mapping[int, Place], *, into_existing: bool) -> Stage:
    """The branch with all that these rows need. Raises CannotPlay for a branch that no replay has made, unless told to
    play into it, and ValidationError for a slug that is none."""
    branch = Branch.objects.filter(slug=slug).first()
    if branch is None:
        branch = create_branch(slug, names={"fi": f"Toisto {slug}", "sv": f"Uppspelning {slug}", "en": f"{MARK}{slug}"})
    elif not (into_existing or made_by_replay(branch)):
        raise CannotPlay(f"The branch {slug} was not made by a replay. Take another slug, or say --into-existing.")
    services = _services(branch, rows)
    wanted: dict[Place, set[str]] = defaultdict(set)
    for row in rows:
        if row.line in places:
            wanted[places[row.line]].add(row.service)
    return Stage(branch, services, _desks(branch, wanted, services))


def made_by_replay(branch: Branch) -> bool:
    with translation.override("en"):
        return branch.name.startswith(MARK)


def _services(branch: Branch, rows: Collection[Row]) -> dict[str, Service]:
    with translation.override("en"):
        offered = list(branch.services.all())
        known = {service.slug: service for service in offered} | {service.name: service for service in offered}
    slugs = {service.slug for service in known.values()}
    prefixes = {service.number_prefix for service in known.values()}
    for code, peak in sorted(_most_at_once(rows).items()):
        if code in known:
            continue
        slug = next(slug for slug in _numbered(slugify(code)[:40] or "service") if slug not in slugs)
        prefix = next(prefix for prefix in _prefixes(code) if prefix not in prefixes)
        known[code] = create_service(branch, slug, names=_same(code), prefix=prefix, last=_last_number(peak))
        slugs.add(slug)
        prefixes.add(prefix)
    return known


def _desks(
    branch: Branch, wanted: Mapping[Place, Collection[str]], services: Mapping[str, Service]
) -> dict[Place, Desk]:
    known = {desk.name: desk for desk in branch.desks.all()}
    desks: dict[Place, Desk] = {}
    names: set[str] = set()
    for place, codes in sorted(wanted.items()):
        name = next(name for name in _desk_names(place) if name not in names)
        names.add(name)
        served = [services[code] for code in sorted(codes)]
        if name in known:
            desks[place] = serve_also(known[name], served)
        else:
            desks[place] = create_desk(branch, name, services=served)
    return desks


def _desk_names(place: Place) -> Iterator[str]:
    """C07, and C07b, C07c … for further ones at that counter; plain numbers where that is no name for a desk."""
    counter, which = place
    name = counter + (ascii_lowercase[which] if 0 < which < len(ascii_lowercase) else "")
    fits = DESK_NAME.fullmatch(name) and which < len(ascii_lowercase)
    return chain([name] if fits else [], map(str, count(1)))


def _prefixes(code: str) -> Iterator[str]:
    """A letter of the service's own name if one is free, else any, else two."""
    letters = [letter for letter in ascii_uppercase if letter not in MISREAD]
    own = [letter for letter in code.upper() if letter in letters]
    return chain(own, letters, map("".join, product(letters, repeat=2)))


def _numbered(stem: str) -> Iterator[str]:
    return chain([stem], (f"{stem}-{number}" for number in count(2)))


def _same(text: str) -> Words:
    return dict.fromkeys(LANGUAGES, text)


def _most_at_once(rows: Iterable[Row]) -> dict[str, int]:
    """For each service, how many of its numbers the log has open at once."""
    steps = sorted(step for row in rows for step in ((row.arrival, 1, row.service), (row.end, 2, row.service)))
    now = Counter[str]()
    most: dict[str, int] = {}
    for _at, step, code in steps:
        now[code] += 1 if step == 1 else -1
        most[code] = max(most.get(code, 0), now[code])
    return most


def _last_number(peak: int) -> int:
    """99, or so many nines that half of the range is free at the log's busiest moment."""
    return next(last for last in (int("9" * digits) for digits in count(2)) if last >= 2 * peak)
