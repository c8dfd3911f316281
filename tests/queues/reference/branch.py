"""What may be done in the reference model's branch, and when it is refused; see `reference`."""

from copy import copy
from dataclasses import replace

from tests.queues.reference.records import (
    AT_DESK,
    DAY,
    MINUTE,
    OPEN,
    SECOND,
    UNDO_WITHIN,
    BranchState,
    Moved,
    No,
    Step,
    Target,
    Visitor,
)


class ReferenceBranch(BranchState):
    """Every method is a press. It raises `No`, and changes nothing then."""

    # Drawing and calling.

    def issue(self, service: int, priority: int | None) -> Visitor:
        if self.paused is not None:
            raise No("BranchPaused")
        if self.closed == self.today:
            raise No("DayClosed")
        taken = {one.number for one in self.visitors if one.state in OPEN}
        series, size = (service, self.today), self.rules.numbers
        last = self.last_number.get(series, 0)
        free = ((last + step) % size + 1 for step in range(size))
        number = next((one for one in free if f"{self.rules.prefixes[service]}{one}" not in taken), None)
        if number is None:
            raise No("NumbersUsedUp")
        self.last_number[series] = number
        head = 0 if priority is None else min(self.rules.classes[priority], self.rules.ceiling)
        self.steps += 1
        came = self.last_due()
        drawn = Moved("", "WAITING", "issue", None, came, self.steps, led=False)
        shown = f"{self.rules.prefixes[service]}{number}"
        one = Visitor(len(self.visitors), shown, service, self.today, came - head * MINUTE, head, priority)
        one.story = (drawn,)
        self.visitors.append(one)
        return one

    def call_next(self, desk: int, by: int | None, *, knows: bool) -> None:
        """`knows`: the page has seen the desk's last move, or doesn't say what it has seen."""
        with self.pressing(desk, by) as here:
            if not knows and here.last:
                if self.has(desk):
                    return
                raise No("ChangedMeanwhile")
            self.refuse_unless_free(desk)
            due = self.due_at(desk, by)
            if not due:
                raise No("NobodyWaiting")
            self.move(due[0], "CALLED", "call_next", desk=desk, by=by)

    def call_ticket(self, desk: int, number: str, by: int) -> None:
        with self.pressing(desk, by):
            if by not in self.rules.supervisors:
                raise No("NotPermitted")
            one = self._open(number)
            self.refuse_unless_free(desk)
            if one.state not in ("WAITING", "HELD"):
                raise self.refusal(one)
            one.leader = None
            self.move(one, "CALLED", "call_ticket", desk=desk, by=by)

    def _open(self, number: str) -> Visitor:
        """Today's open ticket with this number."""
        today = [one for one in self.visitors if one.number == number and one.day == self.today]
        if not today:
            raise No("UnknownTicket")
        still = [one for one in today if one.state in OPEN]
        if not still:
            raise No("AlreadyOver")
        return still[0]

    def call_held(self, desk: int, one: Visitor, by: int) -> None:
        with self.pressing(desk, by):
            if one.state == "CALLED" and one.desk == desk and one.leader is None:
                return
            self.own(desk, one, *OPEN, "DONE", "NO_SHOW", "LEFT", "EXPIRED")
            self.refuse_unless_free(desk)
            if one.state != "HELD":
                raise self.refusal(one)
            self.refuse_if_day_is_over(one)
            self.move(one, "CALLED", "call_held", desk=desk, by=by)

    def recall(self, desk: int, one: Visitor, by: int, calls_seen: int | None) -> None:
        with self.pressing(desk, by):
            self.own(desk, one, *OPEN, "DONE", "NO_SHOW", "LEFT", "EXPIRED")
            if calls_seen is not None and one.state == "CALLED" and one.calls > calls_seen:
                return
            if self.paused is not None:
                raise No("BranchPaused")
            self.own(desk, one, "CALLED")
            limit = self.rules.calls_limit
            if limit is not None and one.calls > limit:
                self._absent(one, desk, by)
            else:
                self.move(one, "CALLED", "recall", desk=desk, by=by)

    def start_serving(self, desk: int, one: Visitor, by: int) -> None:
        with self.pressing(desk, by):
            if self.own(desk, one, "CALLED", "SERVING") and one.state == "CALLED":
                self.move(one, "SERVING", "start_serving", desk=desk, by=by)

    def finish(self, desk: int, one: Visitor, by: int) -> None:
        with self.pressing(desk, by):
            if not self.own(desk, one, "SERVING", "DONE", again="finish") or one.state == "DONE":
                return
            if one.back_to and one.day == self.today:
                at, clerk, service = one.back_to
                where = [pk for pk, other in enumerate(self.desks) if clerk is not None and other.clerk == clerk]
                self.move(one, "WAITING", "finish", desk=desk, by=by, service=service, back_to=None, for_clerk=None,
                           for_desk=where[0] if where else at)  # fmt: skip
            elif one.plan and one.day == self.today:
                service = self._quickest(one.plan)
                rest = tuple(planned for planned in one.plan if planned != service)
                self.move(one, "WAITING", "finish", desk=desk, by=by, service=service, plan=rest, for_desk=None,
                           for_clerk=None)  # fmt: skip
            else:
                self.move(one, "DONE", "finish", desk=desk, by=by)

    def _quickest(self, planned: tuple[int, ...]) -> int:
        """Where somebody serves, and the fewest wait."""
        staffed = {service for here in self.desks if here.clerk is not None and here.paused is None
                   for service in here.services}  # fmt: skip
        waiting = [sum(other.service == service for other in self.line()) for service in range(3)]
        return min(planned, key=lambda service: (service not in staffed, waiting[service], service))

    def mark_absent(self, desk: int, one: Visitor, by: int) -> None:
        with self.pressing(desk, by):
            if self.own(desk, one, "CALLED", "NO_SHOW", again="mark_absent") and one.state == "CALLED":
                self._absent(one, desk, by)

    def _absent(self, one: Visitor, desk: int, by: int) -> None:
        limit = self.rules.calls_limit
        if limit is None or one.calls > limit or one.day != self.today:
            self.move(one, "NO_SHOW", "mark_absent", desk=desk, by=by)
        else:
            again = self.now + self.rules.cool_down * SECOND
            self.move(one, "WAITING", "mark_absent", desk=desk, by=by, not_before=again)

    # Sending on.

    def hold(self, desk: int, one: Visitor, by: int, minutes: int | None) -> None:
        with self.pressing(desk, by):
            if one.state == "HELD" and one.desk == desk and one.leader is None:
                return
            if self.own(desk, one, "CALLED", "SERVING", waits=True):
                until = self.now + minutes * MINUTE if minutes else None
                self.move(one, "HELD", "hold", desk=desk, by=by, not_before=until)

    def end_holds(self) -> None:
        for one in self.visitors:
            if one.state == "HELD" and one.leader is None and self.waits(one):
                self.move(one, "WAITING", "end_holds", not_before=None)

    def put_back(self, desk: int, one: Visitor, by: int) -> None:
        with self.pressing(desk, by):
            if self.own(desk, one, "CALLED", "SERVING", "HELD", again="put_back", waits=True):
                self.move(one, "WAITING", "put_back", desk=desk, by=by, not_before=None)

    def transfer(self, desk: int, one: Visitor, by: int, *, to: Target, at_the_end: bool, returns: bool) -> None:
        with self.pressing(desk, by):
            if not self.own(desk, one, "CALLED", "SERVING", "HELD", again="transfer", waits=True):
                return
            changes = self._target(one, to)
            changes |= {"due": self.end_of_line(), "head": 0} if at_the_end else {}
            changes |= {"back_to": (desk, by, one.service)} if returns else {}
            sent_on = one.sent_on + 1
            self.move(one, "WAITING", "transfer", desk=desk, by=by, sent_on=sent_on, **changes)  # type: ignore[arg-type]

    def _target(self, one: Visitor, to: Target) -> dict[str, object]:
        service, desk, clerk = to
        plan = tuple(planned for planned in one.plan if planned != service)
        return {
            "service": one.service if service is None else service,
            "for_desk": desk,
            "for_clerk": clerk,
            "plan": plan,
            "not_before": None,
        }

    def _send(self, one: Visitor, to: Target) -> None:
        if one.state not in ("WAITING", "HELD"):
            raise self.refusal(one)
        one.leader = None
        self.move(one, "WAITING", "reassign", **self._target(one, to))  # type: ignore[arg-type]

    def bring_back(self, one: Visitor, places: int | None) -> None:
        if one.state == "WAITING":
            first = one if one.leader is None else self.visitors[one.leader]
            if first.not_before is not None:
                self.move(first, "WAITING", "bring_back", not_before=None)
            return
        if one.state != "NO_SHOW" or one.day != self.today:
            raise self.refusal(one)
        coming = {one.number} | ({other.number for other in self.followers(one)})
        if coming & {other.number for other in self.visitors if other.state in OPEN}:
            raise No("NumberTaken")
        one.leader = None
        ahead = [other.due for other in self.line() if other.service == one.service and other.leader is None]
        places = self.rules.back_places if places is None else places
        if not ahead:
            due = one.due
        elif places == 0:
            due = min(one.due, ahead[0] - 1)
        else:
            due = max(one.due, ahead[min(places, len(ahead)) - 1] + 1)
        further_back = {"head": 0} if due > one.due else {}
        self.move(one, "WAITING", "bring_back", due=due, not_before=None, **further_back)  # type: ignore[arg-type]

    def link(self, desk: int, leader: str, number: str, by: int) -> None:
        with self.pressing(desk, by):
            leading = self._open(leader)
            if leading.state != "WAITING" and (leading.state not in AT_DESK or leading.desk != desk):
                raise self.refusal(leading)
            one = self._open(number)
            if leading.leader is not None or one is leading or one.leader is not None or self.followers(one):
                raise No("LinkedAlready")
            if one.state != "WAITING":
                raise self.refusal(one)
            before = {one.id: copy(one)}
            self.move(one, "CALLED" if leading.state in AT_DESK else "WAITING", "link", desk=desk, by=by)
            if leading.state == "SERVING":
                self.move(one, "SERVING", "link", desk=desk, by=by)
            one.leader = leading.id
            last = self.desks[desk].last
            self.desks[desk].last = replace(last, before=before) if last else None

    def plan(self, one: Visitor, services: list[int]) -> None:
        if one.state not in OPEN:
            raise self.refusal(one)
        one.plan = tuple(dict.fromkeys(service for service in services if service != one.service))

    def leave(self, one: Visitor) -> None:
        if one.state == "LEFT":
            return
        if one.state not in ("WAITING", "CALLED", "HELD"):
            raise self.refusal(one)
        self.move(one, "LEFT", "leave", alone=True)
        one.leader = None
        following = self.followers(one)
        for other in following:
            other.leader = following[0].id if other is not following[0] else None

    # A supervisor's hand, and the clock's.

    def release(self, one: Visitor, *, back: bool, by: int) -> None:
        one = one if one.leader is None else self.visitors[one.leader]
        if one.state not in ("CALLED", "SERVING", "HELD"):
            raise self.refusal(one)
        end = {"SERVING": "DONE", "CALLED": "NO_SHOW", "HELD": "LEFT"}[one.state]
        if back:
            self.refuse_if_day_is_over(one)
        changes = {"not_before": None} if back else {}
        self.move(one, "WAITING" if back else end, "free", by=by, **changes)  # type: ignore[arg-type]

    def transfer_ticket(self, one: Visitor, to: Target, by: int) -> None:
        if one.state in AT_DESK:
            one = one if one.leader is None else self.visitors[one.leader]
            self.release(one, back=True, by=by)
        self._send(one, to)

    def set_priority(self, one: Visitor, priority: int | None) -> None:
        if one.state != "WAITING":
            raise self.refusal(one)
        head = 0 if priority is None else min(self.rules.classes[priority], self.rules.ceiling)
        if (one.priority, one.head) == (priority, head):
            return
        due = one.due + (one.head - head) * MINUTE
        self.move(one, "WAITING", "set_priority", alone=True, priority=priority, head=head, due=due)

    def pause_all(self) -> None:
        self.paused = self.now if self.paused is None else self.paused

    def resume_all(self) -> None:
        if self.paused is not None:
            self.paused = None
            for here in self.desks:
                here.ready = self.now

    def close_now(self) -> None:
        self.closed = self.today
        for one in self.visitors:
            if one.leader is None and one.state in ("WAITING", "HELD"):
                self.move(one, "EXPIRED", "close_now")

    def reopen(self) -> None:
        self.closed = None

    def close_day(self) -> None:
        if self.day_begun == self.today:
            return
        self.day_begun = self.today
        for one in self.visitors:
            if one.day < self.today and one.leader is None and one.state in ("WAITING", "CALLED", "HELD"):
                self.move(one, "EXPIRED", "close_day")
        for desk, here in enumerate(self.desks):
            serving = any(one.desk == desk and one.state == "SERVING" for one in self.visitors)
            if here.clerk is not None and here.clerk_since // DAY < self.today and not serving:
                self.end_session(here)
        if self.paused is not None and self.paused // DAY < self.today:
            self.paused = None

    def auto_call_idle_desks(self) -> None:
        for desk, here in enumerate(self.desks):
            if not here.auto or here.clerk is None or here.paused is not None or self.paused is not None:
                continue
            since = max(here.ready, here.clerk_since, here.last.at if here.last else 0)
            due = self.due_at(desk, here.clerk)
            if not self.has(desk) and self.now - since >= self.rules.breath * SECOND and due:
                self.move(due[0], "CALLED", "call_next", desk=desk, by=here.clerk)

    # The desk itself.

    def undo(self, desk: int, by: int) -> None:
        with self.pressing(desk, by) as here:
            last = here.last
            if last is None or last.action == "undo" or last.by != by or self.now - last.at > UNDO_WITHIN:
                raise No("NothingToUndo")
            party = [self.visitors[pk] for pk in last.before]
            if here.paused is not None:
                raise No("DeskPaused")
            if any(one.story[-1].step != last.id for one in party):
                raise No("ActedSince")
            if any(other.id not in last.before for one in party for other in self.followers(one)):
                raise No("ActedSince")
            open_now = {other.number for other in self.visitors if other.state in OPEN}
            if any(one.state not in OPEN and one.number in open_now for one in party):
                raise No("NumberTaken")
            for one in party:
                was = last.before[one.id]
                self.visitors[one.id] = was if last.action in ("transfer", "finish") else replace(was, plan=one.plan)
            here.last = Step(0, "undo", by, self.now, last.lead)

    def open_session(self, desk: int, by: int) -> None:
        with self.pressing(desk, by):
            pass

    def take_over(self, desk: int, by: int) -> None:
        if self.desks[desk].clerk != by:
            self.set_clerk(self.desks[desk], by)

    def close_session(self, desk: int, by: int, *, puts_back: bool) -> None:
        here = self.desks[desk]
        if here.clerk is None:
            return
        if here.clerk != by:
            raise No("DeskTaken")
        has = self.has(desk)
        if has and not puts_back:
            raise No("DeskBusy")
        if has:
            self.refuse_if_day_is_over(has)
            self.move(has, "WAITING", "put_back", desk=desk, by=by)
        self.end_session(here)

    def pause(self, desk: int, by: int) -> None:
        with self.pressing(desk, by) as here:
            if here.paused is None:
                if self.has(desk):
                    raise No("DeskBusy")
                here.paused = self.now

    def resume(self, desk: int, by: int) -> None:
        with self.pressing(desk, by) as here:
            if here.paused is not None:
                self.go_on(here)
                here.ready = self.now

    def set_auto_call(self, desk: int, by: int, *, on: bool) -> None:
        with self.pressing(desk, by) as here:
            here.auto, here.ready = on, self.now
