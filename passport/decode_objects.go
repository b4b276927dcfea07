package passport

import "github.com/safeconduct/safeconduct/credential"

func (r *reader) attestation(v credential.Value) (a Attestation) {
	if !r.object(v, "attestation") {
		return a
	}
	for name, m := range v.Members() {
		switch name {
		case "framework":
			a.Framework = r.text(m)
		case "modelDigest":
			a.ModelDigest = r.digest(m)
		case "promptDigest":
			a.PromptDigest = r.digest(m)
		case "toolsDigest":
			a.ToolsDigest = r.digest(m)
		default:
			r.unknown(m, name, "attestation")
		}
	}
	return a
}

func (r *reader) consent(v credential.Value) (c Consent) {
	if !r.object(v, "consent") {
		return c
	}
	for name, m := range v.Members() {
		switch name {
		case "id":
			c.ID = r.iri(m)
		case "type":
			c.Type = r.oneOf(m, ManifestationOfWill, AgreementAcceptance)
		case "digestMultibase":
			c.Digest = r.digest(m)
		default:
			r.unknown(m, name, "consent")
		}
	}
	if c.ID == "" || c.Type == "" || c.Digest == "" {
		r.fail(v, "consent needs id, type and digestMultibase")
	}
	return c
}
