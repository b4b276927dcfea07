package main

import (
	"context"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/view"
)

func issuerKeyPage(k *registry.IssuerKey) view.Page {
	return view.Page{
		column("id", "id", k.ID), column("status", "status", string(k.Status)),
		column("from", "signs from", instant(k.From)), column("until", "until", instant(k.Until)),
		column("ends", "ends", instant(k.Ends)), column("reason", "reason", k.Reason),
		member("publicKey", k.Key.Multikey()), member("retiredAt", instant(k.RetiredAt)),
		member("revokedAt", instant(k.RevokedAt)),
	}
}

const (
	issuerKeyNeeded = "the key is needed, by its id: did:web:issuer.example#key-1"
	documentSoon    = "publish the DID document now: safeconduct registry issuer-key publish"
)

// newKey is a key that the office has not used yet.
type newKey struct{ file, as string }

func (n *newKey) flags(what string) []cli.Flag {
	return []cli.Flag{
		flag("new", cli.Text("FILE", &n.file), what+"; - for standard input"),
		flag("as", cli.Text("URL", &n.as), "its name in the DID document, such as did:web:issuer.example#key-2"),
	}
}

// withNewKey is a verb that may have the office sign with another key.
func (o *onOffice) withNewKey(n *newKey, do func(ctx context.Context, to did.URL, args []string) error) *cli.Verb {
	o.Run = func(ctx context.Context, args []string) error {
		var to did.URL
		if n.file != "" {
			pair, err := o.privateKey(n.file)
			if err != nil {
				return err
			}
			signer, err := named(pair, n.as)
			if err != nil {
				return err
			}
			o.more, to = append(o.more, signer), signer.KeyID()
		}
		if err := o.open(ctx); err != nil {
			return err
		}
		return o.judged(do(ctx, to, args))
	}
	return o.Verb
}

// tellIssuerKey tells what became of a key.
func (o *onOffice) tellIssuerKey(k *registry.IssuerKey, err error) error {
	if err != nil {
		return err
	}
	o.note(documentSoon)
	page := issuerKeyPage(k)
	return o.answer("registry-issuer-key", page, func() { o.text.Page(page) })
}

func (a *app) registryIssuerKeyList() *cli.Verb {
	o := a.onOffice(0, "list", "list the keys of the issuer, the oldest first", "")
	return o.does(func(ctx context.Context, _ []string) error {
		keys, err := o.office.IssuerKeys.List(ctx, o.root)
		if err != nil {
			return err
		}
		return tellTable(o.app, "registry-issuer-keys", "keys", keys, issuerKeyPage, "there is no key")
	})
}

func (a *app) registryIssuerKeyRotate() *cli.Verb {
	var key newKey
	var n registry.Rotation
	var now bool
	o := a.onOffice(0, "rotate", "sign with another key from an instant on",
		`Has the office sign with another key of its did:web from an instant on. Both keys are in the DID document
from now on; what the one before has signed verifies until it ends. Nothing is issued anew.`)
	o.Flags = slices.Insert(o.Flags, 1, append(key.flags("the new private key"),
		flag("in", cli.Duration(&n.In, time.Second, 0), "how long it is published before it signs: 24h unless given"),
		flag("at-once", cli.Switch(&now), "sign at once: verifiers that have the document before refuse what it signs"),
		flag("reason", cli.Text("TEXT", &n.Reason), "for the record"))...)
	return o.withNewKey(&key, func(ctx context.Context, to did.URL, _ []string) error {
		switch {
		case key.file == "":
			return o.Wrong("-new is needed: the new private key")
		case now && n.In != 0:
			return o.Wrong("-in and -at-once exclude each other")
		case now:
			n.In = -1
		}
		n.To = to
		return o.tellIssuerKey(o.office.IssuerKeys.Rotate(ctx, o.root, n))
	})
}

