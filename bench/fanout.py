"""How long a call takes to the last of many screens and phones, beside a bare broadcast of the same bytes."""

import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from bench.figures import Figure
from bench.lab import Bare, Hall, Lab, Program
from tests.kit.servers import Server

ROUNDS = {100: 60, 1000: 30, 5000: 30}
TWO_SERVERS = 15
PHONES = 2000
PHONE_ROUNDS = 20
WARM_UP = 3


class Crowds:
    """One or more crowds that watch the same branch."""

    def __init__(self, stack: ExitStack, lists: Sequence[Sequence[str]]) -> None:
        self.programs = [stack.enter_context(Program("bench.crowd")) for _list in lists]
        for program, addresses in zip(self.programs, lists, strict=True):
            program.ask(do="connect", addresses=list(addresses), spread=len(addresses) / 2000)

    def round(self, hall: Hall) -> tuple[float, int]:
        """ms from the commit of a call to the last socket, and the bytes of a frame."""
        for program in self.programs:
            program.ask(do="arm")
        committed, revision = hall.call()
        for program in self.programs:
            program.tell(do="await", rev=revision)
        shown = [program.heard() for program in self.programs]
        hall.clear()
        for program in self.programs:
            program.ask(do="await", rev=hall.revision())
        return (max(one["last"] for one in shown) - committed) * 1000, shown[0]["size"]


def displays(lab: Lab) -> list[Figure]:
    """fanout_1000, fanout_5000, fanout_growth, worst_round."""
    lab.say("displays of one branch, one server")
    taken: dict[int, tuple[list[float], list[float]]] = {}
    for count, rounds in ROUNDS.items():
        with lab.server() as server:
            taken[count] = _beside_bare(
                lab,
                rounds,
                count,
                lambda hall, here=server, many=count: [[hall.display(here)] * many],  # type: ignore[misc]
            )
    ours, bare = taken[5000]
    per_socket = {count: statistics.median(mine) / count for count, (mine, _bare) in taken.items()}
    return [
        _ratio("fanout_1000", *taken[1000]),
        _ratio("fanout_5000", ours, bare),
        Figure("fanout_growth", per_socket[5000] / per_socket[100], {"at 100": taken[100][0], "at 5,000": ours}),
        Figure("worst_round", max(ours) / statistics.median(ours), {"ours": ours}),
    ]


def two_servers(lab: Lab) -> list[Figure]:
    """fanout_5000_two."""
    lab.say("5,000 displays over two servers")
    with lab.server() as one, lab.server() as other:
        ours, bare = _beside_bare(
            lab, TWO_SERVERS, 5000, lambda hall: [[hall.display(server)] * 2500 for server in (one, other)]
        )
    return [_ratio("fanout_5000_two", ours, bare)]


def phones(lab: Lab) -> list[Figure]:
    """phones_2000."""
    lab.say("2,000 phones of one branch, each with a place of its own")
    with lab.server() as server:
        ours, bare = _beside_bare(lab, PHONE_ROUNDS, PHONES, lambda hall: [_phones(hall, server)])
    return [_ratio("phones_2000", ours, bare)]


def _phones(hall: Hall, server: Server) -> list[str]:
    """Those who are called during the rounds follow on paper."""
    for _without_phone in range(PHONE_ROUNDS + WARM_UP):
        hall.issue()
    return [hall.phone(server, hall.issue()) for _visitor in range(PHONES)]


def _beside_bare(
    lab: Lab, rounds: int, count: int, addresses: Callable[[Hall], Sequence[Sequence[str]]]
) -> tuple[list[float], list[float]]:
    """ms of each round, ours and bare, one beside the other so that the machine's moods meet both."""
    ours: list[float] = []
    limit: list[float] = []
    with ExitStack() as stack, Bare() as bare:
        hall = lab.hall(waiting=0)
        watched = addresses(hall)
        while hall.branch.tickets.count() < rounds + WARM_UP:
            hall.issue()
        crowds = Crowds(stack, watched)
        bare.connect(count)
        for number in range(rounds + WARM_UP):
            took, size = crowds.round(hall)
            alone = bare.round(size)
            if number >= WARM_UP:
                ours.append(took)
                limit.append(alone)
    lab.say(f"  {count:,}: ours {statistics.median(ours):.1f} ms, bare {statistics.median(limit):.1f} ms, {size} bytes")
    return ours, limit


def _ratio(name: str, ours: list[float], bare: list[float]) -> Figure:
    """Of the medians."""
    return Figure(name, statistics.median(ours) / statistics.median(bare), {"ours": ours, "bare": bare})
