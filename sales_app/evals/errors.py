"""What can be wrong with an evaluation."""

from sales_app.skills.errors import SkillError


class EvalError(SkillError):
    """``code`` is stable; ``message`` says what is wrong and ``fix`` what a person can do about it."""
