package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/verify/bundle"
)

// bundleJSON is what bundle create, inspect and verify print with -json.
type bundleJSON struct {
	header
	Verified bool   `json:"verified"` // false of inspect
	Warning  string `json:"warning,omitempty"`

	ID       string          `json:"id"`
	Issuer   string          `json:"issuer"`
	Sequence int64           `json:"sequence"`
	Audience []string        `json:"audience,omitempty"`
	Created  string          `json:"created"`
	Until    string          `json:"validUntil"`
	KeyID    string          `json:"keyId"`
	Digest   string          `json:"digest"`
	Entries  []entryJSON     `json:"entries"`
	Bundle   json.RawMessage `json:"bundle,omitempty"` // of create without -o
}

type entryJSON struct {
	Kind      string `json:"kind"`
	ID        string `json:"id"`
	Source    string `json:"source"`
	Digest    string `json:"digest"`
	FetchedAt string `json:"fetchedAt"`
	UseBy     string `json:"useBy"`
	Bytes     int    `json:"bytes"`
	Vouched   bool   `json:"vouched,omitempty"`
}

func newBundleJSON(what string, i *bundle.Info) bundleJSON {
	j := bundleJSON{
		header: kind(what), Warning: unverified,
		ID: i.ID, Issuer: i.Issuer.String(), Sequence: i.Sequence, Audience: i.Audience,
		Created: instant(i.Created), Until: instant(i.ValidUntil), KeyID: i.KeyID.String(), Digest: i.Digest,
		Entries: make([]entryJSON, 0, len(i.Entries)),
	}
	for _, e := range i.Entries {
		j.Entries = append(j.Entries, entryJSON{
			string(e.Kind), e.ID, e.Source, e.Digest, instant(e.FetchedAt), instant(e.UseBy), e.Bytes, e.Vouched,
		})
	}
	return j
}

// bundle prints what a bundle says of itself.
func (p printer) bundle(j *bundleJSON) {
	p.field("series", j.ID)
	p.field("edition", strconv.FormatInt(j.Sequence, 10))
	p.field("signer", j.Issuer)
	p.field("for", strings.Join(j.Audience, ", "))
	p.field("created", j.Created)
	p.field("valid until", j.Until)
	p.field("digest", j.Digest)
	for _, e := range j.Entries {
		p.field(e.Kind, e.ID)
		p.field("  fetched", e.FetchedAt+", use by "+e.UseBy+", "+strconv.Itoa(e.Bytes)+" bytes"+ifTrue(e.Vouched, ", the signer vouches for it"))
		if e.Source != e.ID {
			p.field("  source", e.Source)
		}
	}
}

// bundleDiffJSON is what bundle diff prints with -json.
type bundleDiffJSON struct {
	header
	Old     int64              `json:"old"` // the numbers of the editions
	New     int64              `json:"new"`
	Changes []bundleChangeJSON `json:"changes"`
}

type bundleChangeJSON struct {
	Kind   string `json:"kind,omitempty"` // of the entry; absent: the bundle itself
	ID     string `json:"id"`
	What   string `json:"what"` // added, removed, changed or renewed
	Detail string `json:"detail,omitempty"`
}

func newBundleDiffJSON(old, next *bundle.Bundle, changes []bundle.Change) bundleDiffJSON {
	j := bundleDiffJSON{kind("bundle-diff"), old.Info().Sequence, next.Info().Sequence, []bundleChangeJSON{}}
	for _, c := range changes {
		j.Changes = append(j.Changes, bundleChangeJSON{string(c.Kind), c.ID, c.What, c.Detail})
	}
	return j
}
