#!/bin/sh
# Not optimised: it is the building that takes time, two minutes on two cores.
cd "$(dirname "$0")" && exec cargo build --release --locked
