#!/bin/sh
exec "$(dirname "$0")/target/release/safeconduct-vectors-rust-jcs"
