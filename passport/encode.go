package passport

import (
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/statuslist"
)

// statusList2021Context is needed beside a StatusList2021 entry.
const statusList2021Context = "https://w3id.org/vc/status-list/2021/v1"

// appendJSON writes the passport as an unsecured credential.
func (p *Passport) appendJSON(w *jsonwrite.Writer) error {
	if err := below("/credentialSubject", p.Authority.checkSayable()); err != nil {
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
		if status[i].Encoding == statuslist.StatusList2021 {
			return append(cx, statusList2021Context)
		}
	}
	return cx
}

// appendStatus writes credentialStatus: one entry as it is, unless it is to
// stand in a list, several as a list.
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
	p.Authority.appendMembers(w)
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
	if n := p.Authority.MaxDelegationDepth; n != 0 {
		w.Name("maxDelegationDepth")
		w.Int(int64(n))
	}
	w.Member("parentPassportId", p.ParentPassportID)
	w.Member("parentDigest", p.ParentDigest)
	if p.Extensions.Exists() {
		w.Name("extensions")
		w.Raw(p.Extensions.Raw())
	}
	w.EndObject()
}

func (a *Authority) appendMembers(w *jsonwrite.Writer) {
	if len(a.Capabilities) > 0 {
		w.Name("capabilities")
		w.BeginArray()
		for _, c := range a.Capabilities {
			c.append(w)
		}
		w.EndArray()
	}
	w.Strings("deniedActions", a.DeniedActions)
	w.Strings("allowedMPPCategories", a.Categories)
	w.Strings("paymentRails", a.Rails)
	if !a.MaxTransaction.IsZero() {
		w.Name("maxTransactionAmount")
		w.BeginObject()
		a.MaxTransaction.appendMembers(w)
		w.EndObject()
	}
	if len(a.SpendLimits) > 0 {
		w.Name("spendLimits")
		w.BeginArray()
		for _, l := range a.SpendLimits {
			w.BeginObject()
			l.Money.appendMembers(w)
			w.Member("per", string(l.Per))
			w.Member("timeZone", l.TimeZone)
			w.Member("action", l.Action)
			w.EndObject()
		}
		w.EndArray()
	}
	if len(a.Limits) > 0 {
		w.Name("limits")
		w.BeginObject()
		for _, l := range a.Limits {
			w.Name(l.Name)
			if l.Kind == LimitAllow {
				w.Bool(l.Bool)
			} else {
				w.Int(l.Int)
			}
		}
		w.EndObject()
	}
	w.Strings("payees", a.Payees)
	w.Strings("resources", a.Resources)
	w.Strings("audiences", a.Audiences)
	w.Strings("regions", a.Regions)
	a.appendWindows(w)
	if s := a.Assurance; !s.IsZero() {
		w.Name("assurance")
		w.BeginObject()
		w.Member("level", string(s.Level))
		w.Member("method", s.Method)
		w.Member("provider", s.Provider)
		if !s.VerifiedAt.IsZero() {
			// With its fraction, if it has one: only what Issue itself chooses is
			// cut to whole seconds.
			w.Member("verifiedAt", s.VerifiedAt.UTC().Format(time.RFC3339Nano))
		}
		w.Member("evidenceDigest", s.EvidenceDigest)
		w.EndObject()
	}
}

func (a *Authority) appendWindows(w *jsonwrite.Writer) {
	if len(a.TimeWindows) == 0 {
		return
	}
	w.Name("timeWindows")
	w.BeginArray()
	for _, t := range a.TimeWindows {
		w.BeginObject()
		w.Strings("days", t.Days)
		w.Member("start", t.Start)
		w.Member("end", t.End)
		w.Member("timeZone", t.TimeZone)
		w.EndObject()
	}
	w.EndArray()
}

func (m Money) appendMembers(w *jsonwrite.Writer) {
	w.Member("amount", m.Amount())
	w.Member("currency", m.currency)
	if m.stated {
		w.Name("decimals")
		w.Int(int64(m.decimals))
	}
}

func (c *Capability) append(w *jsonwrite.Writer) {
	w.BeginObject()
	w.Member("action", c.Action)
	if len(c.Params) > 0 {
		w.Name("params")
		w.BeginObject()
		for _, p := range c.Params {
			w.Name(p.Name)
			switch p.Kind {
			case ParamBool:
				w.Bool(p.Bool)
			case ParamStrings:
				if p.single && len(p.Strings) == 1 {
					w.String(p.Strings[0])
					break
				}
				w.BeginArray()
				for _, s := range p.Strings {
					w.String(s)
				}
				w.EndArray()
			default:
				w.Int(p.Int)
			}
		}
		w.EndObject()
	}
	w.EndObject()
}
