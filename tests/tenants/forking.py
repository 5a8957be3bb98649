"""Runs manage.py commands in forked children: a kill may come at once, without the start-up.

Reads a JSON list of arguments a line; answers with the child's process id, and then with its
exit code, negative for a signal. The children's output goes to the file named first.
"""

import json
import os
import sys
import traceback

import django
from django.core.management import execute_from_command_line


def main() -> None:
    """Serve until standard input ends."""
    django.setup()
    for line in sys.stdin:
        output, *arguments = json.loads(line)
        child = os.fork()
        if not child:
            _run(output, arguments)
        print(child, flush=True)  # noqa: T201 -- the protocol
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _run(output: str, arguments: list[str]) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    code = 1
    try:
        execute_from_command_line(["manage.py", *arguments])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
