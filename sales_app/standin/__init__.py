"""The stand-in model: what answers when no key for Claude is set.

It speaks the Messages wire protocol to the real SDK, chooses tools from the question and writes from their results. It is
no language model: it reads the questions that ``mind`` has rules for, and says so when it cannot read one. It
also refuses what the real service refuses, and fails on command, so that the agent is tested against something that
is as strict as what it will meet.
"""

MODEL = "clewline-stand-in"
