package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
)

const overviewHead = `safeconduct: passports for AI agents, checked on the spot.

usage: safeconduct VERB [flags]

`

const overviewTail = `
Try it:
  ISSUER=$(safeconduct keygen -o issuer.key)
  AGENT=$(safeconduct keygen -o agent.key)
  safeconduct status init -state list.json -url https://issuer.example/status/1
  safeconduct issue -key issuer.key -agent $AGENT -allow payments.charge \
    -category compute -max "50.00 USD" -status-list list.json > passport.json
  safeconduct status publish -state list.json -key issuer.key -out lists

  safeconduct present -key agent.key -passport passport.json \
    -audience did:web:shop.example -action payments.charge \
    -amount "12.50 USD" -category compute > shown.json

  safeconduct verify -trust $ISSUER -lists lists \
    -audience did:web:shop.example -action payments.charge \
    -amount "12.50 USD" -category compute shown.json

Exit codes: 0 allowed (or done), 1 denied (or refused), 2 usage,
3 undetermined, 4 I/O. safeconduct help VERB says more.
`

func overview() string {
	var b strings.Builder
	b.WriteString(overviewHead)
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %-9s %s\n", v.name, v.summary)
	}
	b.WriteString(overviewTail)
	return b.String()
}

const versionUsage = `usage: safeconduct version [-json]

Says which build this is.
`

func (a *app) version(_ context.Context, args []string) error {
	f := a.flags("version")
	if _, err := f.parse(args); err != nil {
		return err
	}
	version, goVersion := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, info.GoVersion
	}
	if a.json {
		return a.answer(struct {
			header
			Build string `json:"build"`
			Go    string `json:"go"`
		}{kind("version"), version, goVersion})
	}
	a.text.line("safeconduct %s, built with %s", version, goVersion)
	return nil
}
