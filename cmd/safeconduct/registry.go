package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) registry() *cli.Verb {
	return &cli.Verb{
		Name: "registry", Summary: "keep an issuer's office in one file",
		About: `Keeps an issuer's office in an SQLite file (package passport/registry on store/sqlite): organisations,
agents, grants, the passports that stand on them, API keys, the status lists, an audit log and events. Whoever may write
to the file is root.`,
		Parts: []*cli.Verb{
			a.registryInit(),
			{Name: "org", Summary: "organisations", Parts: []*cli.Verb{a.registryOrgAdd()}},
			{Name: "agent", Summary: "agents", Parts: []*cli.Verb{a.registryAgentAdd()}},
			{Name: "grant", Summary: "what principals allow agents to do", Parts: []*cli.Verb{a.registryGrantAdd()}},
			a.registryIssue(), a.registryList(), a.registryGet(),
			a.registrySuspend(), a.registryResume(), a.registryRevoke(),
			a.registryPause(), a.registryUnpause(), a.registryPublish(), a.registryRecover(),
			{Name: "key", Summary: "API keys of an organisation", Parts: []*cli.Verb{
				a.registryKeyAdd(), a.registryKeyList(), a.registryKeyRotate(), a.registryKeyRevoke(),
			}},
			{Name: "issuer-key", Summary: "the keys that the office signs with", Parts: []*cli.Verb{
				a.registryIssuerKeyList(), a.registryIssuerKeyRotate(), a.registryIssuerKeyRevoke(),
				a.registryIssuerKeySigned(), a.registryIssuerKeyRetire(), a.registryIssuerKeyPublish(),
			}},
			a.registryErase(),
			{Name: "audit", Summary: "the log of what was done", Parts: []*cli.Verb{
				a.registryAuditList(), a.registryAuditHead(), a.registryAuditVerify(),
			}},
			a.registryEvents(), a.registryImport(), a.registrySample(),
		},
		Example: `safeconduct registry init -store office.db -key issuer.key \
  -url https://issuer.example -org "Example Ltd"
safeconduct registry agent add -store office.db -name buyer -agent $AGENT
safeconduct registry grant add -store office.db -agent ag_… \
  -principal mailto:ada@example.org -scope payments:mpp:compute -for 720h
safeconduct registry issue -store office.db -key issuer.key -agent ag_… \
  -grant grnt_… -category compute -max "50.00 USD" > passport.json
safeconduct registry suspend -store office.db -for 2h passport.json
safeconduct registry publish -store office.db -key issuer.key -out lists`,
	}
}

// settings are what the command remembers of an office, in the same file.
type settings struct {
	BaseURL string
	KeyID   string // of the issuer
	Key     did.PublicKey
	Org     string // the first organisation, which is meant where none is named
}

const settingsKind, settingsID = "command", "office"

// onOffice is a verb that works on the office in the file of -store.
type onOffice struct {
	*app
	*cli.Verb
	file, key, org string
	signs, inOrg   bool
	restored       bool         // the file is a copy of an earlier time
	once           string       // the idempotency key of a verb that makes something
	more           []did.Signer // further keys of the issuer

	office   *registry.Registry
	store    registry.Store
	settings settings
	root     registry.Actor
	scopes   []registry.AgentScope // that agent keys may have
}

// officeFlags says which flags the verb has beside its own.
type officeFlags int

const (
	signs officeFlags = 1 << iota // needs the issuer's private key
	inOrg                         // is about an organisation
	makes                         // makes something
)

func (a *app) onOffice(has officeFlags, name, summary, about string, flags ...cli.Flag) *onOffice {
	o := &onOffice{app: a, Verb: &cli.Verb{Name: name, Summary: summary, About: about}, root: registry.Root()}
	o.signs, o.inOrg = has&signs != 0, has&inOrg != 0
	o.Flags = []cli.Flag{flag("store", cli.Text("FILE", &o.file).Must(), "the file of the office")}
	if o.signs {
		o.Flags = append(o.Flags,
			flag("key", cli.Text("FILE", &o.key).Must(), "the issuer's private key; - for standard input"))
	}
	if o.inOrg {
		o.Flags = append(o.Flags, flag("org", cli.Text("ID", &o.org), "the organisation; the first one unless given"))
	}
	o.Flags = slices.Concat(o.Flags, flags)
	if has&makes != 0 {
		o.Flags = append(o.Flags, flag("idempotency-key", cli.Text("KEY", &o.once),
			"asked again under the same key within a day, it makes nothing again and answers the same"))
	}
	o.Flags = append(o.Flags, a.clock())
	return o
}

