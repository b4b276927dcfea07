#!/bin/sh
cd "$(dirname "$0")" && exec java -Xss4m -cp 'target/classes:target/lib/*' Adapter ../../../internal/contexts/data
