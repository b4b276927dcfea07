package passport

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
		return invalid("/credentialSubject/templateId", "a delegated passport is not an instance of a template")
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
