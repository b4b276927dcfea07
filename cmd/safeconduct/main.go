// Command safeconduct issues agent passports, shows them and decides on them, without a server and without a network.
//
//	safeconduct help
//
// says what it does; docs/cli.md is the reference.
package main

import (
	"context"
	"os"
	"os/signal"
	"time"
)

func main() { os.Exit(start()) }

// start runs the command on the process it is in. Tests register it as the program, too.
func start() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, time.Now)
}
