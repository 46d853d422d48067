"""Evaluating an expression, and the code of the error it ends in."""

import pytest

from openconsular.domain.health.rules.certlogic import compile_expression
from openconsular.domain.health.rules.errors import RuleError


def value(expression, data=None):
    return compile_expression(expression).evaluate(data)


def error(expression, data=None):
    with pytest.raises(RuleError) as caught:
        value(expression, data)
    return caught.value.code
