// Vcjose: the command line that the official VC-JOSE-COSE test suite drives,
// for the part that is JOSE and Ed25519.
//
//	vcjose issue|verify --input file --key file --feature credential_jose|presentation_jose --output file
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "vcjose:", err)
		os.Exit(2)
	}
}

// result is the output file. A refusal is a result; only what keeps the program
// from writing one is an error.
type result struct {
	Result string `json:"result"` // success, failure or indeterminate
	Data   string `json:"data"`   // the token that was issued, or why there is none
}

var errUsage = errors.New("want issue or verify, with --input, --key, --feature and --output")

func run(ctx context.Context, args []string, messages io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet("vcjose "+args[0], flag.ContinueOnError)
	flags.SetOutput(messages)
	input := flags.String("input", "", "document or token")
	key := flags.String("key", "", "verification method with its keys as JWK")
	feature := flags.String("feature", "", "credential_jose or presentation_jose")
	output := flags.String("output", "", "where the result is written")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if *output == "" || args[0] != "issue" && args[0] != "verify" {
		return errUsage
	}
	r := result{Result: "success"}
	var err error
	switch *feature {
	case "credential_jose", "presentation_jose":
		r.Data, err = do(ctx, args[0], *feature, *input, *key)
	default:
		r.Result, r.Data = "indeterminate", fmt.Sprintf("%q is not supported", *feature)
	}
	if err != nil {
		r.Result, r.Data = "failure", err.Error()
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(*output, text, 0o644)
}

func do(ctx context.Context, function, feature, input, key string) (string, error) {
	document, err := os.ReadFile(input)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(key)
	if err != nil {
		return "", err
	}
	m, err := parseMethod(text)
	if err != nil {
		return "", err
	}
	if function == "issue" {
		return m.issue(ctx, feature, document)
	}
	return "", m.verify(ctx, feature, document)
}
