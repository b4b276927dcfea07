package main

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	people "github.com/safeconduct/safeconduct/verify/view"
)

// The library writes the versioned JSON of passports, decisions and reports;
// what it does not, stands here.

// jsonWith is the JSON object of a value with one more member.
type jsonWith struct {
	json.Marshaler
	name, text string
}

func (j jsonWith) MarshalJSON() ([]byte, error) {
	object, err := j.Marshaler.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return append(object[:len(object)-1], `,"`+j.name+`":`+j.text+`}`...), nil
}

func entryView(e statuslist.Entry) view {
	return view{{"purpose", "", string(e.Purpose)}, {"url", "", e.URL}, {"index", "", e.Index}}
}

// intentLines are what an intent says to people.
func intentLines(in *passport.Intent, now time.Time) view {
	v := view{{"", "intent", in.ID}, {"", "act", people.Act(&in.Act)}, {"", "passport", in.PassportID}}
	if in.Attributes.Exists() {
		v = append(v, row{"", "parameters", in.Attributes.Raw()})
	}
	return append(v, view{
		{"", "body digest", in.BodyDigest}, {"", "issued", instant(in.IssuedAt)},
		{"", "ends", during(in.ExpiresAt, !now.Before(in.ExpiresAt), " (over)")},
	}...)
}

func proofViews(list []credential.ProofInfo) []view {
	out := make([]view, 0, len(list))
	for _, p := range list {
		out = append(out, view{
			{"", "proof by", p.VerificationMethod.String()},
			{"type", ifTrue(p.Cryptosuite == "", "form"), p.Type}, {"cryptosuite", "suite", p.Cryptosuite},
			{"verificationMethod", "", p.VerificationMethod.String()}, {"proofPurpose", "made for", string(p.Purpose)},
			{"created", "created", instant(p.Created)}, {"expires", "expires", instant(p.Expires)},
			{"domain", "audience", p.Domain}, {"challenge", "challenge", p.Challenge},
		})
	}
	return out
}

// passportLines are what a passport says to people, beside what every credential says.
func passportLines(p *passport.Passport) view {
	v := view{
		{"", "agent", p.Agent.String()}, {"", "name", p.Name}, {"", "principal", p.HumanPrincipal}, {"", "organization", p.OrganizationDID},
		{"", "consent", p.Consent.ID}, {"", "parent", p.ParentPassportID}, {"", "depth", ifTrue(p.Delegated(), strconv.Itoa(p.DelegationDepth))},
	}
	for _, e := range p.Status {
		v = append(v, row{"", string(e.Purpose), e.URL + ", index " + strconv.Itoa(e.Index)})
	}
	for name, text := range people.Facets(p.Authority.Effective()) {
		v = append(v, row{"", name, text})
	}
	return v
}
