#!/bin/sh
cd "$(dirname "$0")" && exec npm ci --no-audit --no-fund
