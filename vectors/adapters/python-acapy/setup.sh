#!/bin/sh
# ACA-Py asks for Python 3.13. Only what the adapter loads is installed.
set -e
cd "$(dirname "$0")"
for python in python3 python3.13 python3.14 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python3; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null; then
    "$python" -m venv --clear .venv
    exec .venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
  fi
done
echo "there is no Python 3.13" >&2
exit 1
