"""What came of tests of goals: what was not as expected, and what no test reaches."""

from __future__ import annotations

from msgspec import Struct

from goalkeeper.problems import Problem, Span
from goalkeeper.testing.comparison import Difference
from goalkeeper.verdict import Outcome

COUNTED = (Outcome.PASS, Outcome.FAIL)
"""The outcomes that the percentage counts: every rule has both, and they are what it is for."""


class RuleCoverage(Struct, frozen=True):
    """The outcomes that a rule can come to, and those that tests reach."""

    goal: str
    rule: str
    outcomes: tuple[str, ...]
    reached: tuple[str, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """The outcomes that no test reaches."""
        return tuple(outcome for outcome in self.outcomes if outcome not in self.reached)

    @property
    def counted(self) -> int:
        """How many of pass and fail are reached."""
        return sum(outcome in self.reached for outcome in COUNTED)


class Coverage(Struct, frozen=True):
    """The coverage of all rules of the goal files that tests are about; rules that are other goals are left to these."""

    rules: tuple[RuleCoverage, ...]

    @property
    def reached(self) -> int:
        """How many passes and fails are reached."""
        return sum(rule.counted for rule in self.rules)

    @property
    def of(self) -> int:
        """A pass and a fail for each rule."""
        return len(COUNTED) * len(self.rules)

    @property
    def percent(self) -> float:
        """Between 0 and 100; 100 where there is no rule."""
        return 100.0 * self.reached / self.of if self.of else 100.0


class Tested(Struct, frozen=True):
    """A test that was run, and what was not as it expects."""

    name: str
    file: str
    place: Span
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Problems that it does not expect, and that kept it from a scorecard."""

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences


class Report(Struct, frozen=True):
    """All tests that were run, in the order of their files, and the coverage of the goals that they are about."""

    tests: tuple[Tested, ...]
    coverage: Coverage

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(not test.passed for test in self.tests)