func (a *app) registryIssuerKeyRevoke() *cli.Verb {
	var key newKey
	var how registry.Compromise
	o := a.onOffice(0, "revoke", "take a key back that somebody else may have, at once",
		`Takes a key back: nothing that it signed verifies any more. -new takes the place of the key that signs.
safeconduct registry issuer-key signed lists the passports that are to be issued anew.`)
	o.Flags = slices.Insert(o.Flags, 1, append(key.flags("the private key that signs from now on"),
		flag("reason", cli.Text("TEXT", &how.Reason), "for the record"))...)
	return o.takes("KEY", issuerKeyNeeded).withNewKey(&key, func(ctx context.Context, to did.URL, args []string) error {
		how.To = to
		return o.tellIssuerKey(o.office.IssuerKeys.Revoke(ctx, o.root, args[0], how))
	})
}

func (a *app) registryIssuerKeySigned() *cli.Verb {
	o := a.onOffice(0, "signed", "list the live passports that a key has signed",
		"Lists passports that a key has signed and that are not over: of a revoked key, what must be issued anew.",
	).takes("KEY", issuerKeyNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		var list []*registry.Passport
		for p, err := range o.office.IssuerKeys.Signed(ctx, o.root, args[0]) {
			if err != nil {
				return err
			}
			list = append(list, p)
		}
		return tellTable(o.app, "registry-list", "passports", list, passportPage, "nothing that it signed is alive")
	})
}

func (a *app) registryIssuerKeyRetire() *cli.Verb {
	var reason string
	o := a.onOffice(0, "retire", "take a key out of the DID document, when nothing that it signed is alive", "",
		flag("reason", cli.Text("TEXT", &reason), "for the record")).takes("KEY", issuerKeyNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		return o.tellIssuerKey(o.office.IssuerKeys.Retire(ctx, o.root, args[0], reason))
	})
}

func (a *app) registryIssuerKeyPublish() *cli.Verb {
	var out string
	o := a.onOffice(0, "publish", "write the DID document of the issuer",
		"Writes did.json with the keys as they are now: to the root folder of a web server, or to standard output.",
		flag("out", cli.Text("DIR", &out), "the root folder of the web server; standard output unless given"))
	return o.does(func(ctx context.Context, _ []string) error {
		doc, err := o.office.IssuerKeys.Document(ctx)
		if err != nil {
			return err
		}
		page := view.Page{
			member("issuer", doc.ID().String()), member("out", out), member("document", string(doc.Bytes())),
		}
		if out == "" {
			return o.answer("registry-issuer-document", page, func() { o.out.Write(append(doc.Bytes(), '\n')) })
		}
		if err := o.office.IssuerKeys.Publish(ctx, didweb.Dir(out)); err != nil {
			return err
		}
		return o.say("registry-issuer-document", page, "the document of %s is in %s", doc.ID(), out)
	})
}

func (a *app) registryErase() *cli.Verb {
	var n registry.Erasure
	o := a.onOffice(inOrg, "erase", "erase what the office knows of a person",
		`Ends everything that is a person's, and erases what the office knows of them: names, addresses, signed
passports, what the audit log and events say of them. Ids and digests stay, so that the audit log verifies as before.
Then the file is written anew, so that the bytes are gone, too. Backups and passports in the hands of agents are not reached.`,
		flag("owner", cli.Text("ID", &n.Owner), "an owner, by id: ap_user_…"),
		flag("principal", cli.Text("IRI", &n.Principal), "or who is named by grants alone: mailto:ada@example.org"),
		flag("reason", cli.Text("TEXT", &n.Reason), "for the record; it is not erased"))
	return o.does(func(ctx context.Context, _ []string) error {
		if (n.Owner == "") == (n.Principal == "") {
			return o.Wrong("want -owner or -principal")
		}
		n.Org = o.org
		done, err := o.office.Owners.Erase(ctx, o.root, n)
		if err != nil {
			return err
		}
		if err := o.app.store.Scrub(ctx); err != nil {
			return ioFailure(err, "what was erased is still in free pages of %s: erase again", o.file)
		}
		o.note(publishSoon)
		return o.say("registry-erased", view.Page{
			member("auditId", done.AuditID), member("changed", done.Changed),
		}, "%d records were changed: %s", done.Changed, done.AuditID)
	})
}
