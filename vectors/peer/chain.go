package peer

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/verify"
)

// act is what is asked for, with the names that it has in an intent.
type act struct {
	Action            string          `json:"action"`
	Resource          string          `json:"resource"`
	TransactionAmount *amount         `json:"transactionAmount"`
	Payee             string          `json:"payee"`
	Category          string          `json:"category"`
	Rail              string          `json:"rail"`
	Region            string          `json:"region"`
	Parameters        json.RawMessage `json:"parameters"`
}

func (a *act) act() (out passport.Act, err error) {
	out = passport.Act{Action: a.Action, Resource: a.Resource, Payee: a.Payee, Category: a.Category, Rail: a.Rail,
		Region: a.Region}
	if out.Amount, err = a.TransactionAmount.money(); err != nil {
		return out, err
	}
	if len(a.Parameters) > 0 {
		out.Attributes, err = credential.ParseValue(string(a.Parameters))
	}
	return out, err
}

// shell is a passport around the members of an authority, of which only the
// authority is used.
const shell = `{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],` +
	`"type":["VerifiableCredential","AgentPassportCredential"],` +
	`"id":"urn:safeconduct:passport:01KAJ0000000000000000000AA",` +
	`"issuer":"did:web:issuer.example","validFrom":"2026-11-21T08:00:00Z","validUntil":"2026-11-22T08:00:00Z",` +
	`"credentialStatus":{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"7",` +
	`"statusListCredential":"https://issuer.example/status/1"},` +
	`"credentialSubject":{"id":"did:web:agent.example","type":"AIAgent"`

func authority(raw json.RawMessage) (*passport.Authority, error) {
	members := strings.TrimSpace(string(raw))
	members = strings.TrimSpace(members[1:])
	doc := shell
	if members != "}" {
		doc += ","
	}
	s, err := credential.Parse([]byte(doc + members + "}"))
	if err != nil {
		return nil, err
	}
	p, err := passport.ReadUnverified(s)
	if err != nil {
		return nil, err
	}
	return &p.Authority, nil
}

func authorities(raw []json.RawMessage) (list []*passport.Authority, err error) {
	for _, r := range raw {
		a, err := authority(r)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

func narrowKind(q *question) (vectors.Answer, error) {
	var in struct {
		Chain []json.RawMessage
		Child json.RawMessage
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	chain, err := authorities(in.Chain)
	if err != nil {
		return vectors.Answer{}, err
	}
	child, err := authority(in.Child)
	if err != nil {
		return vectors.Answer{}, err
	}
	e := chain[0].Effective()
	for _, a := range chain[1:] {
		e = e.Intersect(a)
	}
	err = e.Admits(child)
	if err == nil {
		return accept(nil)
	}
	return refusal(places(err))
}

// places returns each error of a joined one.
func places(err error) (list []*passport.Error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			list = append(list, places(e)...)
		}
		return list
	}
	var e *passport.Error
	if errors.As(err, &e) {
		list = append(list, e)
	}
	return list
}

// refusal answers with codes and with the places, in order and each once.
func refusal(list []*passport.Error) (vectors.Answer, error) {
	a := vectors.Answer{Verdict: "refuse"}
	var paths []string
	for _, e := range list {
		a.Codes = append(a.Codes, string(e.Code))
		paths = append(paths, e.Path)
	}
	slices.Sort(paths)
	var err error
	if a.Output, err = json.Marshal(object{"paths": slices.Compact(paths)}); err != nil {
		return a, &broken{err}
	}
	return a, nil
}

func permitsKind(q *question) (vectors.Answer, error) {
	var in struct {
		Chain    []json.RawMessage
		Act      act
		Audience string
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	chain, err := authorities(in.Chain)
	if err != nil {
		return vectors.Answer{}, err
	}
	asked, err := in.Act.act()
	if err != nil {
		return vectors.Answer{}, err
	}
	if reasons := passport.Permits(chain, &asked, in.Audience, q.now); len(reasons) > 0 {
		return refusal(reasons)
	}
	return accept(nil)
}

func codeKind(q *question) (vectors.Answer, error) {
	var in struct{ Code string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	info, ok := verify.Lookup(verify.Code(in.Code))
	if !ok {
		return vectors.Answer{Verdict: "refuse"}, nil
	}
	verdict := "deny"
	if info.Undetermined {
		verdict = "undetermined"
	}
	aip, _ := info.AIP1Error()
	return accept(object{
		"verdict": verdict, "http": info.HTTP, "aip1": aip,
		"oap": list(info.OAP), "grantex": list(info.Grantex), "w3c": list(info.W3C),
	})
}

// list is never null.
func list(l []string) []string { return append([]string{}, l...) }
