package verifyhttpsig_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// wire is a transport that changes a request on its way.
type wire func(*http.Request) error

func (change wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := change(r); err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(r)
}

// whole is what a signature covers that serves for one request alone.
var whole = []string{"@method", "@authority", "@path", "@query"}

// What every adapter must do: requests with a passport that are signed by the agent, too.
func TestAdapter(t *testing.T) { adaptertest.Run(t, adapter) }

func adapter(t *testing.T) *adaptertest.Adapter {
	w := verifytest.NewWorld(t)
	// What a request means, in the same words on both sides.
	act := func(r *http.Request, declared string) (passport.Act, error) {
		if r.URL.Path != "/charge" && r.URL.Path != declared {
			return passport.Act{}, verify.AuthorityOperationUnknown
		}
		text, err := io.ReadAll(r.Body)
		return passport.Act{
			Action: "payments.charge", Amount: passport.MustMoney(string(text), "USD"), Category: "compute", Rail: "tempo",
		}, err
	}
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: w.Verifier(), Audience: verifytest.Audience, Now: w.Clock.Now,
		Request: func(r *http.Request) (verify.Request, error) {
			a, err := act(r, "")
			return verify.Request{Act: a}, err
		},
	})
	require.NoError(t, err)
	var ran atomic.Int64
	shop := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran.Add(1) })
	serve := func(h http.Handler) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	guarded := serve(guard.Handler(verifyhttpsig.Agent(w.Resolver(), verifyhttpsig.VerifyOptions{Now: w.Clock.Now}, shop)))
	bare := serve(shop)

	chain := passport.Chain{w.Issue(w.Passport())}
	var taken atomic.Pointer[http.Header]
	client := func(audience string, changes ...wire) *http.Client {
		rt, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
			Agent: w.Agent, Chain: chain, Audiences: map[string]string{guarded: audience, bare: audience},
			Intent: func(r *http.Request) (passport.Intent, error) {
				a, err := act(r, "/undeclared")
				return passport.Intent{Act: a}, err
			},
			Present: passport.PresentOptions{Now: w.Clock.Now},
			Base: wire(func(r *http.Request) error {
				err := verifyhttpsig.Sign(r.Context(), r, w.Agent, verifyhttpsig.SignOptions{
					Components: whole, Key: w.Agent.PublicKey(), Created: w.Clock.Now(), Expires: w.Clock.Now().Add(time.Minute),
				})
				for _, change := range changes {
					err = change(r)
				}
				return err
			}),
		})
		require.NoError(t, err)
		return &http.Client{Transport: rt}
	}
	clients := map[adaptertest.Fault]*http.Client{
		adaptertest.None: client(verifytest.Audience, func(r *http.Request) error {
			h := r.Header.Clone()
			taken.CompareAndSwap(nil, &h)
			return nil
		}),
		adaptertest.Bare:      http.DefaultClient,
		adaptertest.Elsewhere: client("did:web:other.example"),
		adaptertest.Tampered: client(verifytest.Audience, func(r *http.Request) error {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader([]byte("0.01"))), 4
			return nil
		}),
		adaptertest.Again: client(verifytest.Audience, func(r *http.Request) error {
			r.Header = *taken.Load()
			return nil
		}),
	}
	return &adaptertest.Adapter{
		World: w, Ran: func() int { return int(ran.Load()) }, TellsNothing: true,
		Call: func(c adaptertest.Call) adaptertest.Answer {
			client, url := clients[c.Fault], guarded+"/charge"
			switch c.Fault {
			case adaptertest.Undeclared:
				client, url = clients[adaptertest.None], guarded+"/undeclared"
			case adaptertest.Unsent:
				client, url = clients[adaptertest.None], guarded+"/unheard-of"
			case adaptertest.NoGuard:
				client, url = clients[adaptertest.None], bare+"/charge"
			}
			body := bytes.NewReader([]byte(adaptertest.Dollars(c.Cents)))
			resp, err := client.Post(url, "text/plain", body)
			if err != nil {
				return adaptertest.Answer{Err: err}
			}
			defer func() { _ = resp.Body.Close() }()
			if resp.StatusCode == http.StatusOK {
				return adaptertest.Answer{}
			}
			p, err := verifyhttp.ReadProblem(resp)
			if err != nil {
				return adaptertest.Answer{Err: fmt.Errorf("%s: %w", resp.Status, err)}
			}
			return adaptertest.Answer{Problem: p, Text: p.Text()}
		},
	}
}
