package verify

import (
	"maps"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// Evidence is what a decision stood on, by identifiers and digests: what a
// receipt of it says. It reveals no claim of a passport, so a refusal has it
// too. What the decision did not get to is absent. Digests are SHA-256
// multihashes in multibase base64url, over the JCS form.
type Evidence struct {
	Links   []LinkEvidence // root … leaf, as they were presented, proven or not
	Request string         // digest of the question, without the caller's own bookkeeping; see [Request.Digest]
	Intent  string         // digest of the signed intent without its times; "" if step 4 was not reached, or none was presented
	Policy  string         // digest of the ids of the host's rules, in their order; "" if there are none
	Lists   []ListEvidence // the status lists that were believed, in the order of their use
}

// LinkEvidence is one passport of the chain.
type LinkEvidence struct {
	ID     string
	Digest string // as a delegated passport names its parent
}

// ListEvidence is one status list.
type ListEvidence struct {
	URL  string
	AsOf time.Time // the instant that the list speaks for
}

// gather fills in the evidence of a decision that is made.
func (r *run) gather() {
	if !r.v.config.Evidence || r.mode != decision {
		return
	}
	e := &Evidence{Request: r.request.Digest(), Intent: r.content, Policy: r.v.policyDigest, Lists: slices.Clone(r.believed)}
	for i := range r.links {
		e.Links = append(e.Links, LinkEvidence{ID: r.links[i].passport.ID, Digest: r.links[i].digest()})
	}
	r.decision.Evidence = e
}

// believe notes a list that the decision stands on.
func (r *run) believe(url string, asOf time.Time) {
	if r.v.config.Evidence && !slices.ContainsFunc(r.believed, func(l ListEvidence) bool { return l.URL == url && l.AsOf.Equal(asOf) }) {
		r.believed = append(r.believed, ListEvidence{URL: url, AsOf: asOf})
	}
}

// policyDigest returns the digest of what rules are called.
func policyDigest(rules []Rule) string {
	if len(rules) == 0 {
		return ""
	}
	ids := make([]string, len(rules))
	for i := range rules {
		ids[i] = rules[i].ID
	}
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("rules", ids)
	w.EndObject()
	return digestOf(w.Buf)
}

// Digest returns the digest of what is asked: audience, nonce, the act with
// its attributes, body, usage, operation, what runs, and who and what is
// concerned. Two requests that have one digest ask the same. AcceptRepeat says
// how the caller answers, and does not count.
func (q *Request) Digest() string {
	var w jsonwrite.Writer
	w.BeginObject()
	for _, m := range [...][2]string{
		{"audience", q.Audience}, {"nonce", q.Nonce},
		{"bodyDigest", q.BodyDigest}, {"operation", q.Operation}, {"credentialKind", q.CredentialKind},
		{"resourceOwner", q.ResourceOwner}, {"minAssurance", string(q.MinAssurance)},
		{"framework", q.Running.Framework}, {"model", q.Running.ModelDigest},
		{"prompt", q.Running.PromptDigest}, {"tools", q.Running.ToolsDigest},
	} {
		w.Member(m[0], m[1])
	}
	w.Name("act")
	w.BeginObject()
	for name, text := range q.Act.Members() {
		w.Member(name, text)
	}
	w.Name("decimals")
	w.Int(int64(q.Amount.Decimals()))
	w.EndObject()
	w.Strings("discharges", slices.Sorted(slices.Values(q.Discharges)))
	if q.Attributes.Exists() {
		w.Name("attributes")
		w.Raw(q.Attributes.Raw())
	}
	if len(q.Usage) > 0 {
		w.Name("usage")
		w.BeginObject()
		for _, name := range slices.Sorted(maps.Keys(q.Usage)) {
			w.Name(name)
			w.Int(q.Usage[name])
		}
		w.EndObject()
	}
	w.EndObject()
	return digestOf(w.Buf)
}

// digestOf returns the digest of a text of our own making, "" if it is not
// JSON that can be read back: then it says the same as another one could.
func digestOf(text []byte) string {
	v, err := credential.ParseValue(string(text))
	if err != nil {
		return ""
	}
	return multibase.Digest(jcs.Append(nil, v))
}
