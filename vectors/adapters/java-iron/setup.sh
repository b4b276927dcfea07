#!/bin/sh
# Fetches the libraries, checks them, and compiles the adapter into target.
set -e
cd "$(dirname "$0")"
mvn -q dependency:copy-dependencies -DoutputDirectory=target/lib
sha256sum --check --quiet libraries.sha256
javac -d target/classes -cp 'target/lib/*' Adapter.java
