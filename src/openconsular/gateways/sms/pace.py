"""How fast an operator may be spoken to: a window of unanswered parts, a rate, and respect for "throttled"."""

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


class Pace:
    """Halves the window and pauses when throttled, and opens again by one part for each window accepted.

    The pause doubles up to five seconds while throttling goes on. `per_second` 0 means no agreed rate. Times are
    rising seconds.
    """

    def __init__(self, window: int, per_second: float = 0.0) -> None:
        self.resumes_at = 0.0
        self._most = window
        self._window = float(window)
        self._per_second = per_second
        self._allowance = 0.0
        self._counted_at: float | None = None
        self._pause = 0.0

    def room(self, on_the_way: int, now: float) -> int:
        """How many parts may go now."""
        if now < self.resumes_at:
            return 0
        room = int(self._window) - on_the_way
        if self._per_second:
            room = min(room, self._allowed(now))
        return max(0, room)

    def wait_seconds(self, now: float) -> float:
        """How long until there may be room, answers apart; at most one second."""
        if now < self.resumes_at:
            return min(1.0, self.resumes_at - now)
        if self._per_second:
            return min(1.0, max(0.001, (1.0 - self._allowance) / self._per_second))
        return 1.0

    def sent(self, parts: int) -> None:
        self._allowance -= parts if self._per_second else 0

    def answered(self, accepted: int, throttled: int, now: float) -> None:
        """Learn from answers that came together."""
        if throttled:
            if now >= self.resumes_at:
                self._window = max(1.0, self._window / 2)
                self._pause = min(LONGEST_PAUSE_SECONDS, self._pause * 2 or FIRST_PAUSE_SECONDS)
                self.resumes_at = now + self._pause
        elif accepted:
            self._window = min(float(self._most), self._window + accepted / self._window)
            self._pause = 0.0

    def _allowed(self, now: float) -> int:
        """What the rate has allowed since it was last counted; a burst is at most a tenth of a second's worth."""
        if self._counted_at is not None:
            self._allowance += (now - self._counted_at) * self._per_second
        self._counted_at = now
        self._allowance = min(self._allowance, max(1.0, self._per_second / 10))
        return int(self._allowance) if self._allowance > 0 else 0
