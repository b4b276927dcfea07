package view

import (
	"strconv"

	"github.com/safeconduct/safeconduct/verify/bundle"
)

// Bundle is what a trust bundle says of itself. Unless verified is set, the page says that nothing was checked. Set it
// for the Info of a bundle that bundle.Open has returned, and for no other.
func Bundle(i *bundle.Info, verified bool) Page {
	entries := []Page{}
	for _, e := range i.Entries {
		p := Page{
			{"kind", "", string(e.Kind)}, {"id", string(e.Kind), e.ID},
			{"source", ifTrue(e.Source != e.ID, "source"), e.Source},
			{"digest", "", e.Digest}, {"fetchedAt", "", instant(e.FetchedAt)}, {"useBy", "", instant(e.UseBy)},
			{"bytes", "", e.Bytes},
			{"", "fetched", instant(e.FetchedAt) + ", use by " + instant(e.UseBy) + ", " + strconv.Itoa(e.Bytes) +
				" bytes" +
				ifTrue(e.Vouched, ", the signer vouches for it")},
		}
		if e.Vouched {
			p = append(p, Row{"vouched", "", true})
		}
		entries = append(entries, p)
	}
	useful := ""
	if e := i.EndsFirst(); e != nil {
		useful = instant(e.UseBy)
	}
	return Page{
		{"verified", "", verified}, {"warning", "", ifTrue(!verified, Unverified)},
		{"id", "series", i.ID}, {"issuer", "signer", i.Issuer.String()}, {"sequence", "edition", i.Sequence},
		{"audience", "for", i.Audience},
		{"created", "created", instant(i.Created)}, {"validUntil", "valid until", instant(i.ValidUntil)},
		{"usefulUntil", "useful until", useful}, {"keyId", "", i.KeyID.String()}, {"digest", "digest", i.Digest},
		{"entries", "entries", entries},
	}
}
