package callctx_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential/goldld"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/registrytest"
	"github.com/safeconduct/safeconduct/passport/registry/webhook"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/httpsource"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var none context.Context

func TestErr(t *testing.T) {
	require.ErrorIs(t, callctx.Err(none), callctx.ErrNil)
	require.NoError(t, callctx.Err(t.Context()))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, callctx.Err(ended), context.Canceled)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// things have the methods that take a context, with what these need to do their work.
func things(t *testing.T) map[string]any {
	dir := t.TempDir()
	w := verifytest.NewWorld(t)
	db := must(sqlite.Open(t.Context(), filepath.Join(dir, "db"), sqlite.Options{InsecureNoSync: true}))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := registrytest.NewOffice(t, func(c *registry.Config) { c.Store = db.Registry() })
	key := must(did.GenerateKey())
	log := must(receipt.Open(t.Context(), filepath.Join(dir, "log"), receipt.Options{
		Origin: "a.example/log", Signer: key, Key: key.PublicKey(),
	}))
	t.Cleanup(func() { require.NoError(t, log.Close(context.Background())) })
	v := w.Verifier(func(c *verify.Config) { c.Evidence = true })
	d := must(v.Verify(t.Context(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request()))
	signed := w.Issue(w.Passport())
	m := map[string]any{
		"verify.Verifier": v, "verify.Decision": d, "ledger.Memory": ledger.NewMemory(ledger.Options{}),
		"registry.Registry": o.Registry,
		"sqlite.Store":      db, "sqlite ledger": db.Ledger(), "sqlite registry": db.Registry(), "sqlite marks": db.Marks(),
		"did.KeyPair": key, "did.Signer": must(did.NewSigner(key.KeyID(), key.PrivateKey())),
		"did.Cache":  must(did.NewCache(did.CacheConfig{Resolver: did.KeyMethods()})),
		"didweb.Dir": didweb.Dir(dir), "didweb.Host": new(didweb.Host), "didweb.Resolver": must(didweb.New(didweb.Config{})),
		"didweb.Client":     must(didweb.NewClient(didweb.Config{})),
		"statuslist.Dir":    statuslist.Dir(dir),
		"statuslist.Memory": new(statuslist.Memory),
		"statuslist.Cache":  must(statuslist.NewCache(new(statuslist.Memory), statuslist.CacheOptions{})),
		"httpsource.Source": must(httpsource.New(httpsource.Config{})),
		"receipt.Log":       log, "receipt.Keeper": &receipt.Keeper{Log: log, Signer: key},
		"goldld":     must(goldld.New(goldld.Options{})),
		"credential": signed,
		"webhook.Sender": must(webhook.New(webhook.Config{Events: o.Events, Endpoints: []webhook.Endpoint{
			{Name: "a", URL: "https://a.example", Secrets: []webhook.Secret{webhook.NewSecret()}},
		}})),
		"office.Gate":   &office.Gate{Office: o.Registry, Verifier: v},
		"office ledger": must(office.Ledger(o.Registry, db.Ledger())),
	}
	r := reflect.ValueOf(o.Registry).Elem()
	for i := range r.NumField() {
		if f := r.Type().Field(i); f.IsExported() {
			m["registry."+f.Name] = r.Field(i).Interface()
		}
	}
	return m
}

// needless are calls that ask for nobody who could keep them waiting, as they are called here.
var needless = map[string]string{
	"registry.Registry.Admit":       "there is no limiter",
	"registry.Consents.Acceptances": "of nobody there are none",
	"registry.IssuerKeys.Document":  "the document of a did:key is its own",
	"receipt.Keeper.Keep":           "there is no decision to keep",
	"verify.Decision.SettleAs":      "what is not known settles nothing",
	"ledger.Memory.Forget":          "it is in this process",
	"ledger.Memory.Unresolved":      "it is in this process",
}

// Of everything that has methods with a context, each method is called without one, and with nothing else but an actor
// who may do everything: none panics, and none says that it was done.
func TestNoMethodPanicsWithoutAContext(t *testing.T) {
	ofContext := reflect.TypeFor[context.Context]()
	isError := reflect.TypeFor[error]()
	methods := 0
	for name, thing := range things(t) {
		v := reflect.ValueOf(thing)
		for i := range v.NumMethod() {
			m := v.Method(i)
			if m.Type().NumIn() == 0 || m.Type().In(0) != ofContext {
				continue
			}
			methods++
			full := name + "." + v.Type().Method(i).Name
			t.Run(full, func(t *testing.T) {
				in := make([]reflect.Value, m.Type().NumIn())
				for j := range in {
					in[j] = reflect.Zero(m.Type().In(j))
					if in[j].Kind() == reflect.Pointer {
						in[j] = reflect.New(in[j].Type().Elem())
					}
					if in[j].Type() == reflect.TypeFor[registry.Actor]() {
						in[j] = reflect.ValueOf(registry.Root())
					}
				}
				var out []reflect.Value
				if m.Type().IsVariadic() {
					out = m.CallSlice(in)
				} else {
					out = m.Call(in)
				}
				for _, o := range out {
					if strings.HasPrefix(o.Type().String(), "iter.Seq2") {
						var last reflect.Value
						for _, last = range o.Seq2() {
						}
						o = last
					}
					if o.Type() == isError {
						require.Equal(t, needless[full] != "", o.IsNil(), "it says that it was done, or is not needless")
					}
				}
			})
		}
	}
	require.Greater(t, methods, 150)
}

// With all that they need beside a context, calls say that it is missing, and do nothing.
func TestCallsSayThatThereIsNoContext(t *testing.T) {
	dir := t.TempDir()
	w := verifytest.NewWorld(t)
	memory := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger, c.Evidence = memory, true })
	root := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.MaxDelegationDepth = 1
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
	}))
	shown := func() []byte { return w.Present(root, w.Intent()) }
	d := must(v.Verify(t.Context(), shown(), w.Request()))
	o := registrytest.NewOffice(t)
	key := must(did.GenerateKey())
	log := must(receipt.Open(t.Context(), filepath.Join(dir, "log"), receipt.Options{
		Origin: "a.example/log", Signer: key, Key: key.PublicKey(),
	}))
	t.Cleanup(func() { require.NoError(t, log.Close(context.Background())) })
	sealed := must(receipt.Seal(t.Context(), key, d))
	cache := must(statuslist.NewCache(new(statuslist.Memory), statuslist.CacheOptions{}))
	documents := must(did.NewCache(did.CacheConfig{Resolver: did.KeyMethods()}))
	report := func(r *verify.Report) error {
		require.Equal(t, verify.RequestInvalid, r.Code())
		return r.Violations[0].Err
	}
	for name, call := range map[string]func() error{
		"Verify":    func() error { _, err := v.Verify(none, shown(), w.Request()); return err },
		"Explain":   func() error { return report(v.Explain(none, shown(), w.Request())) },
		"Audit":     func() error { return report(v.Audit(none, shown(), w.Request(), w.Clock.Now())) },
		"Budgets":   func() error { _, err := v.Budgets(none, d.Chain); return err },
		"Commit":    func() error { return d.Commit(none) },
		"CommitFor": func() error { return d.CommitFor(none, passport.MustMoney("1.00", "USD")) },
		"Release":   func() error { return d.Release(none) },
		"SettleAs":  func() error { return d.SettleAs(none, verify.Done) },
		"Issue": func() error {
			_, err := passport.Issue(none, w.Issuer, w.Passport(), passport.IssueOptions{})
			return err
		},
		"Present": func() error {
			_, err := passport.Present(none, w.Agent, passport.Chain{root}, w.Intent(), verifytest.Audience,
				passport.PresentOptions{Now: w.Clock.Now})
			return err
		},
		"Passports.Issue": func() error {
			_, err := o.Passports.Issue(none, o.Org.Admin().Once("1"), registry.NewPassport{
				Agent: o.Agent.ID, Grant: o.Grant.ID, Categories: []string{"compute"}, MaxTransaction: passport.MustMoney("5.00", "USD"),
			})
			return err
		},
		"Agents.Get":    func() error { _, err := o.Agents.Get(none, o.Org.Admin(), o.Agent.ID); return err },
		"Agents.Revoke": func() error { _, err := o.Agents.Revoke(none, o.Org.Admin(), o.Agent.ID, ""); return err },
		"Lists.Publish": func() error { return o.Lists.Publish(none, o.Published) },
		"Run":           func() error { return o.Run(none, registry.RunOptions{To: o.Published}) },
		"Gate": func() error {
			_, err := (&office.Gate{Office: o.Registry, Verifier: v}).Verify(none, "Bearer ak-x", w.Request())
			return err
		},
		"sqlite.Open": func() error { _, err := sqlite.Open(none, sqlite.Memory, sqlite.Options{}); return err },
		"a new file": func() error {
			_, err := sqlite.Open(none, filepath.Join(dir, "new"), sqlite.Options{})
			return err
		},
		"postgres.Open": func() error {
			_, err := postgres.Open(none, "postgres://nobody@127.0.0.1:1/none", postgres.Options{})
			return err
		},
		"receipt.Open": func() error { _, err := receipt.Open(none, filepath.Join(dir, "other"), receipt.Options{}); return err },
		"Append":       func() error { _, err := log.Append(none, sealed); return err },
		"Keep":         func() error { _, _, err := (&receipt.Keeper{Log: log, Signer: key}).Keep(none, d); return err },
		"Fsck": func() error {
			require.NoError(t, log.Publish(t.Context()))
			_, err := receipt.Fsck(none, os.DirFS(filepath.Join(dir, "log")), log.Key(), nil)
			return err
		},
		"statuslist.Cache": func() error { _, err := cache.StatusList(none, verifytest.RevocationURL); return err },
		"did.Cache":        func() error { _, err := documents.Resolve(none, key.DID()); return err },
		"Sign":             func() error { _, err := key.Sign(none, []byte("a")); return err },
	} {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, call(), callctx.ErrNil) })
	}
	require.NoError(t, d.Commit(t.Context()), "it is still open")
	require.NoFileExists(t, filepath.Join(dir, "new"))
	require.NoDirExists(t, filepath.Join(dir, "other"))
	_, err := documents.Resolve(t.Context(), key.DID())
	require.NoError(t, err, "no lock is held")
	got, err := o.Agents.Get(t.Context(), o.Org.Admin(), o.Agent.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Active, got.Status)

	ctx := verify.NewContext(none, d)
	carried, ok := verify.FromContext(ctx)
	require.True(t, ok)
	require.Equal(t, d, carried)
	_, ok = verify.FromContext(none)
	require.False(t, ok)
}
