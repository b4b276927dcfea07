#!/bin/sh
cd "$(dirname "$0")" && python3 -m venv --clear .venv &&
  exec .venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
