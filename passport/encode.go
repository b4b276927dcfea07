package passport

import (
	"slices"
	"strconv"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/statuslist"
)

// appendJSON writes the passport as an unsecured credential.
func (p *Passport) appendJSON(w *jsonwrite.Writer) error {
	if err := below("/credentialSubject", p.Authority.check()); err != nil {
		return err
	}
	w.BeginObject()
	w.Strings("@context", contextsFor(p.Status))
	w.Member("id", p.ID)
	w.Strings("type", []string{credential.TypeCredential, Type})
	if p.IssuerName == "" && p.IssuerDescription == "" {
		w.Member("issuer", p.Issuer.String())
	} else {
		w.Name("issuer")
		w.BeginObject()
		w.Member("id", p.Issuer.String())
		w.Member("name", p.IssuerName)
		w.Member("description", p.IssuerDescription)
		w.EndObject()
	}
	w.Member("validFrom", datetime.Format(p.ValidFrom))
	w.Member("validUntil", datetime.Format(p.ValidUntil))
	w.Name("credentialSubject")
	p.appendSubject(w)
	if err := appendStatus(w, p.Status, p.StatusForm == StatusList); err != nil {
		return err
	}
	w.EndObject()
	return nil
}

// contextsFor returns the contexts of a credential with these status entries.
func contextsFor(status []statuslist.Entry) []string {
	cx := []string{credential.ContextV2, Context}
	for i := range status {
		if url := status[i].Encoding.Context(); url != "" && !slices.Contains(cx, url) {
			cx = append(cx, url)
		}
	}
	return cx
}

// appendStatus writes credentialStatus: one entry as it is, unless it is to
// are written in a list, several as a list.
func appendStatus(w *jsonwrite.Writer, status []statuslist.Entry, list bool) error {
	if len(status) == 0 {
		return nil
	}
	list = list || len(status) > 1
	w.Name("credentialStatus")
	if list {
		w.BeginArray()
	}
	for i, e := range status {
		text, err := e.MarshalJSON()
		if err != nil {
			return invalid("/credentialStatus/"+strconv.Itoa(i), "%v", err)
		}
		w.Raw(string(text))
	}
	if list {
		w.EndArray()
	}
	return nil
}

func (p *Passport) appendSubject(w *jsonwrite.Writer) {
	w.BeginObject()
	w.Member("id", p.Agent.String())
	w.Member("type", SubjectType)
	w.Member("name", p.Name)
	w.Member("description", p.Description)
	w.Member("role", p.Role)
	w.Member("framework", p.Framework)
	w.Member("humanPrincipal", p.HumanPrincipal)
	w.Member("organizationDID", p.OrganizationDID)
	w.Member("grantId", p.GrantID)
	w.Member("templateId", p.TemplateID)
	for _, f := range facets {
		if f != &depthFacet { // which is written beside the link's own depth
			f.write(w, &p.Authority)
		}
	}
	if at := p.Attestation; !at.IsZero() {
		w.Name("attestation")
		w.BeginObject()
		w.Member("framework", at.Framework)
		w.Member("modelDigest", at.ModelDigest)
		w.Member("promptDigest", at.PromptDigest)
		w.Member("toolsDigest", at.ToolsDigest)
		w.EndObject()
	}
	if c := p.Consent; !c.IsZero() {
		w.Name("consent")
		w.BeginObject()
		w.Member("id", c.ID)
		w.Member("type", c.Type)
		w.Member("digestMultibase", c.Digest)
		w.EndObject()
	}
	if p.DelegationDepth != 0 {
		w.Name("delegationDepth")
		w.Int(int64(p.DelegationDepth))
	}
	depthFacet.write(w, &p.Authority)
	w.Member("parentPassportId", p.ParentPassportID)
	w.Member("parentDigest", p.ParentDigest)
	if p.Extensions.Exists() {
		w.Name("extensions")
		w.Raw(p.Extensions.Raw())
	}
	w.EndObject()
}
