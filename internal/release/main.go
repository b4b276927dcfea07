// Command release makes what a release of the command consists of, and publishes nothing.
//
//	go run ./internal/release build -out dist [-key release.pem] [-platforms linux/amd64,…] [-fresh]
//	go run ./internal/release binary -platform linux/amd64 -out safeconduct
//	go run ./internal/release verify -key release.pub dist/*
//
// build clones the commit at HEAD twice, into folders of different names, builds each platform in both, and stops
// unless they agree byte for byte. Beside the programs it writes SHA256SUMS, an SBOM for each program, the licences
// of what they contain, and a signed statement of how they were made (provenance.intoto.jsonl).
// docs/howto/verify-a-release.md is what users do with it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// toolchain is the only Go that releases are built with; the go command fetches it, by its checksum, if it is another.
// The Dockerfile names the same.
const toolchain = "go1.26.8"

// platforms are those that a release has programs for.
const platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("want build, binary or verify")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "build":
		r := release{toolchain: toolchain, main: "./cmd/safeconduct", name: "safeconduct", sbom: cycloneDX, log: out}
		flags.StringVar(&r.source, "source", ".", "the repository; the commit at its HEAD is built")
		flags.StringVar(&r.out, "out", "dist", "the folder to write, which must not exist")
		flags.BoolVar(&r.fresh, "fresh", false, "compile everything again for the second build")
		list := flags.String("platforms", platforms, "what to build for")
		key := flags.String("key", "", "the Ed25519 key that signs, in PEM; without one, a key that is thrown away")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		r.platforms = strings.Split(*list, ",")
		var err error
		if r.key, err = signingKey(*key); err != nil {
			return err
		}
		if err := r.make(ctx); err != nil {
			return err
		}
		if *key == "" {
			fmt.Fprintln(out, "signed by a key that was thrown away: not for publication")
		}
		fmt.Fprintf(out, "%s", r.key.PublicKey().PEM())
		return nil

	case "binary":
		platform := flags.String("platform", "", "the platform, as linux/amd64")
		to := flags.String("out", "", "the file to write")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		name, err := filepath.Abs(*to)
		if err != nil {
			return err
		}
		return binary(ctx, ".", "./cmd/safeconduct", *platform, name, toolchain)

	case "verify":
		key := flags.String("key", "", "the public key of the releases, in PEM, which did not come with them")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return verify(*key, flags.Args(), out)
	}
	return fmt.Errorf("%q is not known, want build, binary or verify", args[0])
}

func signingKey(name string) (*did.KeyPair, error) {
	if name == "" {
		return did.GenerateKey()
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return did.ParsePrivatePEM(text)
}
