"""Run a command and write what it cost, as JSON, to a file: `python launch.py COST COMMAND...`.

Linux counts a parent's memory into its child's peak; this parent is small, a benchmark with its libraries is not.
"""

import json
import os
import sys
import time


def main(cost, command):
    """Run the command; return its exit status."""
    start = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    found = {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }
    with open(cost, "w", encoding="utf-8") as file:
        json.dump(found, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
