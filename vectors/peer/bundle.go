package peer

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/verify/bundle"
)

func bundleKind(q *question) (vectors.Answer, error) {
	var in struct {
		Bundle       string
		Signers      []string
		ID, Audience string
		MinSequence  int64
		Skew         int
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	o := bundle.Options{ID: in.ID, Audience: in.Audience, MinSequence: in.MinSequence,
		Now:  func() time.Time { return q.now },
		Skew: time.Duration(in.Skew) * time.Second}
	for _, s := range in.Signers {
		d, err := did.Parse(s)
		if err != nil {
			return vectors.Answer{}, &broken{err}
		}
		o.Signers = append(o.Signers, d)
	}
	b, err := bundle.Open(context.Background(), []byte(in.Bundle), o)
	if err != nil {
		return vectors.Answer{}, err
	}
	info := b.Info()
	entries := object{}
	for _, e := range info.Entries {
		entries[e.ID] = e.Digest
	}
	return accept(object{"sequence": info.Sequence, "issuer": info.Issuer.String(), "entries": entries,
		"anchors": len(b.Anchors())})
}
