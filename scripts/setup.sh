#!/bin/sh
# Finds a fitting Python and sets the workspace up with it; `make setup` calls this.  PYTHON names one to use.
set -eu
cd "$(dirname "$0")/.."

# Everything done before: the environment's own Python says so in a tenth of a second.
if [ -x .venv/bin/python ] && .venv/bin/python -I scripts/setup.py --ready "$@" 2>/dev/null; then
    exit 0
fi

options=$* found_old= found_bare=
try() { # try NAME...: set up with the first Python that fits; return where none does
    for candidate in "$@"; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        # 0: fits; 3: too old; 4: parts of the standard library are missing; anything else: does not even run.
        status=0
        answer=$("$candidate" -I -c '
import sys
if sys.version_info < (3, 11):
    print("%d.%d" % sys.version_info[:2]); sys.exit(3)
lacks = []
for name in ("ensurepip", "venv", "sqlite3", "ssl", "ctypes"):
    try:
        __import__(name)
    except ImportError:
        lacks.append(name)
print("%d.%d" % sys.version_info[:2], *lacks)
sys.exit(4 if lacks else 0)
' 2>/dev/null) || status=$?
        case $status in
            # shellcheck disable=SC2086 # options are plain words
            0) exec "$candidate" -I scripts/setup.py $options ;;
            3) found_old="$candidate is $answer" ;;
            4) [ -n "$found_bare" ] || found_bare=$candidate lacks=$answer ;;
        esac
    done
}
if [ -n "${PYTHON:-}" ]; then try "$PYTHON"; else try python3.14 python3.13 python3.12 python3.11 python3 python; fi

if [ -n "$found_bare" ]; then
    version=${lacks%% *}
    echo "setup: $found_bare lacks ${lacks#* }. Install the system package python$version-venv (Debian, Ubuntu: apt install python$version-venv; elsewhere: a complete Python $version), then run make again." >&2
elif [ -n "$found_old" ]; then
    echo "setup: Hookline needs Python 3.11 or newer; $found_old. Install the system packages python3.11 and python3.11-venv or newer, or name one: make setup PYTHON=/path/to/python3.12" >&2
else
    echo "setup: no Python found${PYTHON:+ at $PYTHON}. Install the system packages python3 (3.11 or newer) and python3-venv, then run make again." >&2
fi
exit 1