// takes adds the argument that names a record.
func (o *onOffice) takes(arg, noArg string) *onOffice {
	o.Args, o.NoArgs = []string{arg}, noArg
	return o
}

// does is what the verb does with the office.
func (o *onOffice) does(do func(ctx context.Context, args []string) error) *cli.Verb {
	o.Run = func(ctx context.Context, args []string) error {
		if err := o.open(ctx); err != nil {
			return err
		}
		o.root = o.root.Once(o.once)
		return o.judged(do(ctx, args))
	}
	return o.Verb
}

// judged is what the office says of a call: what it refuses, and what is a wrong command line, because it
// cannot read what a flag says.
func (o *onOffice) judged(err error) error {
	if isMalformed(err) {
		return o.Wrong("%w", err)
	}
	return officeFailure(err)
}

// inFiles are the members of calls that this command reads from files.
var inFiles = []string{"Head", "To"} // of audit verify; a key, of issuer-key rotate and revoke

// isMalformed reports that the office cannot read a member, rather than that it refuses what it says.
func isMalformed(err error) bool {
	var e *registry.Error
	return errors.As(err, &e) && e.Member != "" && e.HTTPStatus() == 400 && !slices.Contains(inFiles, e.Member) &&
		(e.Code == registry.BadRequest || e.Code == registry.InvalidExpiry)
}

// open opens the office that is in the file.
func (o *onOffice) open(ctx context.Context) error {
	file, err := o.openStore(ctx, &memory{file: o.file}, false)
	if err != nil {
		return err
	}
	o.store = file.Registry()
	var raw []byte
	if err := o.store.View(ctx, func(tx registry.Tx) error {
		d, err := tx.Get(settingsKind, settingsID)
		raw = d.Body
		return err
	}); err != nil {
		return err
	}
	if raw == nil {
		return denied("%s has no office", o.file).Hint("safeconduct registry init -store " + o.file + " makes one")
	}
	if err := json.Unmarshal(raw, &o.settings); err != nil {
		return ioFailure(err, "the office in %s cannot be read", o.file)
	}
	id, err := did.ParseURL(o.settings.KeyID)
	if err != nil {
		return ioFailure(err, "the office in %s cannot be read", o.file)
	}
	if o.inOrg && o.org == "" {
		o.org = o.settings.Org
	}
	if err := o.openAs(noKey{id, o.settings.Key}); err != nil || !o.signs {
		return err
	}
	key, err := o.privateKey(o.key)
	if err != nil {
		return err
	}
	keys, err := o.office.IssuerKeys.List(ctx, o.root)
	if err != nil {
		return officeFailure(err)
	}
	for _, k := range keys {
		if k.Status != registry.KeySigns {
			continue
		}
		if !key.PublicKey().Equal(k.Key) {
			return denied("%s is not the key of this office, which signs as %s", o.key, k.ID)
		}
		if id, err = did.ParseURL(k.ID); err != nil {
			return err
		}
	}
	signer, err := did.NewSigner(id, key.PrivateKey())
	if err != nil {
		return err
	}
	return o.openAs(signer)
}

// openAs opens the office with a key.
func (o *onOffice) openAs(signer did.Signer) (err error) {
	o.office, err = registry.Open(registry.Config{
		Store: o.store, Issuer: signer, Keys: o.more, BaseURL: o.settings.BaseURL, Now: o.now,
		AgentScopes: o.scopes, AfterRestore: o.restored,
	})
	return officeFailure(err)
}

