// Command safeconduct answers the reference tests as this library does. It is an
// example of an adapter, and something to compare with:
//
//	safeconduct vectors run -- go run ./vectors/adapters/safeconduct
package main

import (
	"fmt"
	"os"

	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/vectors/peer"
)

func main() {
	if err := vectors.Serve(os.Stdin, os.Stdout, peer.New()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
