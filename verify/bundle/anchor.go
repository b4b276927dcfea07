package bundle

import (
	"slices"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// anchor reads the content of an anchor: what a [verify.Anchor] says, where a
// list that is absent is nil, and one that is empty stays empty.
func (d *decoder) anchor(v credential.Value) verify.Anchor {
	var a verify.Anchor
	for name, m := range v.Members() {
		switch name {
		case "issuer":
			a.Issuer = d.did(m)
		case "types":
			a.Types = d.texts(m, nil)
		case "actions":
			a.Actions = d.texts(m, checkAction)
		case "regions":
			a.Regions = d.texts(m, passport.CheckRegion)
		case "ceilings":
			a.Ceilings = d.ceilings(m)
		case "maxAssurance":
			if a.MaxAssurance = passport.Level(m.Str()); a.MaxAssurance == "" || a.MaxAssurance.Rank() < 0 {
				d.fail(m, "want L0, L1, L2, L3, L4KYC or L4FIN, not %.80s", m.Raw())
			}
		default:
			d.fail(m, "%.80q is not a member of an anchor", name)
		}
	}
	if a.Issuer.IsZero() {
		d.fail(v, "issuer is missing")
	}
	return a
}

func checkAction(s string) error {
	if s == "*" {
		return nil
	}
	return passport.CheckActionPattern(s)
}

func (d *decoder) list(v credential.Value) bool {
	if v.Kind() != strictjson.Array {
		d.fail(v, "want a list, not %s", v.Kind())
	} else if n, most := v.Len(), d.bounds.AuthorityItems; n > most && d.err == nil {
		d.err = fault(code.EnvelopeTooLarge, v.Path(), "AuthorityItems is %d, at most %d are allowed", n, most)
	}
	return d.err == nil
}

func (d *decoder) texts(v credential.Value, check func(string) error) []string {
	if !d.list(v) {
		return nil
	}
	out := make([]string, 0, v.Len())
	for item := range v.Items() {
		s := item.Str()
		if s == "" || len(s) > d.bounds.Documents.KeyBytes || slices.Contains(out, s) {
			d.fail(item, "want distinct texts of 1 to %d bytes", d.bounds.Documents.KeyBytes)
		}
		if check != nil {
			if err := check(s); err != nil {
				d.fail(item, "%v", err)
			}
		}
		out = append(out, s)
	}
	return out
}

func (d *decoder) ceilings(v credential.Value) []passport.Money {
	if !d.list(v) {
		return nil
	}
	out := make([]passport.Money, 0, v.Len())
	for item := range v.Items() {
		m := d.money(item)
		for _, o := range out {
			if m.SameAsset(o) {
				d.fail(item, "two ceilings for %s", m.Currency())
			}
		}
		out = append(out, m)
	}
	return out
}

func (d *decoder) money(v credential.Value) passport.Money {
	for name, m := range v.Members() {
		if name != "amount" && name != "currency" && name != "decimals" {
			d.fail(m, "%.80q is not a member of an amount", name)
		}
	}
	amount, currency := v.Get("amount").Str(), v.Get("currency").Str()
	m, err := passport.Money{}, error(nil)
	if decimals := v.Get("decimals"); decimals.Exists() {
		n, ok := decimals.Int()
		if !ok || n < 0 || n > 18 {
			d.fail(decimals, "want a whole number from 0 to 18")
			return m
		}
		m, err = passport.ParseAssetMoney(amount, currency, int(n))
	} else {
		m, err = passport.ParseMoney(amount, currency)
	}
	if err != nil {
		d.fail(v, "%v", err)
	}
	return m
}

// appendAnchor writes the content of an anchor.
func appendAnchor(w *jsonwrite.Writer, a *verify.Anchor) {
	texts := func(name string, list []string) {
		if list == nil {
			return
		}
		w.Name(name)
		w.BeginArray()
		for _, s := range list {
			w.String(s)
		}
		w.EndArray()
	}
	w.BeginObject()
	w.Member("issuer", a.Issuer.String())
	texts("types", a.Types)
	texts("actions", a.Actions)
	if a.Ceilings != nil {
		w.Name("ceilings")
		w.BeginArray()
		for _, m := range a.Ceilings {
			w.BeginObject()
			w.Member("amount", m.Amount())
			w.Member("currency", m.Currency())
			// Only assets that no table knows state their decimals.
			if _, err := passport.ParseMoney(m.Amount(), m.Currency()); err != nil {
				w.Name("decimals")
				w.Int(int64(m.Decimals()))
			}
			w.EndObject()
		}
		w.EndArray()
	}
	texts("regions", a.Regions)
	w.Member("maxAssurance", string(a.MaxAssurance))
	w.EndObject()
}

func cloneAnchor(a verify.Anchor) verify.Anchor {
	a.Types, a.Actions = slices.Clone(a.Types), slices.Clone(a.Actions)
	a.Ceilings, a.Regions = slices.Clone(a.Ceilings), slices.Clone(a.Regions)
	return a
}