// remember writes the settings. The file has them once: a second office in it would share the records of the first.
func (o *onOffice) remember(ctx context.Context, change func(s *settings) error) error {
	return o.store.Update(ctx, func(tx registry.Tx) error {
		d, err := tx.Get(settingsKind, settingsID)
		if err != nil {
			return err
		}
		var s settings
		if d.Version > 0 {
			if err := json.Unmarshal(d.Body, &s); err != nil {
				return err
			}
		}
		if err := change(&s); err != nil {
			return err
		}
		if d.Kind, d.ID = settingsKind, settingsID; err == nil {
			d.Body, err = json.Marshal(&s)
		}
		if err != nil {
			return err
		}
		return tx.Put(d)
	})
}

// noKey is the issuer of a verb that signs nothing.
type noKey struct {
	id  did.URL
	key did.PublicKey
}

func (k noKey) KeyID() did.URL           { return k.id }
func (k noKey) PublicKey() did.PublicKey { return k.key }
func (noKey) Algorithm() did.Algorithm   { return did.Ed25519 }
func (noKey) Sign(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("this verb has no key to sign with")
}

// officeFailure tells what the office refuses from what it cannot do.
func officeFailure(err error) error {
	var e *registry.Error
	var f *failure
	if err == nil || errors.As(err, &f) || !errors.As(err, &e) || e.Code == registry.Internal {
		return err
	}
	f = &failure{Exit: exitDenied, Err: err}
	if e.ID != "" {
		f.Hint("it is " + e.ID)
	}
	return f
}

func (a *app) registryInit() *cli.Verb {
	var key signing
	var url, org string
	o := a.onOffice(0, "init", "start an office in a new file",
		`Starts an office: who signs, and where its status lists will be published. -url is the address that all
passports will name, below which the lists are, at /status/; nothing is sent there.`)
	keys := key.flags("the issuer's private key", "its name in the issuer's DID document")
	o.Flags = slices.Concat(o.Flags[:1], keys, []cli.Flag{
		flag("url", cli.Text("URL", &url).Must(), "where the office will be: https://issuer.example"),
		flag("org", cli.Text("NAME", &org), "make a first organisation of this name"),
	}, o.Flags[1:])
	o.Run = func(ctx context.Context, _ []string) error {
		pair, err := a.privateKey(key.key)
		if err != nil {
			return err
		}
		signer, err := named(pair, key.as)
		if err != nil {
			return err
		}
		s := settings{BaseURL: url, KeyID: signer.KeyID().String(), Key: pair.PublicKey()}
		rehearsed, err := registry.Open(registry.Config{Store: noStore{}, Issuer: signer, BaseURL: url})
		if err != nil {
			return o.Wrong("-url: %w", err)
		}
		if org != "" {
			if _, err := rehearsed.Orgs.Create(ctx, o.root, registry.NewOrg{Name: org}); isMalformed(err) {
				return o.judged(err)
			}
		}
		file, err := openLedgerFile(ctx, o.file, (&memory{}).options)
		if err != nil {
			return ioFailure(err, "cannot make the office")
		}
		a.store, o.store = file, file.Registry()
		o.office, err = registry.Open(registry.Config{Store: o.store, Issuer: signer, BaseURL: url, Now: a.now})
		if err != nil {
			return err
		}
		if err := o.remember(ctx, func(is *settings) error {
			if is.KeyID != "" {
				return denied("%s has an office already, which signs as %s", o.file, is.KeyID)
			}
			*is = s
			return nil
		}); err != nil {
			return err
		}
		var first view.Row
		if org != "" {
			made, err := o.office.Orgs.Create(ctx, o.root, registry.NewOrg{Name: org})
			if err != nil {
				return o.judged(err)
			}
			first = column("org", "org", made.ID)
			if err := o.remember(ctx, func(is *settings) error { is.Org = made.ID; return nil }); err != nil {
				return err
			}
		}
		a.note("%s is the office; back it up (safeconduct ledger backup), and never go back to an older copy", o.file)
		page := view.Page{
			column("issuer", "issuer", signer.KeyID().DID().String()), column("url", "url", url), first,
		}
		return a.answer("registry-made", page, func() { a.text.Page(page) })
	}
	return o.Verb
}

// noStore is where the settings of an office that is not there yet are checked: nothing is kept.
type noStore struct{ registry.Store }

func (noStore) Update(context.Context, func(registry.Tx) error) error {
	return errors.New("there is no office yet")
}
