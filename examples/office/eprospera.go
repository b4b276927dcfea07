package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	scopes "github.com/safeconduct/safeconduct/verify/policy/eprospera"
)

// nobodys is whose account something belongs to that does not exist: it reads as somebody else's.
const nobodys = "urn:none"

// checked is what an agent key may do. The registers that hold the data are the host's.
type checked struct {
	Data      json.RawMessage `json:"data"`
	Check     check           `json:"check"`
	NextSteps *nextSteps      `json:"nextSteps,omitempty"`
}

type check struct {
	Operation  string `json:"operation"`
	Scope      string `json:"scope"`
	DecisionID string `json:"decision_id"`
}

// nextSteps is what the owner still has to do; null where nothing is left (E5).
type nextSteps struct {
	Signature *string `json:"signature"`
}

// gated is a handler that asks the gate for an operation (E1, E6, E7), and then, in a real portal, the register.
// members are what the body may have, all of them texts.
func gated(operation string, members ...string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		fields, err := c.texts(members)
		if err != nil {
			return nil, err
		}
		q := verify.Request{
			Audience: c.Office.Issuer().String(), Operation: operation, Discharges: []string{verify.SignAgreement},
			Act: passport.Act{Action: "unknown"},
		}
		scope, known := c.Gate.Scopes.Lookup(operation)
		if known {
			q.Action = scope.ID
		}
		if id := c.r.PathValue("id"); id != "" {
			q.Resource = id
			if q.ResourceOwner = c.Account(id); q.ResourceOwner == "" {
				// It is recorded that it was asked for, whatever it is.
				q.Resource, q.ResourceOwner = url.QueryEscape(clip(id)), nobodys
			}
		}
		if q.Attributes, err = attributesOf(scope.ID, fields); err != nil {
			return nil, err
		}
		access, err := c.Gate.Verify(c.ctx(), "Bearer "+bearerOf(c.r.Header), q)
		if err != nil {
			return nil, &gateError{access.HTTPStatus(), access.Code(), access.Violations}
		}
		if err := access.Commit(c.ctx()); err != nil {
			return nil, err
		}
		out := checked{Data: json.RawMessage("null"), Check: check{operation, scope.ID, access.ID}}
		if scope.ID == scopes.ApplicationCreate {
			out.NextSteps = &nextSteps{}
			if len(access.Obligations) > 0 {
				link := "/sign/" + access.ID
				out.NextSteps.Signature = &link
			}
		}
		return out, nil
	}
}

// texts reads the body of a call that has one.
func (c *call) texts(members []string) (map[string]string, error) {
	if c.r.Method != http.MethodPost {
		return nil, nil
	}
	var fields map[string]string
	if err := c.decode(&fields); err != nil {
		return nil, err
	}
	for name := range fields {
		if !slices.Contains(members, name) {
			return nil, badRequest(clip(name), "there is no such member")
		}
	}
	return fields, nil
}

// attributesOf is what an act says of what it is about. This office has no applications but those made through it (E8).
func attributesOf(scope string, fields map[string]string) (credential.Value, error) {
	switch scope {
	case scopes.ApplicationCreate:
		kind := fields["residencyType"]
		if kind != scopes.Resident && kind != scopes.EResident {
			return credential.Value{}, badRequest("residencyType", "want Resident or e-Resident")
		}
		return credential.ParseValue(`{"residencyType":"` + kind + `"}`)
	case scopes.ApplicationRead:
		return credential.ParseValue(`{"` + scopes.Provenance + `":"api"}`)
	}
	return credential.Value{}, nil
}

// gateError is why the gate refused.
type gateError struct {
	status     int
	code       verify.Code
	violations []verify.Violation
}

// Error says why.
func (e *gateError) Error() string { return string(e.code) }

// shown is the error as e-Próspera answers it: who cannot be known and who may not are told apart, and what is another
// account's reads as absent.
func (e *gateError) shown() problem {
	p := problem{Error: "insufficient_permissions", Description: "the key may not do this"}
	switch {
	case e.status == http.StatusUnauthorized:
		p = problem{Error: "invalid_token", Description: "the token is not an agent key that is in force"}
		if e.code == verify.EnvelopeMissing {
			p.Error = "missing_token"
		}
	case e.status >= http.StatusInternalServerError:
		p = problem{Error: "temporarily_unavailable", Description: "ask again"}
	case e.status == http.StatusNotFound:
		p = problem{Error: "not_found", Description: "there is no such thing"}
	case e.code == verify.AuthorityScopeMissing:
		p.Error = "missing_scopes"
		fallthrough
	default:
		var details []string
		for _, v := range e.violations {
			details = append(details, v.Detail)
		}
		p.Description = strings.Join(details, "; ")
	}
	return p
}
