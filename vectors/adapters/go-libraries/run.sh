#!/bin/sh
cd "$(dirname "$0")/../../.." && exec go run ./vectors/adapters/go-libraries
