// Packs judges acts by APort's policy packs, and by one of the shop's own, in process.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// reviewed is the digest of the shop's own pack as it was reviewed: another text is
// refused.
const reviewed = "sha256:7c4c1ea3d5e5c4d0b3b7ad1e3c4d3a20b8e3f1d7fef6b7a6d6d4d4b2d0f2a111"

const ownPack = `{
  "id": "shop.order.cancel.v1",
  "capabilities": ["order.cancel"],
  "assurance": "L1",
  "required": ["order_id", "amount"],
  "context": {
    "order_id": {"type": "string", "minLength": 1},
    "amount": {"type": "integer", "minimum": 0}
  },
  "rules": [
    {"code": "limit_exceeded", "require": "context.amount <= limits.max_amount", "needed": true},
    {"code": "rate_limit_exceeded", "require": "state.cancelled < limits.max_per_day"}
  ]
}`

func main() { run(os.Stdout) }

func run(out io.Writer) {
	commands := must(packs.Published("system.command.execute.v1"))
	agent := packs.Holder{Status: "active", Assurance: passport.L2, Regions: []string{"US"},
		Capabilities: []string{"system.command.execute", "order.cancel"}}
	limits := value(`{"allowed_commands": ["git", "ls"], "max_execution_time": 60}`)
	for _, command := range []string{"git status", "gitleaks --all", "git status; rm -r x", "rm x"} {
		act := &packs.Act{Holder: agent, Limits: limits, Context: value(fmt.Sprintf(`{"command": %q}`, command))}
		fmt.Fprintf(out, "%-20s %-26s literally: %s\n", command,
			commands.Judge(packs.Strict, act).OAP(), commands.Judge(packs.Compatible, act).OAP())
	}

	if _, err := packs.Load([]byte(ownPack), reviewed); err != nil {
		fmt.Fprintln(out, "not the pack that was reviewed")
	}
	own := must(packs.Load([]byte(ownPack), "")) // the first time: review it, and keep own.Digest()
	for _, amount := range []string{"2000", "2000.01"} {
		act := &packs.Act{Holder: agent, Limits: value(`{"max_amount": 2000, "max_per_day": 3}`)}
		act.Context = value(`{"order_id": "o1", "amount": ` + amount + `}`)
		act.State = value(`{"cancelled": 2}`)
		fmt.Fprintln(out, amount, own.Error(own.Judge(packs.Strict, act)))
	}
}

func value(text string) credential.Value { return must(credential.ParseValue(text)) }

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
