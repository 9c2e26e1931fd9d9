"""The `protoactor` command.

_app        the commands and their options
_plugins    what is installed
_run        one process per member: _assignment, _ports (parent), _program, _member
"""

from protoactor_cli._app import app, main

__all__ = ["app", "main"]
