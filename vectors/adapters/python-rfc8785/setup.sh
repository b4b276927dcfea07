#!/bin/sh
cd "$(dirname "$0")" && python3 -m venv --clear .venv && exec .venv/bin/pip install --quiet --require-hashes -r requirements.txt
