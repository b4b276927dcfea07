package main

import (
	"io"
	"os"
	"runtime"
)

// colours reports whether w is a terminal that shows colours. NO_COLOR (see
// https://no-color.org), TERM=dumb and no TERM at all are a no. The consoles of
// Windows must be switched to colours first, which is not done.
func colours(w io.Writer, env func(string) string) bool {
	if runtime.GOOS == "windows" || env("NO_COLOR") != "" || env("TERM") == "" || env("TERM") == "dumb" {
		return false
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
