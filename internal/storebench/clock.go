package storebench

import "time"

// Clock is the machine's, for what is measured by it.
func Clock() time.Time { return time.Now() }
