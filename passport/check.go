package passport

import "strconv"

// check holds the rules that tie members together. Its paths begin at the
// credential.
func (p *Passport) check() error {
	switch {
	case !p.ValidUntil.After(p.ValidFrom):
		return invalid("/validUntil", "the passport ends when it begins or before")
	case p.DelegationDepth > 0 && (p.ParentPassportID == "" || p.ParentDigest == ""):
		return invalid("/credentialSubject", "a delegated passport names its parent by parentPassportId and parentDigest")
	case p.DelegationDepth == 0 && (p.ParentPassportID != "" || p.ParentDigest != ""):
		return invalid("/credentialSubject/delegationDepth", "a passport that names a parent states its delegationDepth, at least 1")
	case p.TemplateID != "" && p.Delegated():
		return invalid("/credentialSubject/templateId", "a delegated passport is no instance of a template")
	case len(p.Status) == 0 && !p.Delegated():
		return invalid("/credentialStatus", "a root passport says where its status is found: Passport.Status has no entry (see statuslist.Publisher.Entry)")
	case p.Consent.ID == p.Issuer.String():
		return invalid("/credentialSubject/consent/id", "the consent has the identifier of the issuer; RDF would make them one")
	}
	for i := range p.Status {
		if p.Status[i].ID == p.Issuer.String() {
			return invalid("/credentialStatus", "a status entry has the identifier of the issuer; RDF would make them one")
		}
	}
	return below("/credentialSubject", p.Authority.checkDecimals())
}

// checkDecimals refuses two numbers of decimals for one asset.
func (a *Authority) checkDecimals() error {
	all := make([]Money, 0, 8)
	if !a.MaxTransaction.IsZero() {
		all = append(all, a.MaxTransaction)
	}
	for _, l := range a.SpendLimits {
		all = append(all, l.Money)
	}
	for i, m := range all {
		for _, o := range all[:i] {
			if o.currency == m.currency && o.decimals != m.decimals {
				return invalid("/spendLimits", "%.80q is counted with %d and with %d decimals", m.currency, o.decimals, m.decimals)
			}
		}
	}
	return nil
}

// checkSayable refuses an authority, made by hand, that says what its wire
// form cannot: written and read back it would be another one.
func (a *Authority) checkSayable() error {
	for _, f := range []struct {
		member string
		empty  bool
	}{
		{"payees", emptyNotNil(a.Payees)}, {"resources", emptyNotNil(a.Resources)}, {"audiences", emptyNotNil(a.Audiences)},
		{"regions", emptyNotNil(a.Regions)}, {"timeWindows", emptyNotNil(a.TimeWindows)},
	} {
		if f.empty {
			return invalid("/"+f.member, "an empty restriction lets nothing pass, which a document cannot say; nil restricts nothing")
		}
	}
	for i := range a.Limits {
		l := &a.Limits[i]
		read, err := limitOf(l.Name, l.Kind == LimitAllow)
		if err == nil && read.Kind != l.Kind {
			err = invalid("", "limit %.80q is not of the kind that its name says", l.Name)
		}
		if err != nil {
			return below("/limits", err)
		}
	}
	for i := range a.Capabilities {
		for k := range a.Capabilities[i].Params {
			p := &a.Capabilities[i].Params[k]
			if p.Kind != ParamBool && p.Kind != ParamStrings && p.Kind != integerParam(p.Name) {
				return invalid("/capabilities/"+strconv.Itoa(i)+"/params", "parameter %.80q is not of a kind that its name allows", p.Name)
			}
		}
	}
	return nil
}

func emptyNotNil[T any](list []T) bool { return list != nil && len(list) == 0 }
