// Package adaptertest holds what every adapter in integrations/ must do, whatever it
// carries passports over: a table of calls, one fault in each, that its tests play with
// the real library on both sides.
package adaptertest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Call is a call that charges an amount: USD 50.00 is the limit of the passport.
type Call struct {
	Cents int64
	Fault Fault
}

// Fault is what is wrong with a call. None is the good twin of all others.
type Fault string

// The faults that an adapter brings about. A list that cannot be reached and an amount
// over the limit are faults that it need not know of.
const (
	None       Fault = ""
	Bare       Fault = "no passport is shown"                            // by a client that knows nothing of them
	Undeclared Fault = "the server has not declared what the call means" // and the client has
	Tampered   Fault = "an argument is changed behind the agent"         // on the wire, after it has signed
	Again      Fault = "what the call before has shown is shown again"   // with the same arguments
	Elsewhere  Fault = "what is shown was made for another server"       // of the same declarations
	Unsent     Fault = "the client has not declared what the call means" // so nothing may be sent with a passport
	NoGuard    Fault = "the server knows nothing of passports"           // and must not be disturbed by them
)

// Answer is what came of a call. The zero Answer says that it was made.
type Answer struct {
	Problem *verifyhttp.Problem // what the client reads of a refusal; nil if there was none
	Text    string              // what a person or a model is shown of it
	Err     error               // any other error
}

// Adapter is one adapter in a world, with a server and a client of the real library. Call
// is safe for concurrent use.
type Adapter struct {
	World *verifytest.World
	Call  func(Call) Answer
	Ran   func() int // how many calls the server has made

	// Undeclared is the code of that fault. Empty: authority.operation_unknown.
	Undeclared verify.Code

	// TellsNothing says that refusals have no reasons: the carrier is that of verifyhttp.
	TellsNothing bool

	// Without are rows that the adapter cannot have, by their names, each with the reason.
	Without map[string]string
}

// row is one call, after which the server has made ran of them.
type row struct {
	name    string
	before  func(*Adapter)
	call    Call
	code    verify.Code
	verdict verify.Verdict
	ran     int
	here    bool // it is the client that refuses
	check   func(*testing.T, Answer)
}

const price = 12_50

func rows(a *Adapter) []row {
	check := ownLimit
	if a.TellsNothing {
		check = nothingTold
	}
	if a.Undeclared == "" {
		a.Undeclared = verify.AuthorityOperationUnknown
	}
	shown := func(a *Adapter) { a.Call(Call{Cents: price}) }
	return []row{
		{name: "allowed", call: Call{Cents: price}, ran: 1},
		{name: "denied", call: Call{Cents: 60_00}, code: verify.AuthorityAmountExceeded, check: check},
		{name: "undetermined", before: func(a *Adapter) { a.World.Lists.Fail(verifytest.RevocationURL, errDown) },
			call: Call{Cents: price}, code: verify.StatusUnavailable, verdict: verify.Undetermined},
		{name: "undeclared", call: Call{price, Undeclared}, code: a.Undeclared},
		{name: "tampered", call: Call{price, Tampered}, code: verify.ProofIntentMismatch, check: nothingTold},
		{name: "replay", before: shown, call: Call{price, Again}, code: verify.LedgerReplay, ran: 1},
		{name: "stock client", call: Call{price, Bare}, code: verify.EnvelopeMissing, check: nothingTold},
		{name: "elsewhere", call: Call{price, Elsewhere}, code: verify.ProofAudienceMismatch, check: nothingTold},
		{name: "unsent", call: Call{price, Unsent}, code: verify.AuthorityOperationUnknown, here: true},
		{name: "stock server", call: Call{price, NoGuard}, ran: 1},
	}
}

type down struct{}

func (down) Error() string { return "down at 10.0.0.7" }

var errDown error = down{}

// ownLimit: whoever is refused for its own passport learns the limit and the value.
func ownLimit(t *testing.T, got Answer) {
	require.Len(t, got.Problem.Reasons, 1)
	require.Equal(t, "50.00 USD", got.Problem.Reasons[0].Limit)
	require.Equal(t, "60.00 USD", got.Problem.Reasons[0].Actual)
	require.Contains(t, got.Text, "50.00 USD")
}

// nothingTold: who has not proven whose passport it is learns nothing of it.
func nothingTold(t *testing.T, got Answer) {
	for _, reason := range got.Problem.Reasons {
		require.Empty(t, reason.Limit+reason.Actual)
	}
	require.NotContains(t, got.Text, "USD")
}

// Run plays the table, each row with an adapter of its own.
func Run(t *testing.T, open func(*testing.T) *Adapter) {
	played := map[string]bool{}
	first := open(t)
	for _, r := range rows(first) {
		played[r.name] = true
		if reason, ok := first.Without[r.name]; ok {
			require.NotEmpty(t, reason, r.name)
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			a := open(t)
			if r.before != nil {
				r.before(a)
			}
			got := a.Call(r.call)
			require.Equal(t, r.ran, a.Ran())
			if r.code == "" {
				require.NoError(t, got.Err)
				require.Nil(t, got.Problem)
				return
			}
			if r.here {
				require.ErrorIs(t, got.Err, r.code)
				return
			}
			require.NotNil(t, got.Problem, "%v", got.Err)
			require.Equal(t, r.code, got.Problem.Code, got.Text)
			require.Equal(t, r.verdict, got.Problem.Verdict)
			require.Contains(t, got.Text, string(r.code), "a client that knows nothing of passports can show it")
			for _, secret := range []string{"z6Mk", "proofValue", ".go:", "10.0.0.7", verifytest.RevocationURL} {
				require.NotContains(t, got.Text, secret)
			}
			if r.check != nil {
				r.check(t, got)
			}
		})
	}
	for name := range first.Without {
		require.True(t, played[name] || name == atOnce, "there is no row %q to be without", name)
	}
	if _, ok := first.Without[atOnce]; !ok {
		t.Run(atOnce, func(t *testing.T) { concurrent(t, open(t)) })
	}
}

const atOnce = "replays at once"

// concurrent: one presentation serves once, however many use it at once.
func concurrent(t *testing.T, a *Adapter) {
	a.Call(Call{Cents: price})
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() { a.Call(Call{price, Again}) })
	}
	for range 4 {
		group.Go(func() { a.Call(Call{Cents: 1}) })
	}
	group.Wait()
	require.Equal(t, 1+4, a.Ran())
}
