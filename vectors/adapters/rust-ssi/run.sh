#!/bin/sh
cd "$(dirname "$0")" && exec target/release/safeconduct-vectors-rust-ssi ../../../internal/contexts/data
